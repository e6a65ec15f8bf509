import { WAITABLE, type Readiness, type Waitable } from '../channel/index.js';
import { instant, LONGEST_TIMER } from '../clock.js';
import { selfSlot } from '../memory/index.js';
import { nap } from '../platform/nap.js';
import { whenAborted } from '../sync/aborted.js';
import { mayBlockFor } from '../sync/meanwhile.js';
import { deadlineOf, type WaitOptions } from '../sync/waitOptions.js';
import type { Child } from './children.js';

/** How often a thread that is blocked looks whether the process has ended, in milliseconds. */
const LOOK = 10;

/**
 * Becomes ready when its process ends, and stays so (Python: `Process.sentinel`). Any number of waits may be pending; `wait`
 * takes it together with connections and other sentinels.
 */
export class Sentinel implements Waitable {
  readonly #child: Child;

  constructor(child: Child) {
    this.#child = child;
  }

  get ready(): boolean {
    return !this.#child.isAlive();
  }

  /** True once the process has ended, false when `timeout` milliseconds have passed first. */
  wait(options?: Omit<WaitOptions, 'block'>): Promise<boolean> {
    return waitForEnd(this.#child, options);
  }

  /** For `wait`. */
  [WAITABLE](): Readiness {
    const child = this.#child;
    return {
      what: 'a sentinel',
      needsLoop: false,
      isReady: () => !child.isAlive(),
      watch: changed => {
        const letGo = child.hold();
        const forget = child.whenEnded(changed);
        return () => {
          forget();
          letGo();
        };
      },
      waitSync: deadline => {
        const published = selfSlot.beginWait('process', child.owner);
        try {
          while (child.isAlive()) {
            const left = deadline - instant();
            if (left <= 0) return false;
            nap(Math.min(left, mayBlockFor(LOOK)));
          }
          return true;
        } finally {
          selfSlot.endWait(published);
        }
      },
      // Whoever is told that a process has ended finds its exit code there.
      arrived: () => child.exited.then(() => undefined),
    };
  }
}

/**
 * Waits until the end of a child has been recorded. A timeout of 0 or less looks once. Rejects with the signal's
 * reason. The wait keeps this process alive, even if the child is a daemon.
 */
export async function waitForEnd(child: Child, options: WaitOptions = {}): Promise<boolean> {
  options.signal?.throwIfAborted();
  const deadline = deadlineOf(options);
  if (child.status !== undefined) return true;
  // It may have ended without our event loop having heard: the word is on its way then.
  if (deadline === 0 && child.isAlive()) return false;
  const letGo = child.hold();
  let stopWaiting: (() => void) | undefined;
  let forget: (() => void) | undefined;
  const published = selfSlot.beginWait('process', child.owner);
  try {
    return await new Promise<boolean>((resolve, reject) => {
      stopWaiting = startGivingUp(deadline, options.signal, () => resolve(false), reject);
      // Not through `exited`: a promise keeps what waits for it, also after a timeout.
      forget = child.whenEnded(() => resolve(true));
    });
  } finally {
    stopWaiting?.();
    forget?.();
    letGo();
    selfSlot.endWait(published);
  }
}

/** Calls one of the two when the time is over or the signal fires; answers how to call it off. */
function startGivingUp(
  deadline: number,
  signal: AbortSignal | undefined,
  onTimeout: () => void,
  onAbort: (reason: unknown) => void,
): () => void {
  const abort = (): void => onAbort(signal?.reason);
  const ignoreSignal = whenAborted(signal, abort);
  const isTimed = deadline !== Infinity && deadline !== 0;
  const timer = isTimed ? setTimeout(onTimeout, Math.min(deadline - instant(), LONGEST_TIMER)) : undefined;
  return () => {
    clearTimeout(timer);
    ignoreSignal();
  };
}
