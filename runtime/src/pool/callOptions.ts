import { LONGEST_TIMER } from '../clock.js';
import { ValueError } from '../errors.js';
import { checkNames } from '../optionNames.js';
import type { Callbacks } from './outcome.js';
import { PROGRESS_NAMES, type ProgressOption, type ProgressOptions } from './progress.js';

/** How long a call may take, and what ends it early. */
export interface CallOptions {
  /** Milliseconds from the start of its first task; then the call rejects and its tasks are stopped. */
  readonly timeout?: number | undefined;
  /** Aborting rejects the call with the signal's reason and stops its tasks. */
  readonly signal?: AbortSignal | undefined;
  /**
   * A task that has asked for `currentTask()` gets so many milliseconds to end by itself when the call is not wanted
   * any more; then its worker is killed. Default 1000. (A task that has not asked is ended at once.)
   */
  readonly grace?: number | undefined;
  /**
   * Waiting tasks with a higher number go first, those with the same in the order of their calls; 0 by default, may be
   * negative. Nothing that runs is interrupted, and there is no promise that low ones ever get their turn.
   */
  readonly priority?: number | undefined;
}

export interface ChunkOptions {
  /**
   * Tells how far the call is: `true` draws a bar on a terminal, a function is called with a `Progress` now and then.
   * A map whose `chunkSize` is left to the pool then makes at least a hundred chunks, if there are so many inputs.
   */
  readonly progress?: ProgressOption | undefined;
  /** How many inputs travel to a worker together; by default a quarter of each worker's share. */
  readonly chunkSize?: number | undefined;
}

/** Options of `imap` and `imapUnordered`. A limit of time is one of each `next`. */
export interface ImapOptions extends ChunkOptions, Omit<CallOptions, 'timeout'> {
  /** So many inputs may be taken whose results nobody has asked for. */
  readonly bufferSize?: number | undefined;
}

/** What follows the function of a call: its arguments, which may be left out where it needs none, and options. */
export type ArgsAnd<Options, A extends unknown[]> = [] extends A
  ? [args?: Readonly<A> | undefined, options?: Options | undefined]
  : [args: Readonly<A>, options?: Options | undefined];

const CALL = ['timeout', 'signal', 'grace', 'priority'];
const CALLBACKS = ['callback', 'errorCallback'];

/** What each kind of call takes. */
const NAMES = {
  apply: CALL,
  applyAsync: [...CALLBACKS, ...CALL],
  map: ['chunkSize', 'progress', ...CALL],
  mapAsync: ['chunkSize', 'progress', ...CALLBACKS, ...CALL],
  imap: ['chunkSize', 'bufferSize', 'progress', 'signal', 'grace', 'priority'],
} as const;

type Given = CallOptions & ChunkOptions & Callbacks<never>;

/** Throws TypeError for what is no object of options, for unknown names and for values of a wrong type. */
export function checkCall<T extends object>(options: T | undefined, kind: keyof typeof NAMES, what: string): T {
  const given = checkNames(options, NAMES[kind], what);
  const { timeout, signal, grace, priority, progress, callback, errorCallback } = given as Given;
  timeoutOf(timeout);
  checkNumber(grace, 'grace');
  checkNumber(priority, 'priority');
  if (signal !== undefined && !isSignal(signal)) throw new TypeError('signal must be an AbortSignal');
  if (typeof progress === 'object') checkProgress(progress);
  else if (progress !== undefined && typeof progress !== 'boolean') checkCallback(progress, 'progress');
  checkCallback(callback, 'callback');
  checkCallback(errorCallback, 'errorCallback');
  return given;
}

const isSignal = (signal: unknown): boolean =>
  typeof signal === 'object' && signal !== null && 'aborted' in signal && 'addEventListener' in signal;

function checkProgress(progress: Exclude<ProgressOption, boolean>): void {
  const { onProgress, interval } = checkNames(progress as ProgressOptions | null, PROGRESS_NAMES, 'progress');
  checkCallback(onProgress, 'onProgress');
  checkNumber(interval, 'interval');
}

function checkNumber(value: unknown, name: string): void {
  if (value === undefined || (typeof value === 'number' && !Number.isNaN(value))) return;
  throw new TypeError(`${name} must be a number, not ${typeof value === 'number' ? 'NaN' : typeof value}`);
}

function checkCallback(given: unknown, name: string): void {
  if (given === undefined || given === null || typeof given === 'function') return;
  throw new TypeError(`${name} must be a function, not ${typeof given}`);
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
  return Math.min(Math.max(timeout, 0), LONGEST_TIMER);
}
