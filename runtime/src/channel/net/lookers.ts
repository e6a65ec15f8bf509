import type { Hold } from './hold.js';

interface Looker {
  readonly changed: () => void;
  readonly failed: (error: Error) => void;
}

/** Who looks whether something is ready, and takes nothing. The process stays alive while anybody does. */
export class Lookers {
  readonly #hold: Hold;
  readonly #all = new Set<Looker>();

  constructor(hold: Hold) {
    this.#hold = hold;
  }

  /** For `Readiness.watch`: the answer ends it, once however often it is called. */
  readonly watch = (changed: () => void, failed: (error: Error) => void): (() => void) => {
    const looker = { changed, failed };
    this.#all.add(looker);
    this.#hold.acquire();
    return () => {
      if (this.#all.delete(looker)) this.#hold.release();
    };
  };

  tell(): void {
    for (const { changed } of this.#all) changed();
  }

  fail(makeError: () => Error): void {
    for (const { failed } of this.#all) failed(makeError());
  }
}
