import { instant } from '../clock.js';
/** How long the owner looks by itself, in milliseconds: somewhat longer than a bell would take to be heard. */
const LOOK_MS = 0.12;
const MOST_LUCK = 4;
/** Without luck it tries again after so many chances, and after twice as many each time that it has none. */
const FIRST_TRY = 4;
const LAST_TRY = 64;

/** What the lookout is told to look at. */
export interface Seen {
  /** Takes in what is there. */
  readonly look: () => void;
  /** Whether something may still come soon. */
  readonly isPromising: () => boolean;
  /** Tells the workers whether they need not ring. */
  readonly announce: (looks: boolean) => void;
}

/**
 * For calls that follow each other one by one: instead of sleeping until the bell rings, the owner looks at each turn
 * of its event loop, for a moment. Only as long as that goes well, so that waiting for longer tasks costs nothing.
 */
export class Lookout {
  readonly #seen: Seen;
  #until = 0;
  #luck = 0;
  #chances = 0;
  #nextTry = FIRST_TRY;

  constructor(seen: Seen) {
    this.#seen = seen;
  }

  /** Something was sent that may be answered at once. */
  start(): void {
    if (this.#luck === 0 && ++this.#chances < this.#nextTry) return;
    this.#chances = 0;
    const looks = this.#until > 0;
    this.#until = instant() + LOOK_MS;
    if (looks) return;
    this.#seen.announce(true);
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    this.#seen.look();
    const promising = this.#seen.isPromising();
    if (promising && instant() < this.#until) {
      setImmediate(this.#turn);
      return;
    }
    this.#until = 0;
    if (!promising) {
      this.#luck = MOST_LUCK;
      this.#nextTry = FIRST_TRY;
    } else if (this.#luck > 0) {
      this.#luck--;
    } else {
      this.#nextTry = Math.min(this.#nextTry * 2, LAST_TRY);
    }
    this.#seen.announce(false);
    this.#seen.look();
  };
}
