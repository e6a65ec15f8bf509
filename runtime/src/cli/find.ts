import { livesNow } from '../inspect/liveness.js';
import { readPrograms } from '../inspect/readProgram.js';
import type { ProcessSnapshot, ProgramSnapshot } from '../inspect/types.js';
import { plain } from './text.js';
import { does, hasEnded } from './view.js';

export interface Found {
  readonly program: ProgramSnapshot;
  readonly process: ProcessSnapshot;
}

/**
 * The living process with this pid in a program of this user, or why there is none to touch. Another process that got
 * the pid of one that has ended is not it.
 */
export function find(pid: number): Found | string {
  let ended: Found | undefined;
  for (const program of readPrograms()) {
    for (const process of program.processes) {
      if (process.pid !== pid) continue;
      if (lives(program, process)) return { program, process };
      ended = { program, process };
    }
  }
  if (ended !== undefined) {
    const { process } = ended;
    const how = hasEnded(process) ? ` (${does(process, Date.now())})` : '';
    const other = isInUse(pid) ? '; the pid is another process’s now, which is left alone' : '';
    return `${title(process)} has ended${how}${other}`;
  }
  if (!isInUse(pid)) return `there is no process ${pid}`;
  return `process ${pid} belongs to no manycore program of this user, and is left alone`;
}

/** Asked of the system right now, and exactly. */
export function lives({ dir }: ProgramSnapshot, process: ProcessSnapshot): boolean {
  const { slot, pid, startedAt } = process;
  return !hasEnded(process) && livesNow({ dir, slot, pid, startedAt });
}

/** By whomever: EPERM says that there is one. */
function isInUse(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

export const title = ({ name, pid }: ProcessSnapshot): string => `${plain(name)} (pid ${pid})`;
