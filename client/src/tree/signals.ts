import { readProgram } from 'manycore/inspect';
import { isDead } from './history.js';
import { stillThere } from './identity.js';
import type { ProcessRef } from './node.js';

/** Signals a process after making sure that its pid is still its own. False when it is gone. Throws what the system says. */
export function signalProcess(ref: ProcessRef, signal: NodeJS.Signals): boolean {
  if (!stillThere(ref)) return false;
  try {
    process.kill(ref.pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/** The process and everything it started, parents first. */
export function familyOf(ref: ProcessRef): ProcessRef[] {
  const processes = (readProgram(ref.programDir)?.processes ?? []).filter(process => !isDead(process));
  const family: ProcessRef[] = [ref];
  for (const member of family) {
    for (const child of processes) {
      if (child.parentPid !== member.pid || family.some(known => known.pid === child.pid)) continue;
      const { slot, generation, pid, startedAt } = child;
      family.push({ programDir: ref.programDir, slot, generation, pid, startedAt });
    }
  }
  return family;
}

/** Kills the process and everything it started; parents go first, so that nothing dead is replaced. Returns how many. */
export function killFamily(ref: ProcessRef): number {
  return familyOf(ref).filter(member => signalProcess(member, 'SIGKILL')).length;
}
