import fs from 'node:fs';

/**
 * What the system says of a process in one line, proc(5)'s `stat` from the state on (`R`, `Z`, …); undefined where
 * there is no /proc, and when the process is gone.
 */
export function processStat(pid: number): readonly string[] | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1').trim();
    // The name before it stands in parentheses, and may have some of its own.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
