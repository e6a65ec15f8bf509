import { layout, program } from '../memory/index.js';
import * as doorbell from './doorbell.js';

const COUNT = 0;
const BITMAP = 1;
const BITMAP_WORDS = layout.SLOT_COUNT / 32;

/** The processes that wait at a wait point in their event loops: a count, and a bit a slot. */
export class Registered {
  static readonly WORDS = BITMAP + BITMAP_WORDS;
  readonly #i32: Int32Array;
  readonly #at: number;

  constructor(i32: Int32Array, at: number) {
    this.#i32 = i32;
    this.#at = at;
  }

  isAnybody(): boolean {
    return Atomics.load(this.#i32, this.#at + COUNT) !== 0;
  }

  /**
   * Puts this process in; false when it still was. Counts first: a process killed in between leaves a bit too few,
   * never a count too low.
   */
  add(): boolean {
    const bit = 1 << (program().slot & 31);
    const word = this.#at + BITMAP + (program().slot >> 5);
    if ((Atomics.load(this.#i32, word) & bit) !== 0) return false;
    Atomics.add(this.#i32, this.#at + COUNT, 1);
    Atomics.or(this.#i32, word, bit);
    return true;
  }

  /** Takes this process out; false when somebody has done so already, to ring it. */
  remove(): boolean {
    return this.#clear(program().slot);
  }

  /** Rings up to `limit` of them that live, starting at another one each `turn`. Who is rung is taken out. */
  ring(limit: number, turn: number): void {
    let rung = 0;
    for (let i = 0; i < BITMAP_WORDS && rung < limit; i++) {
      const index = (turn + i) & (BITMAP_WORDS - 1);
      let bits = rotateFrom(Atomics.load(this.#i32, this.#at + BITMAP + index), turn);
      while (bits !== 0 && rung < limit) {
        const low = 31 - Math.clz32(bits & -bits);
        bits &= bits - 1;
        const slot = index * 32 + ((low + turn) & 31);
        if (this.#clear(slot) && doorbell.ring(slot)) rung++;
      }
    }
  }

  #clear(slot: number): boolean {
    const bit = 1 << (slot & 31);
    if ((Atomics.and(this.#i32, this.#at + BITMAP + (slot >> 5), ~bit) & bit) === 0) return false;
    Atomics.sub(this.#i32, this.#at + COUNT, 1);
    return true;
  }
}

/** Rotates right by `turn`, so that bit `turn` comes first. */
const rotateFrom = (bits: number, turn: number): number => {
  const by = turn & 31;
  return by === 0 ? bits : (bits >>> by) | (bits << (32 - by));
};
