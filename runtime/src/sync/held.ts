/** Node gained these symbols during version 20; what TypeScript and esbuild emit for `using` looks for the same ones. */
const wellKnown = (name: 'dispose' | 'asyncDispose'): symbol => {
  const symbols = Symbol as unknown as Record<string, symbol | undefined>;
  const existing = symbols[name];
  if (existing !== undefined) return existing;
  const made = Symbol.for(`Symbol.${name}`);
  Object.defineProperty(Symbol, name, { value: made });
  return made;
};

export const dispose = wellKnown('dispose') as typeof Symbol.dispose;
export const asyncDispose = wellKnown('asyncDispose') as typeof Symbol.asyncDispose;

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

  [dispose](): void {
    this.#release();
  }

  [asyncDispose](): Promise<void> {
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
