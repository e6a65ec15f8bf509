import { residentMemory } from '../platform/residentMemory.js';
import type { WorkerHandle } from './workerHandle.js';

/** How often the owner looks at workers that may be running away, in milliseconds. */
const LOOK_MS = 100;
/** A task may need so many times the limit for a while; its worker is replaced when the task is done. */
const RUNAWAY = 1.5;

/** The owner's part of `memoryLimit`: ends workers whose task takes far too much. (The rest they see to themselves.) */
export class MemoryWatch {
  readonly #limit: number;
  readonly #workers: () => readonly WorkerHandle[];
  #timer: NodeJS.Timeout | undefined;

  constructor(limit: number, workers: () => readonly WorkerHandle[]) {
    this.#limit = limit;
    this.#workers = workers;
  }

  /** Looks while there is work to do. */
  set(busy: boolean): void {
    if (this.#limit === 0 || busy === (this.#timer !== undefined)) return;
    if (busy) {
      this.#timer = setInterval(this.#look, LOOK_MS).unref();
    } else {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  readonly #look = (): void => {
    for (const worker of this.#workers()) {
      if (worker.state !== 'ready') continue;
      const bytes = residentMemory(worker.child.pid) ?? 0;
      if (bytes <= this.#limit * RUNAWAY) continue;
      worker.killedFor = `was killed for its use of memory (${megabytes(bytes)}, memoryLimit ${megabytes(this.#limit)})`;
      worker.child.kill('SIGKILL');
    }
  };
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`;
