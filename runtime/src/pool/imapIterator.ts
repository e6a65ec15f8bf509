import { TimeoutError } from '../errors.js';
import { checkNames } from '../optionNames.js';
import { whenAborted } from '../sync/aborted.js';
import { timeoutOf } from './callOptions.js';
import { ImapInput } from './imapInput.js';
import type { AnyIterator } from './inputs.js';
import type { Meter } from './progress.js';
import type { Source } from './runner.js';
import type { Job, Task } from './task.js';

/** Hands a chunk of inputs to the pool, in `job`'s name; throws what cannot be sent, or that the pool has gone. */
export type ChunkSubmitter<T> = (job: Job, items: readonly T[], firstIndex: number) => Task[];

export interface ImapPlan<T> {
  readonly source: AnyIterator<T>;
  readonly chunkSize: number;
  /** So many inputs may be taken whose results have not been asked for. */
  readonly bufferSize: number;
  readonly ordered: boolean;
  /** Ends the iteration with its reason. */
  readonly signal: AbortSignal | undefined;
  readonly meter: Meter | undefined;
  readonly submit: ChunkSubmitter<T>;
  readonly cancel: (tasks: readonly Task[]) => void;
  /** No more inputs will be handed in. */
  readonly exhausted: () => void;
}

interface Answer {
  readonly ok: boolean;
  readonly value: unknown;
}

const NEXT = ['timeout'];

interface Reader<R> {
  resolve(result: IteratorResult<R, undefined>): void;
  reject(error: unknown): void;
  timer: NodeJS.Timeout | undefined;
}

/**
 * The results of an `imap` or `imapUnordered`, as they come (Python: `multiprocessing.pool.IMapIterator`). Inputs are
 * taken as results are asked for, a bounded number ahead, so an endless input is fine. An item that fails rejects its
 * `next()`; the iteration can go on after it. An error of the input itself comes after all results before it.
 */
