import { checkNames } from '../optionNames.js';
import { timeoutOf } from '../pool/ground.js';
import { whenAborted } from '../sync/aborted.js';

/** How long to wait. */
export interface FutureWaitOptions {
  /** Milliseconds; nothing or `Infinity` for no limit, 0 or less to look once. */
  readonly timeout?: number | undefined;
  /** Aborting rejects the wait with the signal's reason; what is waited for goes on. */
  readonly signal?: AbortSignal | undefined;
}

export const WAIT_NAMES = ['timeout', 'signal'];

/** Throws TypeError for unknown names and for a timeout that is no number. */
export function checkWait<T extends FutureWaitOptions>(options: T | undefined, names: readonly string[], what: string) {
  const given = checkNames(options, names, what);
  timeoutOf(given.timeout);
  if (given.signal !== undefined && !(given.signal instanceof AbortSignal)) {
    throw new TypeError('signal must be an AbortSignal');
  }
  return given;
}

/**
 * Waits until `isReady`, which is asked now and whenever the listener given to `subscribe` is called. Resolves with true,
 * or with false when the time is up; rejects with the signal's reason.
 */
export function until(
  isReady: () => boolean,
  subscribe: (look: () => void) => () => void,
  { timeout: given, signal }: FutureWaitOptions,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timeout = timeoutOf(given);
    if (isReady()) return resolve(true);
    if (signal?.aborted === true) return reject(signal.reason as Error);
    if (timeout === 0) return resolve(false);
    const timer = timeout === undefined ? undefined : setTimeout(() => finish(() => resolve(false)), timeout);
    const unsubscribe = subscribe(() => {
      if (isReady()) finish(() => resolve(true));
    });
    const ignoreSignal = whenAborted(signal, () => finish(() => reject(signal?.reason as Error)));
    function finish(settle: () => void): void {
      clearTimeout(timer);
      unsubscribe();
      ignoreSignal();
      settle();
    }
  });
}
