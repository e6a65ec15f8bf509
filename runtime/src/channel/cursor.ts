import { NO_POSITION } from './ringLayout.js';

/**
 * One end of a ring's content: a position in bytes that only moves on, and how many messages it has passed. The two
 * change together, whatever dies when: the count is kept twice, each time with the position it belongs to, and moving
 * fills the pair that does not count yet before the position, with one store, makes it count.
 */
export class Cursor {
  readonly #i32: Int32Array;
  readonly #position: number;
  readonly #pairs: number;

  /** Word indexes of the position and of the two pairs. */
  constructor(i32: Int32Array, position: number, pairs: number) {
    this.#i32 = i32;
    this.#position = position;
    this.#pairs = pairs;
  }

  /** For a new ring: the second pair belongs to no position. */
  static prepare(i32: Int32Array, pairs: number): void {
    i32[pairs + 2] = NO_POSITION;
  }

  /** Bytes passed, as a 32-bit counter. */
  load(): number {
    return Atomics.load(this.#i32, this.#position);
  }

  /** As `load`, for who holds the lock behind which the cursor moves. */
  get own(): number {
    return this.#i32[this.#position] ?? 0;
  }

  /** Messages passed, as a 32-bit counter; right at some moment during the call. */
  get count(): number {
    for (;;) {
      const position = this.load();
      const pair = Atomics.load(this.#i32, this.#pairs) === position ? this.#pairs : this.#pairs + 2;
      const count = Atomics.load(this.#i32, pair + 1);
      if (this.load() === position) return count;
    }
  }

  /** Passes one message, to `next`. Behind the lock. */
  move(next: number): void {
    const i32 = this.#i32;
    const first = this.#pairs;
    const current = i32[first] === i32[this.#position] ? first : first + 2;
    const other = current === first ? first + 2 : first;
    i32[other + 1] = ((i32[current + 1] ?? 0) + 1) | 0;
    i32[other] = next;
    Atomics.store(i32, this.#position, next);
  }
}
