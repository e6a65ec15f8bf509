import fs from 'node:fs';
import path from 'node:path';
import { pidExists, procStat, type ProcStat } from './procfs.js';
import { isSlotLocked } from './slotLock.js';

/** A process's own start and what the system says of it may differ by the clock's being set, and by rounding. */
const CLOCK_TOLERANCE = 10_000;

/** Asking the system takes some 20 to 50 µs a process: one reading asks about so many, and the others in the next ones. */
const LOOKS_A_READING = 40;

/** What the slot says about its process. */
interface Claim {
  readonly dir: string;
  readonly slot: number;
  readonly pid: number;
  readonly startedAt: number;
}

interface Looked {
  readonly stat: Partial<ProcStat>;
  readonly startedAt: number;
  /** The number of the reading. */
  readonly reading: number;
}

/** What is kept of one program from reading to reading. */
class Looks {
  readonly known = new Map<number, Looked>();
  reading = 0;
  left = 0;
  /** How many readings it takes to ask about every process once. */
  round = 1;
}

const byProgram = new Map<string, Looks>();
let looks = new Looks();

/** Starts the reading of a program; `alive` is how many of its processes have not recorded their end. */
export function startReading(dir: string, alive: number): void {
  looks = byProgram.get(dir) ?? new Looks();
  byProgram.delete(dir);
  byProgram.set(dir, looks);
  looks.reading++;
  looks.left = LOOKS_A_READING;
  looks.round = Math.ceil(alive / LOOKS_A_READING);
  for (const [pid, { reading }] of looks.known) {
    if (looks.reading - reading > looks.round + 1) looks.known.delete(pid);
  }
  for (const old of byProgram.keys()) {
    if (byProgram.size <= 100) break;
    byProgram.delete(old);
  }
}

/**
 * What the system says about a process; empty when it lives and nothing more is known yet, undefined when it is gone
 * and its pid free or somebody else's.
 */
export function statOf(claim: Claim): Partial<ProcStat> | undefined {
  const { pid, startedAt } = claim;
  if (pid <= 0) return undefined;
  const met = looks.known.get(pid);
  const known = met?.startedAt === startedAt ? met : undefined;
  const isDue = known === undefined || looks.reading - known.reading >= looks.round;
  if (!isDue || looks.left <= 0) return pidExists(pid) ? (known?.stat ?? {}) : undefined;
  looks.left--;
  const stat = askSystem(claim);
  if (stat !== undefined) looks.known.set(pid, { stat, startedAt, reading: looks.reading });
  return stat;
}

/** Whether the process of a slot lives right now: exact, whatever readings have asked; for who is about to signal it. */
export function livesNow(claim: Claim): boolean {
  return claim.pid > 0 && askSystem(claim) !== undefined;
}

function askSystem(claim: Claim): Partial<ProcStat> | undefined {
  return process.platform === 'linux' ? livingStat(claim) : lockedStat(claim);
}

function livingStat(claim: Claim): ProcStat | undefined {
  const stat = procStat(claim.pid);
  if (stat === undefined || stat.zombie) return undefined;
  return stat.startedAt > claim.startedAt + CLOCK_TOLERANCE && !isThisChild(claim) ? undefined : stat;
}

/** Elsewhere the slot's lock tells the living from the dead exactly, and nothing tells what they use. */
function lockedStat({ dir, slot, pid }: Claim): Partial<ProcStat> | undefined {
  return (isSlotLocked(path.join(dir, `slot-${slot}`)) ?? pidExists(pid)) ? {} : undefined;
}

/** The clock was set, or the pid has gone to another process: the command line tells. */
function isThisChild({ pid, dir, slot }: Claim): boolean {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`\0${dir}\0${slot}\0`);
  } catch {
    return false;
  }
}
