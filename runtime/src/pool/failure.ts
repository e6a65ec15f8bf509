import { inspect } from 'node:util';
import { MaybeEncodingError, RemoteTraceback } from '../errors.js';
import { encode, type Encoded } from '../pickle/index.js';
import type { TaskFailure } from './messages.js';

/** How much of a value an error quotes. */
const QUOTED = 1000;

/** In the worker: what a task threw, as bytes; as `MaybeEncodingError` if it cannot travel. Never throws. */
export function encodeFailure(thrown: unknown): Encoded {
  const stack = stackOf(thrown);
  try {
    return encode([thrown, stack] satisfies TaskFailure, { root: 'error' });
  } catch (error) {
    return encode([new MaybeEncodingError(quote(error), quote(thrown)), stack] satisfies TaskFailure);
  }
}

/** In the worker: the failure of a task whose result cannot travel. */
export const unsendableResult = (error: unknown, result: unknown): MaybeEncodingError =>
  new MaybeEncodingError(quote(error), quote(result));

/** In the owner: what the job is rejected with, the worker's stack as its cause. */
export function rebuiltFailure([thrown, stack]: TaskFailure): unknown {
  if (!(thrown instanceof Error) || stack === null) return thrown;
  const traceback = new RemoteTraceback(stack);
  // The error shows that stack as its own: once is enough for who reads it.
  if (thrown.stack === stack) traceback.stack = 'RemoteTraceback: the stack above is that of the worker';
  if (thrown.cause !== undefined) traceback.cause = thrown.cause;
  setCause(thrown, traceback);
  return thrown;
}

function setCause(error: Error, cause: Error): void {
  try {
    Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true, enumerable: false });
  } catch {
    // A frozen error stays as it is.
  }
}

function stackOf(thrown: unknown): string | null {
  try {
    return thrown instanceof Error && typeof thrown.stack === 'string' ? thrown.stack : null;
  } catch {
    return null;
  }
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
