import { inspect } from 'node:util';
import { PicklingError } from '../errors.js';
import { AsyncResult } from './asyncResult.js';
import type { AnyFunction } from './functions.js';
import {
  checkBufferSize,
  checkCall,
  checkChunkSize,
  type BufferOptions,
  type CallOptions,
  type ChunkOptions,
} from './callOptions.js';
import { ImapIterator } from './imapIterator.js';
import { collected, collectedLater, isAsyncIterable, iterable, type Inputs } from './inputs.js';
import { CallJob, OutcomeJob } from './jobs.js';
import { watchForLeaks } from './leaks.js';
import { Limit } from './limits.js';
import { startMap } from './mapping.js';
import { TaskKind } from './messages.js';
import { checkPoolOptions, type PoolOptions } from './options.js';
import { Outcome, type Callbacks } from './outcome.js';
import { Runner } from './runner.js';
import type { Job, Task } from './task.js';

/** Inputs an imap takes ahead of its reader when nobody says otherwise: chunks for every worker, and not too few. */
const CHUNKS_AHEAD = 4;
const LEAST_AHEAD = 32;

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
  apply<A extends unknown[], R>(
    f: (...args: A) => R,
    args: A | readonly [] = [],
    options?: CallOptions,
  ): Promise<Awaited<R>> {
    if (options !== undefined) return this.#applyWithin<R>(f, args, options);
    return new Promise((resolve, reject) => {
      this.#call(new CallJob(resolve as (value: unknown) => void, reject), f, args);
    });
  }

  /** `f(...args)` in a worker (Python: `apply_async`). Throws ValueError when the pool is closed, PicklingError. */
  applyAsync<A extends unknown[], R>(
    f: (...args: A) => R,
    args: A | readonly [] = [],
    options?: Callbacks<Awaited<R>>,
  ): AsyncResult<Awaited<R>> {
    const outcome = new Outcome<Awaited<R>>(options && checkCall(options, 'applyAsync', 'applyAsync'));
    this.#call(new OutcomeJob(outcome), f, args);
    return new AsyncResult(outcome);
  }

  /**
   * `f(x)` for every input, the results in the inputs' order. Inputs travel in chunks. Waits for all of them; then
   * rejects if one has failed, with the first error to arrive.
   */
  async map<T, R>(f: (item: T) => R, inputs: Inputs<T>, options?: ChunkOptions & CallOptions): Promise<Awaited<R>[]> {
    return this.#mapped<R>(f, inputs, TaskKind.chunk, checkCall(options, 'map', 'map'));
  }

  /** As `map`, with an `AsyncResult` for an answer (Python: `map_async`). A synchronous input that throws, throws here. */
  mapAsync<T, R>(
    f: (item: T) => R,
    inputs: Inputs<T>,
    options?: ChunkOptions & Callbacks<Awaited<R>[]>,
  ): AsyncResult<Awaited<R>[]> {
    return this.#mapAsync(f, inputs, TaskKind.chunk, checkCall(options, 'mapAsync', 'mapAsync'));
  }

  /** As `map`, with an array of arguments for each call: `f(...args)`. */
  async starmap<A extends unknown[], R>(
    f: (...args: A) => R,
    inputs: Inputs<A | Iterable<unknown>>,
    options?: ChunkOptions & CallOptions,
  ): Promise<Awaited<R>[]> {
    return this.#mapped<R>(f, inputs, TaskKind.starChunk, checkCall(options, 'map', 'starmap'));
  }

  /** As `starmap`, with an `AsyncResult` for an answer (Python: `starmap_async`). */
  starmapAsync<A extends unknown[], R>(
    f: (...args: A) => R,
    inputs: Inputs<A | Iterable<unknown>>,
    options?: ChunkOptions & Callbacks<Awaited<R>[]>,
  ): AsyncResult<Awaited<R>[]> {
    return this.#mapAsync(f, inputs, TaskKind.starChunk, checkCall(options, 'mapAsync', 'starmapAsync'));
  }

  /**
   * `f(x)` for every input; an iterator over the results, in the inputs' order, as they come. Takes inputs as results
   * are read, at most `bufferSize` ahead. Throws ValueError when the pool is closed or `chunkSize` is below 1.
   */
  imap<T, R>(
    f: (item: T) => R,
    inputs: Inputs<T>,
    options?: ChunkOptions & BufferOptions,
  ): ImapIterator<T, Awaited<R>> {
    return this.#iterate(f, inputs, true, checkCall(options, 'imap', 'imap'));
  }

  /** As `imap`, with the results in the order in which they come. */
  imapUnordered<T, R>(
    f: (item: T) => R,
    inputs: Inputs<T>,
    options?: ChunkOptions & BufferOptions,
  ): ImapIterator<T, Awaited<R>> {
    return this.#iterate(f, inputs, false, checkCall(options, 'imap', 'imapUnordered'));
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

  #call(job: Job, f: AnyFunction, args: readonly unknown[]): Task {
    this.#runner.checkRunning();
    if (!Array.isArray(args)) throw new TypeError(`args must be an array of arguments, not ${typeof args}`);
    const fn = this.#runner.dispatcher.functionEntry(f);
    return this.#runner.dispatcher.submit({ job, index: 0, fn, kind: TaskKind.call, calls: 1, group: 0 }, args);
  }

  async #mapped<R>(
    f: AnyFunction,
    inputs: Inputs<unknown>,
    kind: TaskKind,
    options: (ChunkOptions & CallOptions) | undefined,
  ): Promise<Awaited<R>[]> {
    const chunkSize = checkChunkSize(options?.chunkSize);
    this.#runner.checkRunning();
    options?.signal?.throwIfAborted();
    const items = isAsyncIterable(inputs) ? await collectedLater(inputs) : collected(inputs);
    const outcome = new Outcome<Awaited<R>[]>();
    const tasks = startMap(this.#runner, outcome, f, items, kind, chunkSize);
    return this.#answer(outcome, tasks, options);
  }

  async #applyWithin<R>(f: AnyFunction, args: readonly unknown[], options: CallOptions): Promise<Awaited<R>> {
    checkCall(options, 'apply', 'apply').signal?.throwIfAborted();
    const outcome = new Outcome<Awaited<R>>();
    const task = this.#call(new OutcomeJob(outcome), f, args);
    return this.#answer(outcome, [task], options);
  }

  /** The outcome as a promise, within the call's limits. */
  #answer<R>(outcome: Outcome<R>, tasks: readonly Task[], options: CallOptions | undefined): Promise<R> {
    const limit = Limit.set(this.#runner, tasks, options, reason => outcome.fail(reason));
    return new Promise((resolve, reject) => {
      outcome.onSettled(() => {
        limit?.lift();
        if (outcome.state === 'done') resolve(outcome.value as R);
        else reject(outcome.value as Error);
      });
    });
  }

  #mapAsync<R>(
    f: AnyFunction,
    inputs: Inputs<unknown>,
    kind: TaskKind,
    options: (ChunkOptions & Callbacks<Awaited<R>[]>) | undefined,
  ): AsyncResult<Awaited<R>[]> {
    const chunkSize = checkChunkSize(options?.chunkSize);
    this.#runner.checkRunning();
    this.#runner.dispatcher.functionEntry(f);
    const outcome = new Outcome<Awaited<R>[]>(options);
    const start = (items: readonly unknown[]): Task[] => startMap(this.#runner, outcome, f, items, kind, chunkSize);
    if (isAsyncIterable(inputs)) {
      collectedLater(inputs)
        .then(start)
        .catch((error: unknown) => outcome.fail(error));
    } else {
      start(collected(inputs));
    }
    return new AsyncResult(outcome);
  }

  #iterate<T, R>(
    f: AnyFunction,
    inputs: Inputs<T>,
    ordered: boolean,
    options: (ChunkOptions & BufferOptions) | undefined,
  ): ImapIterator<T, R> {
    const runner = this.#runner;
    const chunkSize = checkChunkSize(options?.chunkSize) ?? 1;
    const bufferSize =
      checkBufferSize(options?.bufferSize) ?? Math.max(LEAST_AHEAD, CHUNKS_AHEAD * runner.size * chunkSize);
    runner.checkRunning();
    const fn = runner.dispatcher.functionEntry(f);
    const iterator: ImapIterator<T, R> = new ImapIterator({
      source: isAsyncIterable(inputs) ? inputs[Symbol.asyncIterator]() : iterable(inputs)[Symbol.iterator](),
      chunkSize,
      bufferSize,
      ordered,
      submit: (job, items, from) => {
        const group = chunkSize > 1 ? ++groups : 0;
        const plan = { job, fn, kind: TaskKind.item, calls: 1, group };
        return items.map((item, i) => runner.dispatcher.submit({ ...plan, index: from + i }, item));
      },
      cancel: tasks => runner.dispatcher.cancel(tasks),
      exhausted: () => runner.removeSource(iterator),
    });
    runner.addSource(iterator);
    return iterator.start();
  }
}

let groups = 0;
