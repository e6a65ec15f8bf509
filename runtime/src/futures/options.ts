import { ValueError } from '../errors.js';
import { checkNames } from '../optionNames.js';
import { checkPoolOptions, type PoolOptions } from '../pool/ground.js';

/** How an executor is made (Python: the arguments of `concurrent.futures.ProcessPoolExecutor`). */
export interface ExecutorOptions {
  /** The most workers there will be; `processCpuCount()` by default: as many as this process may use processors. */
  readonly maxWorkers?: number | undefined;
  /**
   * How workers are started: what `getContext()` gives. By default the program's start method, and `'spawn'` with
   * `maxTasksPerChild`.
   */
  readonly context?: PoolOptions['context'];
  /** Runs in every worker before its first call; the executor is broken if it throws. */
  readonly initializer?: ((...args: never[]) => unknown) | undefined;
  readonly initArgs?: readonly unknown[] | undefined;
  /** A worker is replaced by a fresh one after so many calls; by default never. */
  readonly maxTasksPerChild?: number | undefined;
}

const NAMES = ['maxWorkers', 'context', 'initializer', 'initArgs', 'maxTasksPerChild'];

/** Python's choice for workers that are replaced. */
const SPAWN: PoolOptions['context'] = { getStartMethod: () => 'spawn' };

let executors = 0;

/** As the options of a pool. Throws ValueError or TypeError, with Python's words where Python refuses the same. */
export function checkExecutorOptions(
  options: number | ExecutorOptions | undefined,
): ReturnType<typeof checkPoolOptions> {
  const named = typeof options === 'number' ? { maxWorkers: options } : options;
  const given = checkNames(named, NAMES, 'ProcessPoolExecutor');
  const { maxWorkers, initializer, initArgs, maxTasksPerChild } = given;
  checkCount(maxWorkers, 'maxWorkers', 'maxWorkers must be greater than 0');
  checkCount(maxTasksPerChild, 'maxTasksPerChild', 'maxTasksPerChild must be >= 1');
  return checkPoolOptions({
    processes: maxWorkers,
    initializer,
    initArgs,
    maxTasksPerChild,
    context: given.context ?? (maxTasksPerChild == null ? undefined : SPAWN),
    name: `ProcessPoolExecutor-${executors++}`,
    // A call may start processes of its own, as in Python.
    daemon: false,
  });
}

function checkCount(value: unknown, name: string, words: string): void {
  if (value === undefined || value === null) return;
  if (typeof value !== 'number' || !(Number.isInteger(value) || Math.abs(value) === Infinity)) {
    throw new TypeError(`${name} must be an integer, not ${typeof value === 'number' ? value : typeof value}`);
  }
  if (value < 1) throw new ValueError(words);
}
