import fs from 'node:fs';
import { inspect } from 'node:util';
import { isBundled } from '../../home.js';
import { mapStack } from './mapStack.js';
import { unguardedStart } from '../unguarded.js';

const FRAME = /^\s+at /;
/** How deep what hangs on an error is shown: causes of causes, errors within an AggregateError. */
const DEPTH = 4;
const STDERR = 2;

/** What a process says on stderr before it ends of an error: `Process NAME:` and the error, as Python does. */
export function reportFatal(processName: string, error: unknown): void {
  tell(processName, textOf(unguardedStart() ?? error));
}

export function tell(processName: string, text: string): void {
  sayLast(`Process ${processName}:\n${text}\n`);
}

/** To stderr, whatever the program has done to `process.stderr`. */
export function sayLast(text: string): void {
  try {
    // Null, if the program has put that there.
    const stream = process.stderr as NodeJS.WriteStream | null | undefined;
    if (stream?.writable === true) stream.write(text);
    else fs.writeSync(STDERR, text);
  } catch {
    // There is nobody to tell.
  }
}

/** The error with its stack, in lines of its source. Never throws: an error may refuse to be looked at. */
function textOf(error: unknown): string {
  for (const show of [shown, plainly]) {
    try {
      return show(error);
    } catch {
      // The next one asks less of it.
    }
  }
  return 'Uncaught something that cannot be shown';
}

const shown = (error: unknown): string =>
  error instanceof Error
    ? mapStack(withoutOurFrames(inspect(error, { depth: DEPTH })))
    : `Uncaught ${inspect(error, { depth: DEPTH })}`;

function plainly(error: unknown): string {
  const { name, message } = error as Error;
  return `Uncaught ${name}: ${message}`;
}

/**
 * What a task threw, as the user knows it: the stack of its own code, in lines of its sources. One that has nothing but
 * frames of the library stays as it is.
 */
export function usersStack(stack: string): string {
  const kept = withoutOurFrames(stack);
  return kept.split('\n').some(line => FRAME.test(line)) ? mapStack(kept) : stack;
}

/** The stack as the user knows it: how the library got there explains nothing. */
function withoutOurFrames(text: string): string {
  const kept: string[] = [];
  for (const line of text.split('\n')) {
    const ours = FRAME.test(line) && ((!isBundled && line.includes(__filename)) || line.includes('node:internal/'));
    if (!ours) kept.push(line);
    // The last frame of an error with properties opens the list of them.
    else if (line.endsWith(' {')) kept.push(`${kept.pop() ?? ''} {`);
  }
  return kept.join('\n');
}
