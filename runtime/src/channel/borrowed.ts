import { ValueError } from '../errors.js';

/**
 * A value whose large buffers lie where the sender has put them, not in memory of their own: what `getBorrowed` and
 * `recvBorrowed` give. Until `release` nobody writes to them but this process; afterwards they read zeros, and the
 * memory carries other messages.
 *
 * Release it soon: `using message = await queue.getBorrowed()`. What is never released counts as released when the
 * garbage collector finds its buffers; meanwhile it holds memory that the queue could use. Buffers that were borrowed
 * cannot be transferred to a worker thread, only copied.
 */
export class Borrowed<T> implements Disposable {
  #value: T | undefined;
  #loan: { end(): void } | undefined;
  #isReleased = false;
  readonly #isCopy: boolean;

  /** @internal */
  constructor(value: T, loan?: { end(): void }) {
    this.#value = value;
    this.#loan = loan;
    this.#isCopy = loan === undefined;
  }

  /** The value. Throws ValueError once released. */
  get value(): T {
    if (this.#isReleased) throw new ValueError('the borrowed value has been released');
    return this.#value as T;
  }

  /**
   * Whether nothing is borrowed, and the value keeps its contents after `release`: it has no buffers that are large
   * enough (64 KiB), or so much of the queue's memory is lent already that it was copied.
   */
  get isCopy(): boolean {
    return this.#isCopy;
  }

  /** Gives the memory back. As often as you like. */
  release(): void {
    this.#isReleased = true;
    this.#value = undefined;
    this.#loan?.end();
    this.#loan = undefined;
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
