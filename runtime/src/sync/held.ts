/**
 * What a successful `acquire` gives: releases at the end of its block with `using held = await lock.acquire()`. It is
 * always truthy, so that `if (await lock.acquire({ timeout: 100 }))` reads as in Python.
 */
export class Held {
  readonly #release: () => void;

  /** @internal */
  constructor(release: () => void) {
    this.#release = release;
  }

  /** The same as the lock's own `release()`. */
  release(): void {
    this.#release();
  }

  [Symbol.dispose](): void {
    this.#release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#release();
    return Promise.resolve();
  }
}

/** Options of an acquire that can only succeed or throw. */
export interface UntilHeld {
  readonly signal?: AbortSignal | undefined;
  readonly timeout?: undefined;
  readonly block?: true | undefined;
}
