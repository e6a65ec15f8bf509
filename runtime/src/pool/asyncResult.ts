import { inspect } from 'node:util';
import { TimeoutError, ValueError } from '../errors.js';
import { checkNames } from '../optionNames.js';
import { whenAborted } from '../sync/aborted.js';
import type { WaitOptions } from '../sync/waitOptions.js';
import type { Outcome } from './outcome.js';
import { timeoutOf } from './callOptions.js';

export type ResultWaitOptions = Pick<WaitOptions, 'timeout' | 'signal'>;

const NAMES = ['timeout', 'signal'];

/**
 * The answer of `applyAsync`, `mapAsync` and `starmapAsync` (Python: `multiprocessing.pool.AsyncResult`). Deliberately
 * not thenable: an async function that returned one would wait for its result.
 */
export class AsyncResult<R> {
  readonly #outcome: Outcome<R>;

  /** Made by a pool. */
  constructor(outcome: Outcome<R>) {
    this.#outcome = outcome;
  }

  /**
   * The result when it is there; rejects with what the call threw, or with TimeoutError after `timeout` milliseconds.
   * May be asked again and again, also after a timeout. Rejects with TypeError for options that are none, as in
   * `get(1000)`: a limit that is ignored would be a wait for ever.
   */
  async get(options?: ResultWaitOptions): Promise<R> {
    await this.wait(options);
    switch (this.#outcome.state) {
      case 'done':
        return this.#outcome.value as R;
      case 'failed':
        throw this.#outcome.value;
      case 'pending':
        throw new TimeoutError(`no result within ${options?.timeout} ms`);
    }
  }

  /** Waits until the result is there or `timeout` milliseconds have passed; resolves either way. */
  wait(options?: ResultWaitOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const given = checkNames(options, NAMES, 'AsyncResult');
      const timeout = timeoutOf(given.timeout);
      const { signal } = given;
      if (this.#outcome.state !== 'pending' || timeout === 0) return resolve();
      if (signal?.aborted === true) return reject(signal.reason as Error);
      const timer = timeout === undefined ? undefined : setTimeout(() => finish(resolve), timeout);
      const stop = this.#outcome.onSettled(() => finish(resolve));
      const onAbort = (): void => finish(() => reject(signal?.reason as Error));
      const ignoreSignal = whenAborted(signal, onAbort);
      function finish(settle: () => void): void {
        stop?.();
        clearTimeout(timer);
        ignoreSignal();
        settle();
      }
    });
  }

  /** Whether the call has ended, well or not. */
  ready(): boolean {
    return this.#outcome.state !== 'pending';
  }

  /** Whether the call ended without an error. Throws ValueError while it has not ended. */
  successful(): boolean {
    if (this.#outcome.state === 'pending') throw new ValueError(`${inspect(this)} not ready`);
    return this.#outcome.state === 'done';
  }

  [inspect.custom](): string {
    return `<AsyncResult ${this.#outcome.state}>`;
  }
}
