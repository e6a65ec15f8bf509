import { OWNER_MASK, program, type Block } from '../memory/index.js';
import { platform } from '../platform/index.js';

const WAITED_FOR = 1 << 30;
const SPINS = 100;
const SLICE = 20;

/**
 * The lock under the library's own critical sections (a ring's writer side, a condition's list): a few hundred
 * nanoseconds at most are spent in it, so it only has a Sync form. When its holder is killed, the next one gets it;
 * the sections are written so that one store at their end publishes, and half-done work before it is invisible.
 * One word: 0, or the owner, with a flag when somebody sleeps.
 */
export class Mutex {
  static readonly WORDS = 1;
  readonly #i32: Int32Array;
  readonly #at: number;
  readonly #address: number;
  readonly #me: number;

  constructor(block: Block, word: number) {
    this.#i32 = block.segment.i32;
    this.#at = block.word + word;
    this.#address = block.segment.address + this.#at * 4;
    this.#me = program().me;
  }

  lock(): void {
    if (Atomics.compareExchange(this.#i32, this.#at, 0, this.#me) !== 0) this.#lockSlowly();
  }

  unlock(): void {
    if ((Atomics.exchange(this.#i32, this.#at, 0) & WAITED_FOR) !== 0) platform().wakeWord(this.#address, 1);
  }

  #lockSlowly(): void {
    const i32 = this.#i32;
    const at = this.#at;
    for (let spin = 0; spin < SPINS; spin++) {
      if (Atomics.load(i32, at) === 0 && Atomics.compareExchange(i32, at, 0, this.#me) === 0) return;
    }
    for (;;) {
      const seen = Atomics.load(i32, at);
      if (seen === 0) {
        // There may be more sleepers: take it with the flag, or the last of them would sleep on.
        if (Atomics.compareExchange(i32, at, 0, this.#me | WAITED_FOR) === 0) return;
        continue;
      }
      const flagged = seen | WAITED_FOR;
      if (seen !== flagged && Atomics.compareExchange(i32, at, seen, flagged) !== seen) continue;
      platform().waitOnWord(this.#address, flagged, SLICE);
      if (Atomics.load(i32, at) !== flagged || !program().isDead(flagged & OWNER_MASK)) continue;
      if (Atomics.compareExchange(i32, at, flagged, this.#me | WAITED_FOR) === flagged) return;
    }
  }
}
