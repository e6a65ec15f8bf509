import type { ProcessSnapshot } from 'manycore/inspect';

interface Sample {
  readonly cpuMs: number;
  readonly at: number;
  readonly percent: number | null;
}

/** Two looks closer together than this say nothing about the load. */
const shortestRoundMs = 250;

/** Turns the CPU time that a process has used so far into the share of one core it uses now. */
export class CpuMeter {
  #last = new Map<string, Sample>();
  #next = new Map<string, Sample>();

  /** Percent of one core since the last round; since its start when it is new; null when the system does not say. */
  percent(key: string, process: ProcessSnapshot, now: number): number | null {
    if (process.cpuMs === null) return null;
    const before = this.#last.get(key);
    const elapsed = now - (before?.at ?? process.startedAt);
    if (elapsed < shortestRoundMs) {
      if (before) this.#next.set(key, before);
      return before?.percent ?? null;
    }
    const percent = Math.max(0, Math.round((100 * (process.cpuMs - (before?.cpuMs ?? 0))) / elapsed));
    this.#next.set(key, { cpuMs: process.cpuMs, at: now, percent });
    return percent;
  }

  /** Ends a round: processes that were not asked about are forgotten. */
  turn(): void {
    this.#last = this.#next;
    this.#next = new Map();
  }
}
