import { TimeoutError } from '../errors.js';
import { timeoutOf } from './callOptions.js';
import type { Meter } from './progress.js';
import type { Source } from './runner.js';
import type { Job, Task } from './task.js';

/** Hands a chunk of inputs to the pool, in `job`'s name; throws what cannot be sent, or that the pool has gone. */
export type ChunkSubmitter<T> = (job: Job, items: readonly T[], firstIndex: number) => Task[];

export interface ImapPlan<T> {
  readonly source: Iterator<T> | AsyncIterator<T>;
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
  readonly #readers: Reader<R>[] = [];
  #bound: number;
  /** Inputs handed in, answers that have come, answers that readers have got. */
  #taken = 0;
  #arrived = 0;
  #given = 0;
  #filling = false;
  #input: 'open' | 'failed' | 'ended' = 'open';
  #inputError: unknown;

  /** Made by a pool. */
  constructor(plan: ImapPlan<T>) {
    this.#plan = plan;
    this.#bound = Math.max(plan.bufferSize, plan.chunkSize);
  }

  /** Takes the first inputs; called once, by the pool. */
  start(): this {
    this.#plan.signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#fill();
    return this;
  }

  /**
   * The next result. With `timeout` (milliseconds) rejects with TimeoutError when it has not come by then; it is not
   * lost: the next call asks for it again.
   */
  next(options?: { timeout?: number }): Promise<IteratorResult<R, undefined>> {
    return new Promise((resolve, reject) => {
      const timeout = timeoutOf(options?.timeout);
      const reader: Reader<R> = { resolve, reject, timer: undefined };
      this.#readers.push(reader);
      this.#deliver();
      if (timeout === undefined || !this.#readers.includes(reader)) return;
      reader.timer = setTimeout(() => {
        this.#readers.splice(this.#readers.indexOf(reader), 1);
        reject(new TimeoutError(`no result within ${timeout} ms`));
      }, timeout);
    });
  }

  /** Ends the iteration: what has not been started never will be, and the input is closed. */
  async return(): Promise<IteratorResult<R, undefined>> {
    const open = this.#input === 'open';
    this.#drop('ended');
    if (open) await this.#plan.source.return?.();
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
    this.#bound = Infinity;
    this.#fill();
  }

  stop(error: Error): void {
    if (this.#input !== 'open') return;
    this.#inputError = error;
    this.#end('failed');
    this.#deliver();
  }

  readonly #onAbort = (): void => {
    if (this.#input !== 'open' && this.#given >= this.#taken) return;
    this.#inputError = this.#plan.signal?.reason;
    // What the input says to its end is of no interest any more.
    if (this.#input === 'open') this.#closeQuietly();
    this.#drop('failed');
  };

  #closeQuietly(): void {
    this.#input = 'ended';
    try {
      Promise.resolve(this.#plan.source.return?.()).catch(() => undefined);
    } catch {
      // The signal's reason is what the reader gets.
    }
  }

  /** What has not been given to anybody never will be. */
  #drop(how: 'failed' | 'ended'): void {
    this.#end(how);
    this.#plan.cancel([...this.#tasks.values()]);
    this.#plan.meter?.close();
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
    while (this.#readers.length > 0) {
      const answer = this.#answers.get(this.#given);
      if (answer !== undefined) {
        this.#answers.delete(this.#given++);
        const reader = this.#nextReader();
        if (answer.ok) reader?.resolve({ done: false, value: answer.value as R });
        else reader?.reject(answer.value);
      } else if (this.#input !== 'open' && this.#given >= this.#taken) {
        this.#deliverEnd();
      } else {
        break;
      }
    }
    this.#fill();
  }

  #nextReader(): Reader<R> | undefined {
    const reader = this.#readers.shift();
    clearTimeout(reader?.timer);
    return reader;
  }

  #deliverEnd(): void {
    const reader = this.#nextReader();
    this.#plan.signal?.removeEventListener('abort', this.#onAbort);
    if (this.#input === 'failed') {
      this.#input = 'ended';
      reader?.reject(this.#inputError);
    } else {
      reader?.resolve({ done: true, value: undefined });
    }
  }

  #fill(): void {
    if (this.#filling || !this.#hasRoom()) return;
    this.#filling = true;
    const first = this.#pull([]);
    if (first === undefined) this.#filling = false;
    else void first.then(() => (this.#filling = false)).then(() => this.#fill());
  }

  #hasRoom(): boolean {
    return this.#input === 'open' && this.#taken - this.#given + this.#plan.chunkSize <= this.#bound;
  }

  /** Takes inputs, chunk by chunk; a promise from the first input on that has to be waited for. */
  #pull(chunk: T[]): Promise<void> | undefined {
    while (this.#hasRoom()) {
      let step: IteratorResult<T> | Promise<IteratorResult<T>>;
      try {
        step = this.#plan.source.next();
      } catch (error) {
        this.#inputFailed(error);
        return undefined;
      }
      if (step instanceof Promise) return this.#pullLater(step, chunk);
      this.#take(step, chunk);
    }
    return undefined;
  }

  async #pullLater(step: Promise<IteratorResult<T>>, chunk: T[]): Promise<void> {
    try {
      this.#take(await step, chunk);
    } catch (error) {
      this.#inputFailed(error);
      return;
    }
    await this.#pull(chunk);
  }

  #take(step: IteratorResult<T>, chunk: T[]): void {
    if (this.#input !== 'open') return;
    if (step.done !== true) chunk.push(step.value);
    if (chunk.length === this.#plan.chunkSize || (step.done === true && chunk.length > 0)) {
      const items = chunk.splice(0);
      const from = this.#taken;
      this.#taken += items.length;
      try {
        for (const task of this.#plan.submit(this, items, from)) this.#tasks.set(task.index, task);
      } catch (error) {
        this.#taken = from;
        this.#inputFailed(error);
        return;
      }
    }
    if (step.done === true) {
      this.#end('ended');
      this.#deliver();
    }
  }

  /** What was taken of an unfinished chunk goes with it: its results could not be told from the error's place. */
  #inputFailed(error: unknown): void {
    if (this.#input !== 'open') return;
    this.#inputError = error;
    this.#end('failed');
    this.#deliver();
  }

  /** All inputs have their answers; whether anybody has read them is another matter. */
  #maybeFinish(): void {
    if (this.#input === 'open' || this.#arrived < this.#taken) return;
    try {
      this.#plan.meter?.finish();
    } catch (error) {
      this.#inputError = error;
      this.#input = 'failed';
    }
  }

  #end(how: 'failed' | 'ended'): void {
    this.#input = how;
    if (this.#plan.meter !== undefined) this.#plan.meter.total = this.#taken;
    this.#maybeFinish();
    this.#plan.exhausted();
  }
}