export class ImapIterator<T, R>
  implements AsyncIterableIterator<R, undefined, { timeout?: number } | undefined>, Job, Source
{
  readonly #plan: ImapPlan<T>;
  readonly #answers = new Map<number, Answer>();
  readonly #tasks = new Map<number, Task>();
  /** In the order in which they asked. */
  readonly #readers = new Set<Reader<R>>();
  readonly #input: ImapInput<T>;
  readonly #bound: number;
  /** Nobody may be reading any more: then inputs are taken as answers come. */
  #isUnbound = false;
  /** Inputs handed in, answers that have come, answers that readers have got. */
  #taken = 0;
  #arrived = 0;
  #given = 0;
  /** What the reader gets in the place of the end, once. */
  #failure: { readonly error: unknown } | undefined;
  #ignoreSignal = (): void => undefined;

  /** Made by a pool. */
  constructor(plan: ImapPlan<T>) {
    this.#plan = plan;
    this.#bound = Math.max(plan.bufferSize, plan.chunkSize);
    this.#input = new ImapInput(plan.source, plan.chunkSize, {
      hasRoom: () => this.#hasRoom(),
      take: items => this.#take(items),
      over: failure => {
        this.#inputIsOver(failure);
        this.#deliver();
      },
    });
  }

  /** Takes the first inputs; called once, by the pool. */
  start(): this {
    this.#ignoreSignal = whenAborted(this.#plan.signal, this.#onAbort);
    this.#input.pull();
    return this;
  }

  /**
   * The next result. With `timeout` (milliseconds) rejects with TimeoutError when it has not come by then; it is not
   * lost: the next call asks for it again. Rejects with TypeError for options that are none, as in `next(1000)`.
   */
  next(options?: { timeout?: number }): Promise<IteratorResult<R, undefined>> {
    return new Promise((resolve, reject) => {
      const { timeout: limit } = checkNames(options, NEXT, 'next');
      const timeout = timeoutOf(limit);
      const reader: Reader<R> = { resolve, reject, timer: undefined };
      this.#readers.add(reader);
      this.#deliver();
      if (timeout === undefined || !this.#readers.has(reader)) return;
      reader.timer = setTimeout(() => {
        this.#readers.delete(reader);
        reject(new TimeoutError(`no result within ${timeout} ms`));
      }, timeout);
    });
  }

  /**
   * Ends the iteration: what has not been started never will be, and the input is closed. Rejects with what the input
   * throws at that.
   */
  async return(): Promise<IteratorResult<R, undefined>> {
    const closing = this.#input.close();
    // An input that has been closed says nothing more.
    this.#drop();
    await closing;
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  taskDone(index: number, value: unknown): void {
    this.#answered(index, { ok: true, value });
  }

  taskFailed(index: number, error: unknown): void {
    this.#answered(index, { ok: false, value: error });
  }

  unbound(): void {
    this.#isUnbound = true;
    this.#input.pull();
  }

  stop(error: Error): void {
    if (!this.#input.isOpen) return;
    this.#input.closeQuietly();
    this.#inputIsOver({ error });
    this.#deliver();
  }

  readonly #onAbort = (): void => {
    if (!this.#input.isOpen && this.#given >= this.#taken) return;
    this.#input.closeQuietly();
    this.#drop({ error: this.#plan.signal?.reason });
  };

  /** What has not been given to anybody never will be. */
  #drop(failure?: { readonly error: unknown }): void {
    this.#ignoreSignal();
    this.#plan.meter?.close();
    this.#plan.exhausted();
    this.#plan.cancel([...this.#tasks.values()]);
    this.#failure = failure;
    this.#tasks.clear();
    this.#given = this.#taken;
    this.#answers.clear();
    this.#deliver();
  }

  #answered(index: number, answer: Answer): void {
    this.#tasks.delete(index);
    this.#answers.set(this.#plan.ordered ? index : this.#arrived, answer);
    this.#arrived++;
    this.#plan.meter?.add(1, answer.ok ? 0 : 1);
    this.#maybeFinish();
    this.#deliver();
  }

  /** Gives readers what is there for them, in the order in which they asked. */
  #deliver(): void {
    while (this.#readers.size > 0) {
      const answer = this.#answers.get(this.#given);
      if (answer !== undefined) {
        this.#answers.delete(this.#given++);
        const reader = this.#nextReader();
        if (answer.ok) reader?.resolve({ done: false, value: answer.value as R });
        else reader?.reject(answer.value);
      } else if (!this.#input.isOpen && this.#given >= this.#taken) {
        this.#deliverEnd();
      } else {
        break;
      }
    }
    this.#input.pull();
  }

  #nextReader(): Reader<R> | undefined {
    for (const reader of this.#readers) {
      this.#readers.delete(reader);
      clearTimeout(reader.timer);
      return reader;
    }
    return undefined;
  }

  #deliverEnd(): void {
    const reader = this.#nextReader();
    this.#ignoreSignal();
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) reader?.reject(failure.error);
    else reader?.resolve({ done: true, value: undefined });
  }

  #hasRoom(): boolean {
    const ahead = this.#taken - (this.#isUnbound ? this.#arrived : this.#given);
    return ahead + this.#plan.chunkSize <= this.#bound;
  }

  #take(items: readonly T[]): void {
    for (const task of this.#plan.submit(this, items, this.#taken)) this.#tasks.set(task.index, task);
    this.#taken += items.length;
  }

  /** No more inputs will be handed in. */
  #inputIsOver(failure?: { readonly error: unknown }): void {
    this.#failure = failure;
    if (this.#plan.meter !== undefined) this.#plan.meter.total = this.#taken;
    this.#maybeFinish();
    this.#plan.exhausted();
  }

  /** All inputs have their answers; whether anybody has read them is another matter. */
  #maybeFinish(): void {
    if (this.#input.isOpen || this.#arrived < this.#taken) return;
    try {
      this.#plan.meter?.finish();
    } catch (error) {
      this.#failure ??= { error };
    }
  }
}
