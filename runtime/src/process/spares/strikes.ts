/** Spares of one flavour that end by themselves, one after the other, until no more are made. */
const OUT = 3;
/** The same for those that somebody kills: that may be bad luck. */
const KILLED_OUT = 30;
/** In milliseconds. */
const LONGEST_PAUSE = 5000;

interface Book {
  ended: number;
  killed: number;
}

/** Which spares are no use: a module that ends whatever imports it would be imported for ever. */
export class Strikes {
  readonly #books = new Map<string, Book>();

  /** One has ended before it was needed; `isFinal` when it has told why, and the next one would end as well. */
  count(flavour: string, { isKilled, isFinal }: { isKilled: boolean; isFinal: boolean }): void {
    const book = this.#books.get(flavour) ?? { ended: 0, killed: 0 };
    if (isKilled) book.killed++;
    else book.ended += isFinal ? OUT : 1;
    this.#books.set(flavour, book);
  }

  isOut(flavour: string): boolean {
    const { ended, killed } = this.#books.get(flavour) ?? { ended: 0, killed: 0 };
    return ended >= OUT || killed >= KILLED_OUT;
  }

  /** How long to wait with the next one, in milliseconds: longer each time. */
  pause(first: number): number {
    let most = 0;
    for (const { ended, killed } of this.#books.values()) most = Math.max(most, ended + killed);
    return Math.min(first * 2 ** Math.max(most - 1, 0), LONGEST_PAUSE);
  }

  /** One was needed. */
  forgive(flavour: string): void {
    this.#books.delete(flavour);
  }

  forgiveAll(): void {
    this.#books.clear();
  }
}
