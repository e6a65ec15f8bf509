import { instant } from '../../clock.js';
import { processStat } from '../../platform/processStat.js';

const SIGNAL_BITS = 0x7f;
/** How long a process may be on its way from dropping its locks to its very end, in milliseconds. */
const LAST_STEPS = 100;

/**
 * How a child of this process ended of which the event loop has not heard yet: the system keeps that for its parent.
 * The exit code, negative for a signal; undefined where the system has no /proc.
 */
export function unreapedExitCode(pid: number): number | undefined {
  const deadline = instant() + LAST_STEPS;
  while (instant() < deadline) {
    const fields = processStat(pid);
    if (fields === undefined) return undefined;
    if (fields[0] !== 'Z') continue;
    const status = Number(fields.at(-1));
    const signal = status & SIGNAL_BITS;
    return signal === 0 ? (status >> 8) & 0xff : -signal;
  }
  return undefined;
}
