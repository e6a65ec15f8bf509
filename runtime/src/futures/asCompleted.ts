import { TimeoutError } from '../errors.js';
import type { Future } from './future.js';
import { checkWait, until, WAIT_NAMES, type FutureWaitOptions } from './until.js';
import { timeoutOf } from '../pool/ground.js';
import { Watch } from './watch.js';

/**
 * The futures in the order in which they end, those that have ended already first; each once (Python:
 * `concurrent.futures.as_completed`). Rejects with TimeoutError (`2 (of 4) futures unfinished`) when one has not ended
 * `timeout` milliseconds after this call. Throws TypeError for what is no future.
 */
export function asCompleted<F extends Future>(
  futures: Iterable<F>,
  options?: FutureWaitOptions,
): AsyncIterableIterator<F, undefined> {
  const { timeout: given, signal } = checkWait(options, WAIT_NAMES, 'asCompleted');
  const timeout = timeoutOf(given);
  const deadline = timeout === undefined ? undefined : performance.now() + timeout;
  return ended(new Watch(futures), deadline, signal);
}

async function* ended<F extends Future>(
  watch: Watch<F>,
  deadline: number | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<F, undefined> {
  // The next to be given is the last: to take that costs nothing, and who has got a future may drop it.
  let news: F[] = [];
  const isNews = (): boolean => news.length > 0 || watch.ended.length > 0 || watch.unfinished === 0;
  try {
    for (;;) {
      const left = deadline === undefined ? undefined : deadline - performance.now();
      const inTime = await until(isNews, watch.subscribe, { timeout: left, signal });
      if (!inTime) throw new TimeoutError(`${watch.unfinished} (of ${watch.total}) futures unfinished`);
      if (news.length === 0) news = watch.take().reverse();
      if (news.length === 0) return;
      yield news.pop() as F; // not empty
    }
  } finally {
    watch.close();
  }
}
