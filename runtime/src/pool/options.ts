import { LONGEST_TIMER } from '../clock.js';
import { ValueError } from '../errors.js';
import { checkStart, processCpuCount, settleStartMethod, type ChildStdio, type StartMethod } from '../process/index.js';
import { checkFunction } from './functions.js';
import { checkNames } from '../optionNames.js';

/** How a pool is made (Python: the arguments of `multiprocessing.Pool`). */
export interface PoolOptions {
  /** Number of workers; `processCpuCount()` by default: as many as this process may use processors. */
  readonly processes?: number | undefined;
  /** Runs in every worker before its first task; the pool is broken if it throws. */
  readonly initializer?: ((...args: never[]) => unknown) | undefined;
  readonly initArgs?: readonly unknown[] | undefined;
  /** A worker is replaced by a fresh one after so many tasks; a chunk of a map counts as one. */
  readonly maxTasksPerChild?: number | undefined;
  /**
   * How much memory a worker may hold (resident, garbage included), in bytes or as `'512MB'`, where 1 KB is 1024 bytes.
   * A worker that has more after a task is replaced; one that gets to half as much again within a task is killed (on
   * Linux), and the task rejects with WorkerLostError. At least 64 MB, since an empty process takes about 50.
   */
  readonly memoryLimit?: number | string | undefined;
  /** Milliseconds after which a worker without work ends, if there are more than `minProcesses`; by default never. */
  readonly idleTimeout?: number | undefined;
  /** How many workers stay without work when there is an `idleTimeout`; default 1. */
  readonly minProcesses?: number | undefined;
  /** What the process table shows. */
  readonly name?: string | undefined;
  /** Whether the workers are daemons, which may not start processes of their own; default true. */
  readonly daemon?: boolean | undefined;
  /** Whose start method the workers are started by; by default the one of this process. */
  readonly context?: { getStartMethod(): StartMethod } | undefined;
  /**
   * Where stdout and stderr of the workers go: as for a process, but `'pipe'`. `'prefix'` and streams need this
   * process's event loop to turn.
   */
  readonly stdio?: Exclude<ChildStdio, 'pipe'> | undefined;
  /** Options for Node in the workers (`--max-old-space-size=512`); this process's own unless given. */
  readonly execArgv?: readonly string[] | undefined;
  /** The workers' environment; this process's own unless given. */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

export interface CheckedPoolOptions {
  readonly processes: number;
  readonly initializer: unknown;
  readonly initArgs: readonly unknown[];
  readonly maxTasks: number;
  /** Bytes; 0 for no limit. */
  readonly memoryLimit: number;
  /** Milliseconds; 0 for none. */
  readonly idleTimeout: number;
  readonly minProcesses: number;
  readonly name: string;
  readonly daemon: boolean;
  readonly startMethod: StartMethod;
  /** What the start of a process is told besides. */
  readonly start: Pick<PoolOptions, 'stdio' | 'execArgv' | 'env'>;
}

const NAMES = [
  'processes',
  'initializer',
  'initArgs',
  'maxTasksPerChild',
  'memoryLimit',
  'idleTimeout',
  'minProcesses',
  'name',
  'daemon',
  'context',
  'stdio',
  'execArgv',
  'env',
];

/** Throws ValueError or TypeError, with Python's words where Python refuses the same. */
export function checkPoolOptions(given: number | PoolOptions | undefined): CheckedPoolOptions {
  const options = typeof given === 'number' ? { processes: given } : checkNames(given, NAMES, 'Pool');
  const { initializer, initArgs, maxTasksPerChild, memoryLimit, idleTimeout, minProcesses, name, daemon, context } =
    options as PoolOptions;
  if (initializer !== undefined && initializer !== null && typeof initializer !== 'function') {
    throw new TypeError('initializer must be a callable');
  }
  if (typeof initializer === 'function') checkFunction(initializer, 'an initializer');
  checkType(name, 'name', 'string');
  checkType(daemon, 'daemon', 'boolean');
  if (context !== undefined && typeof context?.getStartMethod !== 'function')
    throw new TypeError('context must be what getContext() answers');
  const { stdio, execArgv, env } = options as PoolOptions;
  checkStart({ stdio, execArgv, env }, ['inherit', 'ignore', 'prefix'], 'stdio of a pool');
  if (initArgs !== undefined && !Array.isArray(initArgs)) throw new TypeError('initArgs must be an array');
  const processes = checkProcesses(options.processes);
  return {
    processes,
    initializer,
    initArgs: initArgs ?? [],
    maxTasks: checkMaxTasks(maxTasksPerChild),
    memoryLimit: checkMemory(memoryLimit),
    idleTimeout: checkIdle(idleTimeout),
    minProcesses: checkLeast(minProcesses, processes),
    name: name ?? '',
    daemon: daemon ?? true,
    startMethod: context?.getStartMethod() ?? settleStartMethod(),
    start: { stdio, execArgv, env },
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

const UNITS = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };
const LEAST_MEMORY = 64 * UNITS.mb;

function checkMemory(limit: unknown): number {
  if (limit === undefined || limit === null) return 0;
  const bytes = typeof limit === 'string' ? bytesOf(limit) : limit;
  if (typeof bytes !== 'number' || Number.isNaN(bytes)) {
    throw new TypeError(
      `memoryLimit must be a number of bytes or a text such as '512MB', not ${JSON.stringify(limit)}`,
    );
  }
  if (bytes < LEAST_MEMORY) throw new ValueError('memoryLimit must be at least 64 MB: an empty process takes about 50');
  return bytes;
}

function bytesOf(text: string): number {
  const [, amount, unit] = /^\s*(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?\s*$/i.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return NaN;
  return Number(amount) * UNITS[`${unit.toLowerCase()}b` as keyof typeof UNITS];
}

function checkIdle(timeout: unknown): number {
  if (timeout === undefined || timeout === null || timeout === Infinity) return 0;
  if (typeof timeout !== 'number') throw new TypeError(`idleTimeout must be a number, not ${typeof timeout}`);
  if (!(timeout > 0)) throw new ValueError('idleTimeout must be more than 0 milliseconds');
  return Math.min(timeout, LONGEST_TIMER);
}

function checkLeast(least: unknown, processes: number): number {
  if (least === undefined || least === null) return 1;
  if (typeof least !== 'number' || !Number.isInteger(least) || least < 0 || least > processes) {
    throw new ValueError(`minProcesses must be an integer from 0 to ${processes}, the number of processes`);
  }
  return least;
}
