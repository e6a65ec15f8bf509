import os from 'node:os';
import { ValueError } from '../errors.js';

/** How a pool is made (Python: the arguments of `multiprocessing.Pool`). */
export interface PoolOptions {
  /** Number of workers; as many as this process may use processors by default. */
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

/** How long a call may take, and what ends it early. */
export interface CallOptions {
  /** Milliseconds from the start of its first task; then the call rejects and its tasks are stopped. */
  readonly timeout?: number | undefined;
  /** Aborting rejects the call with the signal's reason and stops its tasks. */
  readonly signal?: AbortSignal | undefined;
}

export interface ChunkOptions {
  /** How many inputs travel to a worker together; by default a quarter of each worker's share. */
  readonly chunkSize?: number | undefined;
}

export interface CheckedPoolOptions {
  readonly processes: number;
  readonly initializer: unknown;
  readonly initArgs: readonly unknown[];
  readonly maxTasks: number;
  readonly name: string;
  readonly daemon: boolean;
}

/** Throws ValueError or TypeError with Python's words. */
export function checkPoolOptions(given: number | PoolOptions | undefined): CheckedPoolOptions {
  const options: PoolOptions = typeof given === 'number' ? { processes: given } : (given ?? {});
  const { initializer, initArgs } = options;
  if (initializer !== undefined && initializer !== null && typeof initializer !== 'function') {
    throw new TypeError('initializer must be a callable');
  }
  if (initArgs !== undefined && !Array.isArray(initArgs)) throw new TypeError('initArgs must be an array');
  return {
    processes: checkProcesses(options.processes),
    initializer,
    initArgs: initArgs ?? [],
    maxTasks: checkMaxTasks(options.maxTasksPerChild),
    name: options.name ?? '',
    daemon: options.daemon ?? true,
  };
}

function checkProcesses(processes: unknown): number {
  if (processes === undefined || processes === null) return os.availableParallelism();
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

/** Throws ValueError for what is no chunk size; undefined leaves the choice to the pool. */
export function checkChunkSize(chunkSize: unknown): number | undefined {
  if (chunkSize === undefined || chunkSize === null) return undefined;
  if (typeof chunkSize !== 'number' || !Number.isInteger(chunkSize) || chunkSize < 1) {
    throw new ValueError(`chunkSize must be 1 or more, not ${String(chunkSize)}`);
  }
  return chunkSize;
}

/** Throws TypeError or ValueError for what is no buffer size. */
export function checkBufferSize(bufferSize: unknown): number | undefined {
  if (bufferSize === undefined || bufferSize === null) return undefined;
  if (typeof bufferSize !== 'number' || !Number.isInteger(bufferSize)) {
    throw new TypeError('bufferSize must be an integer or undefined');
  }
  if (bufferSize < 1) throw new ValueError('bufferSize must be 1 or more');
  return bufferSize;
}

/** Milliseconds for a timer, undefined for no limit; nothing below 0. Throws TypeError for what is no number. */
export function timeoutOf(timeout: unknown): number | undefined {
  if (timeout === undefined || timeout === null || timeout === Infinity) return undefined;
  if (typeof timeout !== 'number' || Number.isNaN(timeout)) {
    throw new TypeError(`timeout must be a number of milliseconds, not ${String(timeout)}`);
  }
  return Math.min(Math.max(timeout, 0), 2 ** 31 - 1);
}
