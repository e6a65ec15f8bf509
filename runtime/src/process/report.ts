import { inspect } from 'node:util';
import { unguardedStart } from './unguarded.js';

const FRAME = /^\s+at /;

/** What a process says on stderr before it ends of an error: `Process NAME:` and the error, as Python does. */
export function reportFatal(processName: string, error: unknown): void {
  const told = unguardedStart() ?? error;
  const text = told instanceof Error ? withoutOurFrames(inspect(told)) : `Uncaught ${inspect(told)}`;
  tell(processName, text);
}

export function tell(processName: string, text: string): void {
  process.stderr.write(`Process ${processName}:\n${text}\n`);
}

/** The stack as the user knows it: how the library got there explains nothing. */
function withoutOurFrames(text: string): string {
  const kept: string[] = [];
  for (const line of text.split('\n')) {
    const ours = FRAME.test(line) && (line.includes(__filename) || line.includes('node:internal/'));
    if (!ours) kept.push(line);
    // The last frame of an error with properties opens the list of them.
    else if (line.endsWith(' {')) kept.push(`${kept.pop() ?? ''} {`);
  }
  return kept.join('\n');
}
