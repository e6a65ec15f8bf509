import type { AnyIterator } from './inputs.js';
import { isThenable } from './invoke.js';

/** How long the reader of an imap waits for an input that is in the middle of something when it leaves, in ms. */
const CLOSING_MS = 100;

/** Who wants the inputs. */
export interface InputTaker<T> {
  /** Whether another chunk is wanted now. */
  readonly hasRoom: () => boolean;
  /** Takes a chunk; throws what cannot be sent, and then the input is closed. */
  readonly take: (items: T[]) => void;
  /** There will be no more: the input has come to its end, or has failed. Called once, and not after `close`. */
  readonly over: (failure?: { readonly error: unknown }) => void;
}

/**
 * The input of an imap: taken chunk by chunk, as far ahead as there is room, and closed (`return()`) when it is left
 * before its end. README.md has its states.
 */
export class ImapInput<T> {
  readonly #source: AnyIterator<T>;
  readonly #chunkSize: number;
  readonly #taker: InputTaker<T>;
  #chunk: T[] = [];
  #isOpen = true;
  /** Somebody further up the stack pulls already. */
  #pulling = false;
  /** An asynchronous input has been asked and has not answered. */
  #isAsked = false;

  constructor(source: AnyIterator<T>, chunkSize: number, taker: InputTaker<T>) {
    this.#source = source;
    this.#chunkSize = chunkSize;
    this.#taker = taker;
  }

  /** Whether more may come. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Takes what there is room for; what an asynchronous input gives, when it gives it. */
  pull(): void {
    if (this.#pulling) return;
    this.#pulling = true;
    while (this.#isOpen && this.#taker.hasRoom()) {
      let step: IteratorResult<T> | PromiseLike<IteratorResult<T>>;
      try {
        step = this.#source.next();
      } catch (error) {
        this.#end({ error });
        break;
      }
      if (isThenable(step)) return void this.#acceptLater(step);
      this.#accept(step);
    }
    this.#pulling = false;
  }

  /**
   * Nobody wants more of it. Resolves when it has closed; one that is in the middle of something gets a moment for
   * that, and then nobody waits any longer. Rejects with what it throws.
   */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#closeSource();
  }

  /** The same for who does not want to hear what the input says to it. */
  closeQuietly(): void {
    this.close().catch(() => undefined);
  }

  async #closeSource(): Promise<void> {
    const closing = this.#source.return?.();
    if (!this.#isAsked) return void (await closing);
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>(resolve => (timer = setTimeout(resolve, CLOSING_MS)));
    await Promise.race([closing, enough]);
    clearTimeout(timer);
  }

  async #acceptLater(step: PromiseLike<IteratorResult<T>>): Promise<void> {
    this.#isAsked = true;
    try {
      const answer = await step;
      this.#isAsked = false;
      this.#accept(answer);
    } catch (error) {
      this.#isAsked = false;
      this.#end({ error });
    }
    this.#pulling = false;
    this.pull();
  }

  #accept(step: IteratorResult<T>): void {
    if (!this.#isOpen) return;
    if (typeof step !== 'object' || step === null) {
      return this.#end({ error: new TypeError(`the input's next() answered ${String(step)}, which is no object`) });
    }
    const isLast = step.done === true;
    if (!isLast) this.#chunk.push(step.value);
    if (this.#chunk.length === this.#chunkSize || (isLast && this.#chunk.length > 0)) {
      const items = this.#chunk;
      this.#chunk = [];
      try {
        this.#taker.take(items);
      } catch (error) {
        this.#end({ error });
        // What it says to that is of no interest beside the error.
        if (!isLast) this.#closeSource().catch(() => undefined);
        return;
      }
    }
    if (isLast) this.#end();
  }

  /** What was taken of an unfinished chunk goes with a failure: its results could not be told from the error's place. */
  #end(failure?: { readonly error: unknown }): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#chunk = [];
    this.#taker.over(failure);
  }
}
