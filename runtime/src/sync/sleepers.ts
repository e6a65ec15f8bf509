import { instant } from '../clock.js';
import { selfSlot } from '../memory/index.js';
import { platform } from '../platform/index.js';
import { mayBlockFor } from './meanwhile.js';
import type { Wait } from './wait.js';

const SEQUENCE = 0;
const COUNT = 1;

/** The count's word: how many sleep below, above it the round in which they were counted. */
const ROUND_SHIFT = 12;
const COUNT_MASK = (1 << ROUND_SHIFT) - 1;

const FIRST_SLICE = 20;
const LAST_SLICE = 100;
const EVERYBODY = 2 ** 31 - 1;

/** The threads that sleep at a wait point. Two words: the sequence they sleep on, and how many they are. */
export class Sleepers {
  static readonly WORDS = 2;
  readonly #i32: Int32Array;
  readonly #at: number;
  readonly #address: number;

  constructor(i32: Int32Array, at: number, address: number) {
    this.#i32 = i32;
    this.#at = at;
    this.#address = address;
  }

  /** The counting word as it is now; `isAnybody` and `wake` want it from before the sequence moved. */
  counted(): number {
    return Atomics.load(this.#i32, this.#at + COUNT);
  }

  static isAnybody(counted: number): boolean {
    return (counted & COUNT_MASK) !== 0;
  }

  /** Wakes up to `count` threads; the sequence has moved since `counted` was read. */
  wake(counted: number, count: number): void {
    if (platform().wakeWord(this.#address, Math.min(count, EVERYBODY)) === 0) this.#recount(counted);
  }

  /** Blocks the thread until an attempt succeeds; undefined when `deadline` passes. */
  sleep<T>(wait: Wait<T>, deadline: number): T | undefined {
    const i32 = this.#i32;
    let slice = FIRST_SLICE;
    const published = selfSlot.beginWait(wait.subject.kind, wait.subject.object);
    let round = this.#join();
    try {
      for (;;) {
        const seen = Atomics.load(i32, this.#at + SEQUENCE);
        // In this order: a new round begins before the sequence moves, so who has the new sequence sees the new round.
        if (this.counted() >> ROUND_SHIFT !== round) round = this.#join();
        const result = wait.attempt();
        if (result !== undefined) return result;
        const left = deadline - instant();
        if (left <= 0) return undefined;
        platform().waitOnWord(this.#address, seen, Math.min(left, mayBlockFor(slice)));
        if (Atomics.load(i32, this.#at + SEQUENCE) === seen) wait.recover?.();
        slice = Math.min(slice * 2, LAST_SLICE);
      }
    } finally {
      this.#leave(round);
      selfSlot.endWait(published);
    }
  }

  /** Counts this thread; returns the round it is counted in. */
  #join(): number {
    return Atomics.add(this.#i32, this.#at + COUNT, 1) >> ROUND_SHIFT;
  }

  #leave(round: number): void {
    for (;;) {
      const seen = this.counted();
      if (seen >> ROUND_SHIFT !== round || !Sleepers.isAnybody(seen)) return;
      if (Atomics.compareExchange(this.#i32, this.#at + COUNT, seen, seen - 1) === seen) return;
    }
  }

  /**
   * Nobody sleeps although somebody is counted: he was killed asleep, or is awake for a moment. Starts a new round, in
   * which the living count themselves again, so that a dead one does not cost every wake a system call for ever.
   */
  #recount(counted: number): void {
    const next = ((counted >> ROUND_SHIFT) + 1) << ROUND_SHIFT;
    if (Atomics.compareExchange(this.#i32, this.#at + COUNT, counted, next) !== counted) return;
    // Who is falling asleep just now is not counted any more: let him look again.
    Atomics.add(this.#i32, this.#at + SEQUENCE, 1);
    platform().wakeWord(this.#address, EVERYBODY);
  }
}
