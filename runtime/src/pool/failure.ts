import { inspect } from 'node:util';
import { MaybeEncodingError, RemoteTraceback } from '../errors.js';
import { encode, type Encoded } from '../pickle/index.js';
import { usersStack } from '../process/index.js';
import type { TaskFailure } from './messages.js';

/** How much of a value an error quotes. */
const QUOTED = 1000;

/** In the worker: what a task threw, as bytes; as `MaybeEncodingError` if it cannot travel. Never throws. */
export function encodeFailure(thrown: unknown): Encoded {
  const stack = tidied(thrown, stackOf(thrown));
  try {
    return encode([thrown, stack] satisfies TaskFailure, { root: 'error' });
  } catch (error) {
    return encode([new MaybeEncodingError(quote(error), quote(thrown)), stack] satisfies TaskFailure);
  }
}

/** In the worker: the failure of a task whose result cannot travel. */
export const unsendableResult = (error: unknown, result: unknown): MaybeEncodingError =>
  new MaybeEncodingError(quote(error), quote(result));

/** In the owner: what the job is rejected with, the worker's stack as its cause. Never throws. */
export function rebuiltFailure([thrown, stack]: TaskFailure): unknown {
  if (!(thrown instanceof Error) || stack === null) return thrown;
  const traceback = new RemoteTraceback(stack);
  try {
    // The error shows that stack as its own: once is enough for who reads it.
    if (thrown.stack === stack) traceback.stack = 'RemoteTraceback: the stack above is that of the worker';
    if (thrown.cause !== undefined) traceback.cause = thrown.cause;
    const property = { value: traceback, configurable: true, writable: true, enumerable: false };
    Object.defineProperty(thrown, 'cause', property);
  } catch {
    // A frozen error, or one whose properties throw, stays as it is.
  }
  return thrown;
}

/** An error, or whatever else was thrown, in the middle of a sentence. Never throws. */
export function saidBy(thrown: unknown): string {
  return quote(thrown);
}

function stackOf(thrown: unknown): string | null {
  try {
    return thrown instanceof Error && typeof thrown.stack === 'string' ? thrown.stack : null;
  } catch {
    return null;
  }
}

/** The stack that is told, which is the error's own from now on, where that can be set. */
function tidied(thrown: unknown, stack: string | null): string | null {
  if (stack === null) return null;
  const told = usersStack(stack);
  try {
    if (told !== stack) (thrown as Error).stack = told;
  } catch {
    // It is frozen.
  }
  return told;
}

/** As `repr` would show it, cut to a length that an error message can bear. */
function quote(value: unknown): string {
  let text: string;
  try {
    text =
      value instanceof Error ? `${value.name}: ${value.message}` : inspect(value, { depth: 2, breakLength: Infinity });
  } catch {
    text = `<a ${typeof value} that cannot be shown>`;
  }
  return text.length <= QUOTED ? text : `${text.slice(0, QUOTED)}…`;
}
