import * as fs from 'node:fs';
import { readProgram, type ProcessSnapshot } from 'manycore/inspect';
import { isDead } from './history.js';
import type { ProcessRef } from './node.js';

/** The kernel counts start times in ticks of 10 ms for every program, whatever its own clock does. */
const tickMs = 10;
/** The table's clock and the kernel's are two clocks. */
const slackMs = 2000;

/** When the kernel started the process that has this pid now, in ticks since boot; undefined where it cannot be asked. */
export function startTicks(pid: number): number | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name comes in brackets and may hold anything; what follows the last bracket is numbers (proc(5)).
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  } catch {
    return undefined;
  }
}

function startedMs(pid: number): number | undefined {
  const ticks = startTicks(pid);
  if (ticks === undefined || !Number.isFinite(ticks)) return undefined;
  const upMs = Number(fs.readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
  return Date.now() - (upMs - ticks * tickMs);
}

/**
 * What the process table says now about a process seen earlier; undefined when it is gone, or when its pid belongs to
 * another process by now, which a signal must never reach.
 */
export function stillThere(ref: ProcessRef): ProcessSnapshot | undefined {
  const process = readProgram(ref.programDir)?.processes.find(
    candidate => candidate.slot === ref.slot && candidate.generation === ref.generation && candidate.pid === ref.pid,
  );
  // A slot is taken before its process has a pid; a signal to pid 0 would reach this very process group.
  if (!process || isDead(process) || process.pid <= 1) return undefined;
  const started = startedMs(ref.pid);
  // A pid that was given away again belongs to a process that began after ours had registered itself.
  if (started !== undefined && started > process.startedAt + slackMs) return undefined;
  return process;
}
