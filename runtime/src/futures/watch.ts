import { isSettled, observe, Future } from './future.js';

/** Some futures, each once: those that have not ended are watched until they have, and not held for longer. */
export class Watch<F extends Future> {
  /** How many futures there are in all. */
  readonly total: number;
  #ended: F[] = [];
  readonly #open = new Map<F, () => void>();
  #look: (() => void) | undefined;

  /** Throws TypeError for what is no future. */
  constructor(futures: Iterable<F>) {
    const all = new Set(futures);
    for (const each of all as Set<unknown>) {
      if (!(each instanceof Future)) throw new TypeError(`not a Future: ${each === null ? 'null' : typeof each}`);
    }
    this.total = all.size;
    for (const future of all) {
      if (isSettled(future)) this.#ended.push(future);
      else
        this.#open.set(
          future,
          observe(future, () => this.#changed(future)),
        );
    }
  }

  /** How many have not ended. */
  get unfinished(): number {
    return this.#open.size;
  }

  /** Those that have ended and were not taken, first those that had at the start. */
  get ended(): readonly F[] {
    return this.#ended;
  }

  take(): F[] {
    const taken = this.#ended;
    this.#ended = [];
    return taken;
  }

  open(): Set<F> {
    return new Set(this.#open.keys());
  }

  /** Calls `look` whenever one has ended, until the answered function is called. */
  readonly subscribe = (look: () => void): (() => void) => {
    this.#look = look;
    return () => (this.#look = undefined);
  };

  close(): void {
    for (const leave of this.#open.values()) leave();
  }

  #changed(future: F): void {
    if (!isSettled(future)) return;
    this.#open.get(future)?.();
    this.#open.delete(future);
    this.#ended.push(future);
    this.#look?.();
  }
}
