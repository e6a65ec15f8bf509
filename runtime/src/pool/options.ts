import { ValueError } from '../errors.js';
import { processCpuCount } from '../process/index.js';
import { checkFunction } from './functions.js';
import { checkNames } from './optionNames.js';

/** How a pool is made (Python: the arguments of `multiprocessing.Pool`). */
export interface PoolOptions {
  /** Number of workers; `processCpuCount()` by default: as many as this process may use processors. */
  readonly processes?: number | undefined;
  /** Runs in every worker before its first task; the pool is broken if it throws. */
  readonly initializer?: ((...args: never[]) => unknown) | undefined;
  readonly initArgs?: readonly unknown[] | undefined;
  /** A worker is replaced by a fresh one after so many tasks; a chunk of a map counts as one. */
  readonly maxTasksPerChild?: number | undefined;
  /** What the process table shows. */
  readonly name?: string | undefined;
  /** Whether the workers are daemons, which may not start processes of their own; default true. */
  readonly daemon?: boolean | undefined;
}

export interface CheckedPoolOptions {
  readonly processes: number;
  readonly initializer: unknown;
  readonly initArgs: readonly unknown[];
  readonly maxTasks: number;
  readonly name: string;
  readonly daemon: boolean;
}

const NAMES = ['processes', 'initializer', 'initArgs', 'maxTasksPerChild', 'name', 'daemon'];

/** Throws ValueError or TypeError, with Python's words where Python refuses the same. */
export function checkPoolOptions(given: number | PoolOptions | undefined): CheckedPoolOptions {
  const options = typeof given === 'number' ? { processes: given } : checkNames(given, NAMES, 'Pool');
  const { initializer, initArgs, name, daemon } = options as PoolOptions;
  if (initializer !== undefined && initializer !== null && typeof initializer !== 'function') {
    throw new TypeError('initializer must be a callable');
  }
  if (typeof initializer === 'function') checkFunction(initializer, 'an initializer');
  checkType(name, 'name', 'string');
  checkType(daemon, 'daemon', 'boolean');
  if (initArgs !== undefined && !Array.isArray(initArgs)) throw new TypeError('initArgs must be an array');
  return {
    processes: checkProcesses(options.processes),
    initializer,
    initArgs: initArgs ?? [],
    maxTasks: checkMaxTasks((options as PoolOptions).maxTasksPerChild),
    name: name ?? '',
    daemon: daemon ?? true,
  };
}

function checkProcesses(processes: unknown): number {
  if (processes === undefined || processes === null) return processCpuCount();
  if (typeof processes !== 'number') throw new TypeError(`processes must be a number, not ${typeof processes}`);
  if (!(processes >= 1)) throw new ValueError('Number of processes must be at least 1');
  if (!Number.isInteger(processes)) throw new ValueError('Number of processes must be an integer');
  return processes;
}

function checkMaxTasks(maxTasks: unknown): number {
  if (maxTasks === undefined || maxTasks === null) return 0;
  if (typeof maxTasks !== 'number' || !Number.isInteger(maxTasks) || maxTasks < 1) {
    throw new ValueError('maxTasksPerChild must be a positive int or undefined');
  }
  return maxTasks;
}

function checkType(value: unknown, name: string, type: 'string' | 'boolean'): void {
  if (value === undefined || value === null || typeof value === type) return;
  throw new TypeError(`${name} must be a ${type}, not ${typeof value}`);
}
