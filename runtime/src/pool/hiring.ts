import { Attendance, type AttendancePlan } from './attendance.js';
import type { Staff } from './staff.js';
import type { Transport } from './transport.js';
import type { WorkerHandle } from './workerHandle.js';

/** How soon the pool tries again to start a worker that the system would not start, in milliseconds. */
const AGAIN_MS = 500;

export interface Employer {
  /** Whether there is any use for more workers. */
  readonly mayHire: () => boolean;
  /** The last worker is gone, and no other can be started. */
  readonly deserted: (cause: unknown) => void;
}

/** Keeps as many workers as are wanted: hires those that are missing, sends home those that have nothing to do. */
export class Hiring {
  readonly #staff: Staff;
  readonly #transport: Transport;
  readonly #employer: Employer;
  readonly #attendance: Attendance;
  #again: NodeJS.Timeout | undefined;

  constructor(plan: AttendancePlan, staff: Staff, transport: Transport, employer: Employer) {
    this.#staff = staff;
    this.#transport = transport;
    this.#employer = employer;
    this.#attendance = new Attendance(
      plan,
      () => staff.all,
      worker => this.#sendHome(worker),
    );
  }

  /** Starts the first workers. Throws what starting a process throws. */
  begin(): void {
    this.#staff.fill(this.#attendance.wanted);
  }

  /** Starts the workers that are missing. */
  hire(): void {
    if (!this.#employer.mayHire()) return;
    try {
      this.#staff.fill(this.#attendance.wanted);
    } catch (error) {
      // Fewer workers are still a pool, and there may be room again soon; none are not.
      if (this.#staff.size === 0) this.#employer.deserted(error);
      else this.#again ??= setTimeout(this.#tryAgain, AGAIN_MS).unref();
    }
  }

  /** So many tasks have no answer. */
  demand(tasks: number): void {
    if (this.#attendance.demand(tasks)) this.hire();
  }

  stop(): void {
    clearTimeout(this.#again);
    this.#attendance.stop();
  }

  readonly #tryAgain = (): void => {
    this.#again = undefined;
    this.hire();
  };

  /** An idle worker; it takes what is there for it, and then ends. */
  #sendHome(worker: WorkerHandle): void {
    worker.moveTo('retiring');
    worker.abortLine.sendHome();
    this.#transport.wakeAll();
  }
}
