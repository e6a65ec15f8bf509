import { OWNER_MASK, program, type Block, type OwnerWord } from '../memory/index.js';
import { WaitPoint } from './waitPoint.js';

/** Set in the word by who is going to sleep: whoever releases it has to wake somebody. */
const WAITED_FOR = 1 << 30;
/** Word 0 is the state. */
const RECOVERED = 1;
const FREED = 2;

/**
 * The word under Lock and RLock: 0 when free, else the process that holds it. One compare-and-exchange takes it, one
 * exchange frees it; only a release that somebody waits for does more. Not fair: who comes first takes it.
 */
export class LockWord {
  static readonly WORDS = FREED + WaitPoint.WORDS;
  /** Where to wait for it to become free. */
  readonly freed: WaitPoint;
  readonly #i32: Int32Array;
  readonly #at: number;
  readonly #me: OwnerWord;

  constructor(block: Block, word: number) {
    this.#i32 = block.segment.i32;
    this.#at = block.word + word;
    this.#me = program().me;
    this.freed = new WaitPoint(block, word + FREED);
  }

  /** Takes it if it is free; for who never waited. */
  tryTake(): boolean {
    return Atomics.compareExchange(this.#i32, this.#at, 0, this.#me) === 0;
  }

  /** A look before sleeping is worth it: takes it if free, and leaves no trace if not. */
  glance(): boolean {
    return Atomics.load(this.#i32, this.#at) === 0 && this.tryTake();
  }

  /** Takes it if free, and otherwise says that somebody waits. Others may sleep too, so the taker keeps the flag. */
  takeOrFlag(): boolean {
    for (;;) {
      const seen = Atomics.load(this.#i32, this.#at);
      const next = seen === 0 ? this.#me | WAITED_FOR : seen | WAITED_FOR;
      if (next !== seen && Atomics.compareExchange(this.#i32, this.#at, seen, next) !== seen) continue;
      return seen === 0;
    }
  }

  /** Frees it; false when it was free already. */
  free(): boolean {
    const held = Atomics.exchange(this.#i32, this.#at, 0);
    if ((held & WAITED_FOR) !== 0) this.freed.wake(1);
    return held !== 0;
  }

  /** The process that holds it, 0 for none. */
  owner(): OwnerWord {
    return Atomics.load(this.#i32, this.#at) & OWNER_MASK;
  }

  isMine(): boolean {
    return this.owner() === this.#me;
  }

  /** Takes it from a holder that has died; about 2 µs when the holder lives. */
  recover(): void {
    const seen = Atomics.load(this.#i32, this.#at);
    if (seen === 0 || !program().isDead(seen & OWNER_MASK)) return;
    if (Atomics.compareExchange(this.#i32, this.#at, seen, 0) !== seen) return;
    Atomics.add(this.#i32, this.#at + RECOVERED, 1);
    // Whoever called may give up before it takes the word: somebody else has to hear of it.
    if ((seen & WAITED_FOR) !== 0) this.freed.wake(1);
  }

  /** How often it was taken from a dead holder. */
  recovered(): number {
    return Atomics.load(this.#i32, this.#at + RECOVERED);
  }
}
