import { instant, machineTime } from '../clock.js';

/** A moment in a record counts in so many a millisecond, and wraps after half a day. */
const TICKS_PER_MS = 100;

/** Now, or another moment on `instant()`'s clock, as a 32-bit word: the same in all processes. */
export const moment = (now: number): number => Math.round(machineTime(now) * TICKS_PER_MS) | 0;

/** A word of `moment` as epoch milliseconds; it must be less than five hours from now. */
export function epochOf(word: number): number {
  return Date.now() - ((moment(instant()) - word) | 0) / TICKS_PER_MS;
}
