import { inspect } from 'node:util';
import { PicklingError } from '../errors.js';
import { AsyncResult } from './asyncResult.js';
import { type ArgsAnd, checkCall, type CallOptions, type ChunkOptions, type ImapOptions } from './callOptions.js';
import * as calls from './calls.js';
import { submitCall } from './calls.js';
import type { ImapIterator } from './imapIterator.js';
import type { Inputs } from './inputs.js';
import type { Insights } from './insights.js';
import { CallJob } from './jobs.js';
import { watchForLeaks } from './leaks.js';
import { TaskKind } from './messages.js';
import { checkPoolOptions, type PoolOptions } from './options.js';
import type { Callbacks } from './outcome.js';
import { Runner } from './runner.js';

const NONE = {};

/**
 * A pool of worker processes (Python: `multiprocessing.Pool`). Functions are given by reference and must be exported by
 * a module; arguments and results are copied.
 *
 * The workers start at once and are daemons. A pool without work does not keep the program running; work that has not
 * been answered does. `await using pool = new Pool()` terminates it at the end of the block.
 */
export class Pool {
  readonly #runner: Runner;

  /**
   * `options` is the number of workers, or more; see PoolOptions. Throws ValueError (`Number of processes must be at
   * least 1`), TypeError, AssertionError in a daemonic process, OSError when a worker cannot be started.
   */
  constructor(options?: number | PoolOptions) {
    this.#runner = new Runner(checkPoolOptions(options));
    watchForLeaks(this, this.#runner);
  }

  /** What the process table calls this pool. */
  get name(): string {
    return this.#runner.row.name;
  }

  /** How many workers it keeps. */
  get size(): number {
    return this.#runner.size;
  }

  /**
   * `f(...args)` in a worker: the promise of its result. Rejects with what `f` threw (its cause tells the worker's
   * stack), WorkerLostError when the worker died, MaybeEncodingError when the result cannot be sent, TimeoutError,
   * ValueError when the pool is closed.
   */
  apply<A extends unknown[], R>(f: (...args: A) => R, ...rest: ArgsAnd<CallOptions, A>): Promise<Awaited<R>>;
  apply<R>(f: (...args: never) => R, args: readonly unknown[] = [], options?: CallOptions): Promise<Awaited<R>> {
    return new Promise((resolve, reject) => {
      if (options === undefined) {
        submitCall(this.#runner, new CallJob(resolve as (value: unknown) => void, reject), f, args);
      } else {
        resolve(calls.apply<Awaited<R>>(this.#runner, f, args, checkCall(options, 'apply', 'apply')).settled());
      }
    });
  }

  /** `f(...args)` in a worker (Python: `apply_async`). Throws ValueError when the pool is closed, PicklingError. */
  applyAsync<A extends unknown[], R>(
    f: (...args: A) => R,
    ...rest: ArgsAnd<Callbacks<Awaited<R>> & CallOptions, A>
  ): AsyncResult<Awaited<R>>;
  applyAsync<R>(
    f: (...args: never) => R,
    args: readonly unknown[] = [],
    options?: Callbacks<Awaited<R>> & CallOptions,
  ): AsyncResult<Awaited<R>> {
    const checked = options && checkCall(options, 'applyAsync', 'applyAsync');
    return new AsyncResult(calls.apply<Awaited<R>>(this.#runner, f, args, checked ?? NONE));
  }

  /**
   * `f(x)` for every input, the results in the inputs' order. Inputs travel in chunks. Waits for all of them; then
   * rejects if one has failed, with the first error to arrive.
   */
  async map<T, R>(f: (item: T) => R, inputs: Inputs<T>, options?: ChunkOptions & CallOptions): Promise<Awaited<R>[]> {
    const checked = checkCall(options, 'map', 'map');
    return calls.map<Awaited<R>>(this.#runner, f, inputs, TaskKind.chunk, checked).settled();
  }

  /** As `map`, with an `AsyncResult` for an answer (Python: `map_async`). A synchronous input that throws, throws here. */
  mapAsync<T, R>(
    f: (item: T) => R,
    inputs: Inputs<T>,
    options?: ChunkOptions & CallOptions & Callbacks<Awaited<R>[]>,
  ): AsyncResult<Awaited<R>[]> {
    const checked = checkCall(options, 'mapAsync', 'mapAsync');
    return new AsyncResult(calls.map<Awaited<R>>(this.#runner, f, inputs, TaskKind.chunk, checked));
  }

  /** As `map`, with an array of arguments for each call: `f(...args)`. */
  async starmap<A extends unknown[], R>(
    f: (...args: A) => R,
    inputs: Inputs<Readonly<A>>,
    options?: ChunkOptions & CallOptions,
  ): Promise<Awaited<R>[]> {
    const checked = checkCall(options, 'map', 'starmap');
    return calls.map<Awaited<R>>(this.#runner, f, inputs, TaskKind.starChunk, checked).settled();
  }

  /** As `starmap`, with an `AsyncResult` for an answer (Python: `starmap_async`). */
  starmapAsync<A extends unknown[], R>(
    f: (...args: A) => R,
    inputs: Inputs<Readonly<A>>,
    options?: ChunkOptions & CallOptions & Callbacks<Awaited<R>[]>,
  ): AsyncResult<Awaited<R>[]> {
    const checked = checkCall(options, 'mapAsync', 'starmapAsync');
    return new AsyncResult(calls.map<Awaited<R>>(this.#runner, f, inputs, TaskKind.starChunk, checked));
  }

  /**
   * `f(x)` for every input; an iterator over the results, in the inputs' order, as they come. Takes inputs as results
   * are read, at most `bufferSize` ahead. Throws ValueError when the pool is closed or `chunkSize` is below 1.
   */
  imap<T, R>(f: (item: T) => R, inputs: Inputs<T>, options?: ImapOptions): ImapIterator<T, Awaited<R>> {
    return calls.iterate(this.#runner, f, inputs, true, checkCall(options, 'imap', 'imap'));
  }

  /** As `imap`, with the results in the order in which they come. */
  imapUnordered<T, R>(f: (item: T) => R, inputs: Inputs<T>, options?: ImapOptions): ImapIterator<T, Awaited<R>> {
    return calls.iterate(this.#runner, f, inputs, false, checkCall(options, 'imap', 'imapUnordered'));
  }

  /**
   * How the workers have spent their time up to now, and which tasks took longest; also after the end of the pool.
   * What is printed of it is a table.
   */
  insights(): Insights {
    return this.#runner.insights();
  }

  /** No more tasks from now on; the workers end when they have done those there are. May be called again. */
  close(): void {
    this.#runner.close();
  }

  /** Stops the workers at once; what has no result rejects with PoolTerminatedError. May be called again. */
  terminate(): void {
    this.#runner.terminate();
  }

  /** Waits until all workers have ended. Rejects with ValueError before `close` or `terminate`. May be called again. */
  join(): Promise<void> {
    return this.#runner.join();
  }

  /** Terminates the pool and waits for its workers, as leaving Python's `with Pool()` does. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#runner.terminate();
    await this.#runner.join();
  }

  [Symbol.for('manycore.reduce')](): never {
    throw new PicklingError('pool objects cannot be passed between processes or pickled');
  }

  [inspect.custom](): string {
    const word = { running: 'RUN', closed: 'CLOSE', terminated: 'TERMINATE' }[this.#runner.state];
    return `<Pool state=${word} pool_size=${this.#runner.size}>`;
  }
}
