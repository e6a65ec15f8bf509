/** How long the owner looks by itself, in milliseconds: somewhat longer than a bell would take to be heard. */
const LOOK_MS = 0.06;
const MOST_LUCK = 4;
/** Without luck it tries again after so many chances. */
const NEXT_TRY = 32;

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

  constructor(seen: Seen) {
    this.#seen = seen;
  }

  /** Something was sent that may be answered at once. */
  start(): void {
    if (this.#luck === 0 && ++this.#chances % NEXT_TRY !== 0) return;
    const looks = this.#until > 0;
    this.#until = performance.now() + LOOK_MS;
    if (looks) return;
    this.#seen.announce(true);
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    this.#seen.look();
    const promising = this.#seen.isPromising();
    if (promising && performance.now() < this.#until) {
      setImmediate(this.#turn);
      return;
    }
    this.#until = 0;
    this.#luck = promising ? Math.max(this.#luck - 1, 0) : MOST_LUCK;
    this.#seen.announce(false);
    this.#seen.look();
  };
}
