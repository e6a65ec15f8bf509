import { isBundled, singleExecutable } from '../../home.js';
import { childArguments, runChild } from './bootstrap.js';
import { evaluated, rememberEntry } from './frozen.js';

/**
 * In a process that was started to be a child of a bundled program or a single executable, while the library in it is
 * being loaded: takes its place at once, and does its work when the modules around have been evaluated, so that all
 * they `expose` is there. In any other process nothing happens.
 */
export function bootFromBundle(): void {
  const child = childArguments();
  if (child === undefined) return;
  if (singleExecutable() !== null) void runChild(child, nextTurn());
  else if (isBundled) {
    rememberEntry(process.argv[5]);
    void runChild(child, evaluated());
  }
}

const nextTurn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));
