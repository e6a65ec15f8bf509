import { instant } from '../clock.js';
/** Looks at most, and for how many milliseconds: somewhat longer than an idle processor takes to wake up. */
const SPINS = 4000;
const LONGEST = 0.04;
/** Looks between two looks at the clock. */
const CLOCK_EVERY = 128;
/** Looks while looking for long does not pay: the other side may be about to finish all the same. */
const FEWEST = Math.min(60, SPINS);
/** So many long looks in vain, one after the other, and looking for long is given up for a while. */
const PATIENCE = 4;
/** Waits until it is tried again: after each try in vain twice as many. */
const SHORTEST_REST = 4;
const LONGEST_REST = 64;

/**
 * Looking again and again for a moment, before a wait falls asleep. It pays when the other side runs on another
 * processor and answers within microseconds, since waking an idle processor takes far longer; where it does not, it is
 * lost time. So each place of waiting goes by what looking has brought there lately.
 */
export class Spin {
  readonly #fewest: number;
  readonly #stretch: number;
  #patience = PATIENCE;
  #restLength = SHORTEST_REST;
  #rest = 0;
  #inARow = 0;

  /**
   * `fewest` looks are made even where looking does not pay. After `stretch` waits in a row that looking has ended, one
   * is not looked for at all.
   */
  constructor(fewest = FEWEST, stretch = Infinity) {
    this.#fewest = fewest;
    this.#stretch = stretch;
  }

  /** For waits in the event loop, which has to turn now and then. */
  static inLoop(): Spin {
    return new Spin(0, 32);
  }

  /** What `glance` answers as soon as it answers something; undefined when it is time to sleep. */
  until<T>(glance: () => T | undefined): T | undefined {
    if (this.#inARow >= this.#stretch) {
      this.#inARow = 0;
      return undefined;
    }
    const isShort = this.#rest > 0 && --this.#rest > 0;
    const result = isShort ? look(glance, this.#fewest) : look(glance, SPINS);
    if (result !== undefined) this.#inARow++;
    else this.#inARow = 0;
    if (!isShort) this.#learn(result !== undefined);
    return result;
  }

  #learn(paid: boolean): void {
    if (paid) {
      this.#patience = PATIENCE;
      this.#restLength = SHORTEST_REST;
    } else if (--this.#patience <= 0) {
      this.#rest = this.#restLength;
      this.#restLength = Math.min(this.#restLength * 2, LONGEST_REST);
    }
  }
}

function look<T>(glance: () => T | undefined, times: number): T | undefined {
  let end = Infinity;
  for (let n = 1; n <= times; n++) {
    const result = glance();
    if (result !== undefined) return result;
    if (n % CLOCK_EVERY !== 0) continue;
    const now = instant();
    if (end === Infinity) end = now + LONGEST;
    else if (now >= end) break;
  }
  return undefined;
}
