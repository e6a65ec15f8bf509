import { instant, LONGEST_TIMER } from '../clock.js';
import { selfSlot } from '../memory/index.js';
import { whenAborted } from './aborted.js';
import * as doorbell from './doorbell.js';
import type { LoopPlace, Waiter } from './loopPlace.js';
import type { Wait } from './wait.js';

/**
 * Waits in the event loop until the wait's attempt succeeds; resolves undefined when `deadline` (`instant()`'s
 * clock) passes, rejects with the signal's reason when aborted. `over` is called as the wait ends, with whether it
 * got what it waited for.
 */
export function waitInLoop<T>(
  place: LoopPlace,
  wait: Wait<T>,
  deadline: number,
  signal: AbortSignal | undefined,
  over: (served: boolean) => void = ignore,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const leave = (served: boolean): void => {
      if (wait.stopper !== undefined) wait.stopper.stop = undefined;
      clearTimeout(timer);
      ignoreSignal();
      selfSlot.endWait(published);
      over(served);
    };
    const waiter: Waiter = {
      keepsAlive: wait.keepsAlive ?? true,
      alike: wait.alike ?? false,
      exclusive: wait.exclusive ?? false,
      attempt: overdue => {
        try {
          if (overdue) wait.recover?.();
          const result = wait.attempt();
          if (result === undefined) return 'waiting';
          leave(true);
          resolve(result);
          return 'served';
        } catch (error) {
          leave(false);
          reject(error as Error);
          return 'over';
        }
      },
    };
    const onAbort = (): void => {
      doorbell.remove(place, waiter);
      leave(false);
      reject(signal?.reason as Error);
    };
    const { stopper } = wait;
    if (stopper !== undefined) stopper.stop = onAbort;
    const onTimeout = (): void => {
      if (instant() < deadline) {
        startTimer();
        return;
      }
      doorbell.remove(place, waiter);
      // The last moment counts: what came while the timer waited for its turn is still taken.
      if (waiter.attempt(true) !== 'waiting') return;
      leave(false);
      resolve(undefined);
    };
    const startTimer = (): void => {
      timer = setTimeout(onTimeout, Math.min(Math.ceil(deadline - instant()), LONGEST_TIMER));
      if (wait.keepsAlive === false) timer.unref();
    };
    const published = selfSlot.beginWait(wait.subject.kind, wait.subject.object);
    const ignoreSignal = whenAborted(signal, onAbort);
    if (deadline !== Infinity) startTimer();
    try {
      doorbell.add(place, waiter);
    } catch (error) {
      doorbell.remove(place, waiter);
      leave(false);
      reject(error as Error);
    }
  });
}

const ignore = (): void => undefined;
