import { program, type Block, type OwnerWord } from '../memory/index.js';
import { Mutex } from './mutex.js';

/**
 * The shared words of a barrier and their transitions. One word, the phase, says everything and is changed by one
 * store at the end of each section under the mutex: a process killed within a section has changed nothing.
 *
 *     phase = round (16 bits) | how many have arrived (14 bits) | acting | broken
 *
 * A round ends when its number moves on: because all had arrived, or by a reset. Which of the two, the history tells,
 * one bit a round, for who looks late.
 */
const MUTEX = 0;
const PHASE = 1;
const HISTORY = 2;
const PARTIES = 3;
const OWNERS = 4;

const BROKEN = 1;
const ACTING = 2;
const ONE_ARRIVAL = 4;
const ARRIVALS_MASK = 0x3fff;
const ROUND_SHIFT = 16;
export const MOST_PARTIES = 0x3fff;

/** A party's place in a round: its index in order of arrival. */
export interface Arrival {
  readonly round: number;
  readonly index: number;
}

export type Arrived = 'waiting' | 'acting' | 'released';

export class BarrierPhase {
  /** Without the owners, one word a party, which follow. */
  static readonly WORDS = OWNERS;
  readonly #i32: Int32Array;
  readonly #at: number;
  readonly #mutex: Mutex;

  constructor(block: Block, word: number) {
    this.#i32 = block.segment.i32;
    this.#at = block.word + word;
    this.#mutex = new Mutex(block, word + MUTEX);
  }

  static create(block: Block, word: number, parties: number): void {
    block.segment.i32[block.word + word + PARTIES] = parties;
  }

  get parties(): number {
    return this.#i32[this.#at + PARTIES] ?? 0;
  }

  get isBroken(): boolean {
    return (this.#phase() & BROKEN) !== 0;
  }

  /** How many wait for the others now. */
  get waiting(): number {
    const phase = this.#phase();
    return (phase & (BROKEN | ACTING)) !== 0 ? 0 : arrivals(phase);
  }

  /**
   * Arrives, unless the barrier is broken (`'broken'`), or the round is complete and its action still runs
   * (undefined). The last to arrive is told to act (`hasAction`), or has released everybody.
   */
  arrive(hasAction: boolean): (Arrival & { readonly as: Arrived }) | 'broken' | undefined {
    return this.#locked(phase => {
      if ((phase & BROKEN) !== 0) return 'broken';
      if ((phase & ACTING) !== 0) return undefined;
      const arrival = { round: round(phase), index: arrivals(phase) };
      this.#i32[this.#at + OWNERS + arrival.index] = program().me;
      if (arrival.index + 1 < this.parties) {
        this.#publish(phase + ONE_ARRIVAL);
        return { ...arrival, as: 'waiting' };
      }
      if (this.#hasDeadParty(arrival.index)) {
        this.#publish(phase | BROKEN);
        return 'broken';
      }
      if (hasAction) this.#publish((phase + ONE_ARRIVAL) | ACTING);
      else this.#endRound(phase, false);
      return { ...arrival, as: hasAction ? 'acting' : 'released' };
    });
  }

  /** How the round has ended; undefined while it goes on. */
  outcome(arrival: Arrival): 'released' | 'broken' | undefined {
    const phase = this.#phase();
    if (round(phase) !== arrival.round) {
      return ((Atomics.load(this.#i32, this.#at + HISTORY) >>> (arrival.round & 31)) & 1) === 0 ? 'released' : 'broken';
    }
    return (phase & BROKEN) !== 0 ? 'broken' : undefined;
  }

  /** Ends the round whose action has run; false when the barrier was broken or reset meanwhile. */
  release(arrival: Arrival): boolean {
    return this.#locked(phase => {
      if (round(phase) !== arrival.round || (phase & BROKEN) !== 0) return false;
      this.#endRound(phase, false);
      return true;
    });
  }

  /** Breaks the barrier for the arrival's round; false when that is over, or complete with its action running. */
  giveUp(arrival: Arrival, evenActing: boolean): boolean {
    return this.#locked(phase => {
      if (round(phase) !== arrival.round || (!evenActing && (phase & ACTING) !== 0)) return false;
      this.#publish(phase | BROKEN);
      return true;
    });
  }

  abort(): void {
    this.#locked(phase => {
      this.#publish(phase | BROKEN);
    });
  }

  /** Makes it new: who waits finds the round broken. */
  reset(): void {
    this.#locked(phase => {
      if ((phase & 0xffff) !== 0) this.#endRound(phase, true);
    });
  }

  /** Breaks the barrier when somebody has died who waits at it or runs its action; true when it did. */
  breakForTheDead(): boolean {
    const seen = this.#phase();
    if ((seen & BROKEN) !== 0 || !this.#hasDeadParty(arrivals(seen))) return false;
    return this.#locked(phase => {
      if (phase !== seen) return false;
      this.#publish(phase | BROKEN);
      return true;
    });
  }

  #hasDeadParty(arrived: number): boolean {
    let last: OwnerWord = program().me;
    for (let index = 0; index < arrived; index++) {
      const owner = this.#i32[this.#at + OWNERS + index] ?? 0;
      if (owner !== last && program().isDead(owner)) return true;
      last = owner;
    }
    return false;
  }

  #endRound(phase: number, broken: boolean): void {
    const bit = 1 << (round(phase) & 31);
    if (broken) Atomics.or(this.#i32, this.#at + HISTORY, bit);
    else Atomics.and(this.#i32, this.#at + HISTORY, ~bit);
    this.#publish((round(phase) + 1) << ROUND_SHIFT);
  }

  #phase(): number {
    return Atomics.load(this.#i32, this.#at + PHASE);
  }

  #publish(phase: number): void {
    Atomics.store(this.#i32, this.#at + PHASE, phase);
  }

  #locked<T>(section: (phase: number) => T): T {
    this.#mutex.lock();
    try {
      return section(this.#phase());
    } finally {
      this.#mutex.unlock();
    }
  }
}

const round = (phase: number): number => phase >>> ROUND_SHIFT;
const arrivals = (phase: number): number => (phase >>> 2) & ARRIVALS_MASK;
