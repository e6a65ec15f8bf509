/** A moment in a record counts in so many a millisecond, and wraps after half a day. */
const TICKS_PER_MS = 100;

/** Now, or another moment on performance.now()'s clock, as a 32-bit word: the same in all processes. */
export const moment = (now: number): number => Math.round((performance.timeOrigin + now) * TICKS_PER_MS) | 0;

/** A word of `moment` as epoch milliseconds; it must be less than five hours from now. */
export function epochOf(word: number): number {
  const now = performance.timeOrigin + performance.now();
  return now - ((Math.round(now * TICKS_PER_MS) - word) | 0) / TICKS_PER_MS;
}
