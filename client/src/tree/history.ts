import type { ProcessSnapshot, ProgramSnapshot } from 'manycore/inspect';

/** How many programs that have ended are kept; the oldest go first. */
const endedProgramsKept = 20;

export const isDead = (process: ProcessSnapshot) => process.state === 'exited' || process.state === 'died';

const keyOf = (process: ProcessSnapshot) => `${process.slot}.${process.generation}`;

interface Remembered {
  snapshot: ProgramSnapshot;
  readonly processes: Map<string, ProcessSnapshot>;
  /** Dead ones that were cleared: the table may go on listing them until their slot is used again. */
  readonly cleared: Set<string>;
}

/**
 * What has been seen so far. The process table forgets (a slot is used again, a program removes its directory when it
 * ends); a person who looks for the reason of a death must still find it, until they clear it away.
 */
export class History {
  readonly #programs = new Map<string, Remembered>();
  readonly #clearedPrograms = new Set<string>();

  /** Takes in what the table says now and returns everything worth showing. `now` is in epoch milliseconds. */
  merge(snapshots: readonly ProgramSnapshot[], now: number): ProgramSnapshot[] {
    const present = new Set(snapshots.map(snapshot => snapshot.id));
    for (const id of this.#clearedPrograms) if (!present.has(id)) this.#clearedPrograms.delete(id);
    for (const snapshot of snapshots) {
      if (!this.#clearedPrograms.has(snapshot.id) || snapshot.alive) this.#take(snapshot, now);
    }
    for (const [id, known] of this.#programs) {
      if (!present.has(id)) end(known, now);
    }
    this.#forgetOldest();
    return [...this.#programs.values()].map(known => ({
      ...known.snapshot,
      processes: [...known.processes].filter(([key]) => !known.cleared.has(key)).map(([, process]) => process),
    }));
  }

  /** Forgets every process that is dead, and every program that has ended. */
  clearDead(): void {
    for (const [id, known] of this.#programs) {
      if (!known.snapshot.alive) {
        this.#programs.delete(id);
        this.#clearedPrograms.add(id);
        continue;
      }
      for (const [key, process] of known.processes) if (isDead(process)) known.cleared.add(key);
    }
  }

  #take(snapshot: ProgramSnapshot, now: number): void {
    const known = this.#programs.get(snapshot.id) ?? { snapshot, processes: new Map(), cleared: new Set() };
    known.snapshot = snapshot;
    const seen = new Set<string>();
    for (const process of snapshot.processes) {
      known.processes.set(keyOf(process), process);
      seen.add(keyOf(process));
    }
    for (const [key, process] of known.processes) {
      if (seen.has(key)) continue;
      // Its slot belongs to another process by now. A cleared one need not be remembered any longer.
      if (known.cleared.delete(key)) known.processes.delete(key);
      else known.processes.set(key, ended(process, now));
    }
    this.#programs.set(snapshot.id, known);
  }

  #forgetOldest(): void {
    const gone = [...this.#programs].filter(([, known]) => !known.snapshot.alive);
    for (const [id] of gone.slice(0, Math.max(0, gone.length - endedProgramsKept))) {
      this.#programs.delete(id);
      this.#clearedPrograms.add(id);
    }
  }
}

/** A process that vanished between two looks: it is over, and nobody can say any more how. */
const ended = (process: ProcessSnapshot, now: number): ProcessSnapshot =>
  isDead(process) ? process : { ...process, state: 'exited', task: '', waitingFor: null, endedAt: now };

function end(known: Remembered, now: number): void {
  if (!known.snapshot.alive && [...known.processes.values()].every(isDead)) return;
  const pools = known.snapshot.pools.map(pool => ({ ...pool, workers: 0, running: 0, state: 'terminated' as const }));
  known.snapshot = { ...known.snapshot, alive: false, pools };
  for (const [key, process] of known.processes) known.processes.set(key, ended(process, now));
}
