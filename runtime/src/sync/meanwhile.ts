/** With chores left, a blocked thread wakes up that often, in milliseconds. */
export const CHORE_SLICE = 5;

let chores: (() => boolean) | undefined;

/**
 * What is done now and then while this process blocks its thread, since its event loop cannot; `work` answers whether
 * something is left. It must neither wait nor throw.
 */
export function meanwhile(work: () => boolean): void {
  chores = work;
}

let look: (() => void) | undefined;

/** Has `act` called, cheap as it must be, before each sleep of a blocked thread; it may end the process. */
export function lookWhileBlocked(act: () => void): void {
  look = act;
}

/** For who is about to block the thread, before each sleep: for how many milliseconds at most. */
export function mayBlockFor(slice: number): number {
  look?.();
  return chores?.() === true ? Math.min(slice, CHORE_SLICE) : slice;
}
