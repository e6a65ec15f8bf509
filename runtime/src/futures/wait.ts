import { ValueError } from '../errors.js';
import { hasFailed, type Future } from './future.js';
import { checkWait, until, WAIT_NAMES, type FutureWaitOptions } from './until.js';
import { Watch } from './watch.js';

/** What `wait` waits for: the first future to end, the first to fail (or else all of them), or all. */
export type ReturnWhen = 'FIRST_COMPLETED' | 'FIRST_EXCEPTION' | 'ALL_COMPLETED';

export const FIRST_COMPLETED = 'FIRST_COMPLETED';
export const FIRST_EXCEPTION = 'FIRST_EXCEPTION';
export const ALL_COMPLETED = 'ALL_COMPLETED';
const CONDITIONS: readonly string[] = [FIRST_COMPLETED, FIRST_EXCEPTION, ALL_COMPLETED];

export interface WaitOptions extends FutureWaitOptions {
  /** `'ALL_COMPLETED'` by default. */
  readonly returnWhen?: ReturnWhen | undefined;
}

/** The futures that have ended, and those that have not. */
export interface DoneAndNotDone<F extends Future> {
  readonly done: Set<F>;
  readonly notDone: Set<F>;
}

/**
 * Waits for futures, of any executors (Python: `concurrent.futures.wait`). A future that is given twice counts once;
 * being cancelled is no failure. After `timeout` milliseconds resolves with what there is. Never rejects because of a
 * future; with ValueError for another `returnWhen`, TypeError for what is no future, or the signal's reason.
 */
export async function wait<F extends Future>(futures: Iterable<F>, options?: WaitOptions): Promise<DoneAndNotDone<F>> {
  const given = checkWait(options, [...WAIT_NAMES, 'returnWhen'], 'wait');
  const { returnWhen = ALL_COMPLETED } = given;
  if (!CONDITIONS.includes(returnWhen)) throw new ValueError(`Invalid return condition: ${String(returnWhen)}`);
  const watch = new Watch(futures);
  let seen = 0;
  let failed = false;
  const isEnough = (): boolean => {
    if (watch.unfinished === 0) return true;
    if (returnWhen === FIRST_COMPLETED) return watch.ended.length > 0;
    if (returnWhen === ALL_COMPLETED) return false;
    for (; !failed && seen < watch.ended.length; seen++) failed = hasFailed(watch.ended[seen] as F); // below length
    return failed;
  };
  try {
    await until(isEnough, watch.subscribe, given);
    return { done: new Set(watch.ended), notDone: watch.open() };
  } finally {
    watch.close();
  }
}
