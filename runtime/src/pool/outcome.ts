/** The callbacks of an `…Async` call. */
export interface Callbacks<R> {
  readonly callback?: ((value: R) => unknown) | undefined;
  readonly errorCallback?: ((error: unknown) => unknown) | undefined;
}

type State = 'pending' | 'done' | 'failed';

/**
 * What comes of a job: settled once, asked about as often as anybody likes. Not a promise, so that a failure nobody
 * asks about is not an unhandled rejection, as in Python.
 */
export class Outcome<R> {
  #state: State = 'pending';
  #value: unknown;
  #listeners: Set<() => void> | undefined;
  readonly #callbacks: Callbacks<R> | undefined;

  constructor(callbacks?: Callbacks<R>) {
    this.#callbacks = callbacks;
  }

  get state(): State {
    return this.#state;
  }

  /** The result, or the failure; meaningless while pending. */
  get value(): unknown {
    return this.#value;
  }

  succeed(value: R): void {
    this.#settle('done', value, this.#callbacks?.callback);
  }

  fail(error: unknown): void {
    this.#settle('failed', error, this.#callbacks?.errorCallback);
  }

  /** Calls `listener` once it is settled; at once if it is. The answer takes the listener away again. */
  onSettled(listener: () => void): () => void {
    if (this.#state !== 'pending') {
      listener();
      return () => undefined;
    }
    (this.#listeners ??= new Set()).add(listener);
    return () => {
      this.#listeners?.delete(listener);
    };
  }

  /** The same as a promise. */
  settled(): Promise<R> {
    return new Promise((resolve, reject) => {
      this.onSettled(() => {
        if (this.#state === 'done') resolve(this.#value as R);
        else reject(this.#value as Error);
      });
    });
  }

  /** The callback runs first, and what it throws becomes the outcome: nobody may miss that it failed. */
  #settle<V>(state: State, value: V, callback: ((value: V) => unknown) | undefined): void {
    if (this.#state !== 'pending') return;
    this.#state = state;
    this.#value = value;
    if (callback !== undefined) this.#call(callback, value);
    const listeners = this.#listeners;
    this.#listeners = undefined;
    if (listeners !== undefined) for (const listener of listeners) listener();
  }

  #call<V>(callback: (value: V) => unknown, value: V): void {
    try {
      callback(value);
    } catch (error) {
      this.#state = 'failed';
      this.#value = error;
    }
  }
}
