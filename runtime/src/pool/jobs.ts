import type { Outcome } from './outcome.js';
import type { Meter } from './progress.js';
import type { Job } from './task.js';

/** One call whose result is a promise: `apply`. */
export class CallJob implements Job {
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;

  constructor(resolve: (value: unknown) => void, reject: (error: unknown) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  taskDone(_index: number, value: unknown): void {
    this.#resolve(value);
  }

  taskFailed(_index: number, error: unknown): void {
    this.#reject(error);
  }
}

/** One call with an `Outcome`: `applyAsync`. */
export class OutcomeJob<R> implements Job {
  readonly #outcome: Outcome<R>;

  constructor(outcome: Outcome<R>) {
    this.#outcome = outcome;
  }

  taskDone(_index: number, value: unknown): void {
    this.#outcome.succeed(value as R);
  }

  taskFailed(_index: number, error: unknown): void {
    this.#outcome.fail(error);
  }
}

interface MapPlan {
  readonly inputs: number;
  /** Of a chunk. */
  readonly size: number;
  readonly meter: Meter | undefined;
}

/**
 * The chunks of one map. Waits for all of them, also when one has failed, so that nothing of the call runs on when its
 * error is seen; of several failures the first to arrive counts.
 */
export class MapJob<R> implements Job {
  readonly #outcome: Outcome<R[]>;
  readonly #chunks: R[][];
  readonly #inputs: number;
  readonly #size: number;
  readonly #meter: Meter | undefined;
  #left: number;
  #failure: { readonly error: unknown } | undefined;

  constructor(outcome: Outcome<R[]>, { inputs, size, meter }: MapPlan) {
    const chunks = Math.ceil(inputs / size);
    this.#outcome = outcome;
    this.#inputs = inputs;
    this.#size = size;
    this.#meter = meter;
    this.#chunks = new Array<R[]>(chunks);
    this.#left = chunks;
    if (chunks === 0) this.#finish();
  }

  taskDone(index: number, value: unknown): void {
    const results = value as R[];
    this.#chunks[index] = results;
    this.#meter?.add(results.length, 0);
    this.#countDown();
  }

  taskFailed(index: number, error: unknown): void {
    const calls = Math.min(this.#size, this.#inputs - index * this.#size);
    this.#meter?.add(calls, calls);
    this.#failure ??= { error };
    this.#countDown();
  }

  #countDown(): void {
    if (--this.#left === 0) this.#finish();
  }

  #finish(): void {
    try {
      this.#meter?.finish();
    } catch (error) {
      this.#failure ??= { error };
    }
    if (this.#failure !== undefined) this.#outcome.fail(this.#failure.error);
    else this.#outcome.succeed(concatenated(this.#chunks));
    this.#chunks.length = 0;
  }
}

const MANY = 10_000;

/** `flat` is ten times slower, and a spread of very many arguments overflows the stack. */
function concatenated<R>(chunks: R[][]): R[] {
  const [first = []] = chunks;
  if (chunks.length === 1) return first;
  if (chunks.length <= MANY) return first.concat(...chunks.slice(1));
  const all: R[] = [];
  for (const chunk of chunks) for (const item of chunk) all.push(item);
  return all;
}
