import type { AnyFunction } from './functions.js';
import { TaskKind } from './messages.js';

/** Calls a task's function as its kind says. Throws what that throws; a thenable is a task that is not finished yet. */
export function invoke(f: AnyFunction, kind: TaskKind, args: unknown): unknown {
  const call = f as (...args: unknown[]) => unknown;
  switch (kind) {
    case TaskKind.item:
      return call(args);
    case TaskKind.call:
      return call(...(args as unknown[]));
    case TaskKind.chunk:
      return callEach(call, args as unknown[], 0, []);
    case TaskKind.starChunk:
      return callEach((each: unknown) => call(...(each as unknown[])), args as unknown[], 0, []);
  }
}

/** How many calls of the function it is. */
export const callsOf = (kind: TaskKind, args: unknown): number =>
  kind === TaskKind.chunk || kind === TaskKind.starChunk ? (args as unknown[]).length : 1;

/** A `then` that cannot even be read is no promise's: what is wrong with it is said when the result is sent. */
export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T>;
export function isThenable(value: unknown): value is PromiseLike<unknown>;
export function isThenable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    return false;
  }
}

/** `f` of each item, one after the other, also when it is asynchronous: a worker does one thing at a time. */
function callEach(f: (item: unknown) => unknown, items: unknown[], from: number, results: unknown[]): unknown {
  for (let i = from; i < items.length; i++) {
    const result = f(items[i]);
    if (isThenable(result)) return continueEach(f, items, i, results, result);
    results.push(result);
  }
  return results;
}

async function continueEach(
  f: (item: unknown) => unknown,
  items: unknown[],
  at: number,
  results: unknown[],
  pending: PromiseLike<unknown>,
): Promise<unknown[]> {
  results.push(await pending);
  for (let i = at + 1; i < items.length; i++) results.push(await f(items[i]));
  return results;
}
