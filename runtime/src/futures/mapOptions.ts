import { checkNames } from '../optionNames.js';
import { checkBufferSize, checkChunkSize, timeoutOf, type Inputs } from '../pool/ground.js';
import type { FutureWaitOptions } from './until.js';

/** Options of an executor's `map`, after its inputs. */
export interface MapOptions extends FutureWaitOptions {
  /**
   * Milliseconds from the call of `map`: a `next()` whose result has not come by then rejects with TimeoutError, and that
   * is the end of the iteration.
   */
  readonly timeout?: number | undefined;
  /** How many calls travel to a worker together; default 1. */
  readonly chunkSize?: number | undefined;
  /**
   * So many inputs may be taken whose results nobody has asked for. By default a collection (an array, a Set, …) is taken
   * at once, and of what is made on the way (by a generator, a stream) some four chunks a worker.
   */
  readonly bufferSize?: number | undefined;
  /** Aborting ends the iteration with the signal's reason. What nobody has started never will be. */
  readonly signal?: AbortSignal | undefined;
}

export interface CheckedMap {
  readonly inputs: readonly Inputs<unknown>[];
  /** On performance.now()'s clock. */
  readonly deadline: number | undefined;
  readonly timeout: number | undefined;
  readonly chunkSize: number;
  readonly bufferSize: number | undefined;
  readonly signal: AbortSignal | undefined;
}

const NAMES = ['timeout', 'chunkSize', 'bufferSize', 'signal'];

/**
 * What comes after the function: inputs, and perhaps options, which are the last and the only ones that cannot be
 * iterated. Throws TypeError and ValueError.
 */
export function checkMap(rest: readonly unknown[]): CheckedMap {
  const last = rest.at(-1);
  const isOptions = rest.length > 0 && (last === undefined || (isObject(last) && !isInput(last)));
  const inputs = (isOptions ? rest.slice(0, -1) : rest) as readonly Inputs<unknown>[];
  const options = checkNames(isOptions ? (last as MapOptions | undefined) : undefined, NAMES, 'map');
  const { signal } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError('signal must be an AbortSignal');
  const timeout = timeoutOf(options.timeout);
  return {
    inputs,
    timeout,
    deadline: timeout === undefined ? undefined : performance.now() + timeout,
    chunkSize: checkChunkSize(options.chunkSize) ?? 1,
    bufferSize: checkBufferSize(options.bufferSize),
    signal,
  };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isInput = (value: object): boolean => Symbol.iterator in value || Symbol.asyncIterator in value;
