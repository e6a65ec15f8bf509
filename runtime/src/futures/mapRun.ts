import { CancelledError, RuntimeError, TimeoutError } from '../errors.js';
import { ImapIterator, TaskKind, type Runner, type Source, type Task } from '../pool/ground.js';
import { inWordsOfExecutors } from './broken.js';
import { isAtHand, zipped } from './inputs.js';
import type { CheckedMap } from './mapOptions.js';
import type { CancellableJob } from './taskFuture.js';

/** Inputs made on the way that are taken ahead of the reader when nobody says how many: as for a pool's imap. */
const CHUNKS_AHEAD = 4;
const LEAST_AHEAD = 32;

type TaskFunction = ReturnType<Runner['dispatcher']['functionEntry']>;

let groups = 0;

/**
 * The results of an executor's `map`, in the inputs' order. A call that fails rejects its `next()`, and the iteration can
 * go on after it. Leaving the loop (or `return()`) takes back what no worker has started, and closes the inputs.
 */
export interface MapResults<R> extends AsyncIterableIterator<R, undefined>, AsyncDisposable {
  /** The next result. Rejects with what its call threw, with TimeoutError when the map's time is up. */
  next(): Promise<IteratorResult<R, undefined>>;
  return(): Promise<IteratorResult<R, undefined>>;
  [Symbol.asyncIterator](): this;
}

/** A map as its executor knows it. */
export class MapRun<R> implements MapResults<R>, CancellableJob, Source {
  readonly #runner: Runner;
  readonly #fn: TaskFunction;
  readonly #deadline: number | undefined;
  readonly #timeout: number | undefined;
  /** Whether the number of inputs that may be taken ahead is the caller's. */
  readonly #buffered: boolean;
  readonly #iterator: ImapIterator<unknown[], R>;
  readonly #maps: Set<MapRun<unknown>>;
  /** Nobody wants the answers any more that are still to come. */
  #over = false;

  /** Made by an executor; it is among `maps` until all inputs have been taken. */
  constructor(runner: Runner, fn: TaskFunction, map: CheckedMap, maps: Set<MapRun<unknown>>) {
    this.#runner = runner;
    this.#fn = fn;
    this.#deadline = map.deadline;
    this.#timeout = map.timeout;
    this.#buffered = map.bufferSize !== undefined;
    this.#maps = maps;
    const { inputs, chunkSize, signal } = map;
    const ahead = inputs.every(isAtHand) ? Infinity : Math.max(LEAST_AHEAD, CHUNKS_AHEAD * runner.size * chunkSize);
    this.#iterator = new ImapIterator({
      source: zipped(inputs),
      chunkSize,
      bufferSize: map.bufferSize ?? ahead,
      ordered: true,
      signal,
      meter: undefined,
      submit: (_job, items, from) => this.#submit(items, from),
      cancel: tasks => {
        this.#over = true;
        runner.dispatcher.withdraw(tasks);
      },
      exhausted: () => this.#exhausted(),
    });
    maps.add(this);
    runner.addSource(this);
    this.#iterator.start();
  }

  next(): Promise<IteratorResult<R, undefined>> {
    const step = this.#iterator.next();
    const deadline = this.#deadline;
    if (deadline === undefined || this.#over) return step;
    return new Promise((resolve, reject) => {
      const expire = (): void => {
        reject(new TimeoutError(`no result within ${this.#timeout} ms of the call of map`));
        // What the input says to its end is of no interest any more.
        this.return().catch(() => undefined);
      };
      const timer = setTimeout(expire, Math.max(deadline - performance.now(), 0));
      void step.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  return(): Promise<IteratorResult<R, undefined>> {
    return this.#iterator.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** The executor hears no more inputs from now on; those that were there at the call have been taken. */
  cancel(): void {
    this.#iterator.stop(new CancelledError('the executor was shut down before it had taken this input'));
  }

  taskDone(index: number, value: unknown): void {
    if (!this.#over) this.#iterator.taskDone(index, value);
  }

  taskFailed(index: number, error: unknown): void {
    if (!this.#over) this.#iterator.taskFailed(index, inWordsOfExecutors(error));
  }

  taskCancelled(index: number): void {
    this.taskFailed(index, new CancelledError('the call was cancelled before it ran'));
  }

  /** The executor is being shut down, so nobody may be reading: a buffer that was asked for would never empty. */
  unbound(): void {
    if (!this.#buffered) this.#iterator.unbound();
    else this.#iterator.stop(new RuntimeError('cannot schedule new futures after shutdown'));
  }

  stop(error: Error): void {
    this.#iterator.stop(inWordsOfExecutors(error) as Error);
  }

  #submit(items: readonly unknown[][], from: number): Task[] {
    const { dispatcher } = this.#runner;
    const group = items.length > 1 ? ++groups : 0;
    const plan = { job: this, fn: this.#fn, kind: TaskKind.call, calls: 1, group, priority: 0 };
    const tasks: Task[] = [];
    for (const [i, args] of items.entries()) {
      try {
        tasks.push(dispatcher.submit({ ...plan, index: from + i }, args));
      } catch (error) {
        // It cannot be sent: that is the failure of this call, and of no other.
        this.taskFailed(from + i, error);
      }
    }
    return tasks;
  }

  #exhausted(): void {
    this.#maps.delete(this);
    this.#runner.removeSource(this);
  }
}
