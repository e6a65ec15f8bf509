import type { ProgramSnapshot } from 'manycore/inspect';

interface RunningJob {
  readonly total: number;
  done: number;
}

/**
 * The jobs of "Run in pool" that are under way, by the process that runs them. It hands its pool one input at a time, so
 * the pool cannot know how many there are; here it is known, and so the tree can show it.
 */
export class RunningJobs {
  readonly #jobs = new Map<number, RunningJob>();

  started(pid: number, total: number): void {
    this.#jobs.set(pid, { total, done: 0 });
  }

  progressed(pid: number, done: number): void {
    const job = this.#jobs.get(pid);
    if (job) job.done = done;
  }

  ended(pid: number): void {
    this.#jobs.delete(pid);
  }

  /** The programs, and for those that run a job, how far it is. */
  shownIn(programs: readonly ProgramSnapshot[]): readonly ProgramSnapshot[] {
    if (this.#jobs.size === 0) return programs;
    return programs.map(program => {
      const job = program.alive ? this.#jobs.get(program.mainPid) : undefined;
      if (!job) return program;
      const main = program.processes.find(({ kind }) => kind === 'main');
      const progress = { done: job.done, total: job.total };
      // What the function itself makes pools for is none of ours: that is in a process of its own.
      const pools = program.pools.map(pool => (pool.ownerSlot === main?.slot ? { ...pool, progress } : pool));
      return { ...program, pools };
    });
  }
}
