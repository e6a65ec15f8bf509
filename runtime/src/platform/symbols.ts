import { PlatformError } from '../errors.js';
import type { Library } from './koffi.js';
import { plainly } from './plainly.js';

/** A function of the system. What it takes and returns is said by its prototype, which TypeScript cannot read. */
export type Native = (...args: readonly unknown[]) => number | bigint;

/** Looks a function up; undefined when this version of the system does not have it. */
export function bindIfThere(library: Library, prototype: string): Native | undefined {
  try {
    return library.func(prototype) as Native;
  } catch {
    return undefined;
  }
}

/** Looks a function up. Throws PlatformError that names it, and since when the system has it. */
export function bind(library: Library, prototype: string, since = ''): Native {
  const found = bindIfThere(library, prototype);
  if (found !== undefined) return found;
  const symbol = /(\w+)\(/.exec(prototype)?.[1] ?? prototype;
  const message =
    `manycore needs ${symbol}(), which this system (${process.platform} ${process.arch}) does not have` +
    (since === '' ? '.' : `: it takes ${since}.`);
  throw plainly(() => new PlatformError(message));
}
