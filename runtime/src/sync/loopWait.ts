import { selfSlot } from '../memory/index.js';
import { whenAborted } from './aborted.js';
import * as doorbell from './doorbell.js';
import type { Wait } from './wait.js';

const LONGEST_TIMER = 2 ** 31 - 1;

/** Where a wait in the event loop takes place: how to be rung there. */
export interface Place {
  /** Says at the shared object that this process wants to be rung; again after each ring. */
  register(): void;
  /** Whether something may have changed since it was last asked. */
  changed(): boolean;
  /** The wait is over; `served` when it got what it waited for. */
  leave(served: boolean): void;
}

/**
 * Waits in the event loop until the wait's attempt succeeds; resolves undefined when `deadline` (performance.now()
 * clock) passes, rejects with the signal's reason when aborted.
 */
export function waitInLoop<T>(
  place: Place,
  wait: Wait<T>,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const leave = (served: boolean): void => {
      if (wait.stopper !== undefined) wait.stopper.stop = undefined;
      clearTimeout(timer);
      ignoreSignal();
      selfSlot.endWait(published);
      place.leave(served);
    };
    const waiter: doorbell.Waiter = {
      keepsAlive: wait.keepsAlive ?? true,
      register: () => {
        place.register();
      },
      check: (force, overdue) => {
        if (!place.changed() && !force) return false;
        try {
          if (overdue) wait.recover?.();
          const result = wait.attempt();
          if (result === undefined) return false;
          leave(true);
          resolve(result);
        } catch (error) {
          leave(false);
          reject(error as Error);
        }
        return true;
      },
    };
    const onAbort = (): void => {
      doorbell.remove(waiter);
      leave(false);
      reject(signal?.reason as Error);
    };
    const { stopper } = wait;
    if (stopper !== undefined) stopper.stop = onAbort;
    const onTimeout = (): void => {
      if (performance.now() < deadline) {
        startTimer();
        return;
      }
      doorbell.remove(waiter);
      // The last moment counts: what came while the timer waited for its turn is still taken.
      if (waiter.check(true, true)) return;
      leave(false);
      resolve(undefined);
    };
    const startTimer = (): void => {
      timer = setTimeout(onTimeout, Math.min(Math.ceil(deadline - performance.now()), LONGEST_TIMER));
      if (wait.keepsAlive === false) timer.unref();
    };
    const published = selfSlot.beginWait(wait.subject.kind, wait.subject.object);
    const ignoreSignal = whenAborted(signal, onAbort);
    if (deadline !== Infinity) startTimer();
    try {
      doorbell.add(waiter);
    } catch (error) {
      doorbell.remove(waiter);
      leave(false);
      reject(error as Error);
    }
  });
}
