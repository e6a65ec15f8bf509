import fs from 'node:fs';
import { instant } from '../../clock.js';

const SIGNAL_BITS = 0x7f;
/** How long a process may be on its way from dropping its locks to its very end, in milliseconds. */
const LAST_STEPS = 100;

/**
 * How a child of this process ended of which the event loop has not heard yet: the system keeps that for its parent.
 * The exit code, negative for a signal; undefined where the system has no /proc.
 */
export function unreapedExitCode(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const deadline = instant() + LAST_STEPS;
  while (instant() < deadline) {
    const stat = statOf(pid);
    if (stat === undefined) return undefined;
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] !== 'Z') continue;
    const status = Number(fields.at(-1));
    const signal = status & SIGNAL_BITS;
    return signal === 0 ? (status >> 8) & 0xff : -signal;
  }
  return undefined;
}

function statOf(pid: number): string | undefined {
  try {
    return fs.readFileSync(`/proc/${pid}/stat`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
