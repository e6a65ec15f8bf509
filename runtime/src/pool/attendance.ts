import { instant } from '../clock.js';
import type { WorkerHandle } from './workerHandle.js';

/** Looks so many times during an idle timeout: a worker leaves at most a quarter of it late. */
const LOOKS = 4;
const SHORTEST_MS = 5;

export interface AttendancePlan {
  readonly size: number;
  /** Idle workers beyond this number may leave. */
  readonly least: number;
  /** How long a worker is idle before it leaves, in milliseconds; 0 for never. */
  readonly idleTimeout: number;
  /** None is there before there is a task for it. */
  readonly onDemand: boolean;
}

/**
 * How many workers a pool wants at the moment: all of them, unless those that have nothing to do may leave. They come
 * back when there are more tasks than workers.
 */
export class Attendance {
  readonly #plan: AttendancePlan;
  readonly #workers: () => readonly WorkerHandle[];
  readonly #sendHome: (worker: WorkerHandle) => void;
  readonly #idle = new WeakMap<WorkerHandle, { readonly busyMs: number; readonly since: number }>();
  #wanted: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(plan: AttendancePlan, workers: () => readonly WorkerHandle[], sendHome: (worker: WorkerHandle) => void) {
    this.#plan = plan;
    this.#workers = workers;
    this.#sendHome = sendHome;
    this.#wanted = plan.onDemand ? 0 : plan.size;
    if (plan.idleTimeout === 0) return;
    this.#timer = setInterval(this.#look, Math.max(plan.idleTimeout / LOOKS, SHORTEST_MS)).unref();
  }

  get wanted(): number {
    return this.#wanted;
  }

  /** So many tasks have no answer; true when more workers are wanted than before. */
  demand(tasks: number): boolean {
    if (tasks <= this.#wanted || this.#wanted === this.#plan.size) return false;
    this.#wanted = Math.min(tasks, this.#plan.size);
    return true;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  readonly #look = (): void => {
    const now = instant();
    const present = this.#workers().filter(worker => worker.state !== 'retiring' && worker.state !== 'gone');
    let left = present.length;
    for (const worker of present) {
      if (worker.state !== 'ready' || worker.busySince !== 0) {
        this.#idle.delete(worker);
        continue;
      }
      const { busyMs } = worker;
      const before = this.#idle.get(worker);
      if (before?.busyMs !== busyMs) {
        this.#idle.set(worker, { busyMs, since: now });
      } else if (now - before.since >= this.#plan.idleTimeout && left > this.#plan.least) {
        this.#wanted = --left;
        this.#sendHome(worker);
      }
    }
  };
}
