/** The method by which an object of this library says how it can be waited for. */
export const WAITABLE: unique symbol = Symbol.for('manycore.waitable') as never;

/** Something `wait` can wait for: a connection, a listener, the sentinel of a process. */
export interface Waitable {
  /** For `wait` alone. Throws when there is nothing to wait for: closed, or an end that cannot receive. */
  [WAITABLE](): Readiness;
}

/** How to find out whether something is ready, and to hear of it. Looking takes nothing. */
export interface Readiness {
  /** What an error calls it: `a Connection over a socket`. */
  readonly what: string;
  /** Whether it is ready, as far as this process knows. */
  isReady(): boolean;
  /**
   * Calls `changed` whenever it may have become ready, until the answered function is called; `failed` when it cannot
   * be waited for any more. A watched object keeps the process alive.
   */
  watch(changed: () => void, failed: (error: Error) => void): () => void;
  /** News of it comes through the event loop: what is there already is known only after the loop has turned. */
  readonly needsLoop: boolean;
  /** Blocks the thread until it is ready or `deadline` passes; absent where that takes the event loop. */
  waitSync?(deadline: number): boolean;
  /** Called for what is reported as ready: settles when everything about it can be read. */
  arrived?(): Promise<void> | undefined;
}
