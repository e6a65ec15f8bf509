import { inspect, type InspectOptions } from 'node:util';
import { insightsTable } from './insightsTable.js';
import type { Slice, SlowTask } from './journal.js';
import { PHASES, type Phase, type Seat } from './seats.js';
import { traceOf, type ChromeTrace } from './trace.js';

export type { ChromeTrace, ChromeTraceEvent } from './trace.js';

/** One worker, with all that had its place before it; times in milliseconds. */
export interface WorkerInsight {
  readonly name: string;
  readonly pid: number;
  /** From the start of the process until it was up. */
  readonly start: number;
  /** In the initializer. */
  readonly init: number;
  /** Ready, with nothing to do. */
  readonly waiting: number;
  readonly working: number;
  /** Calls that succeeded, and those that failed; a failed chunk of a map counts once. */
  readonly done: number;
  readonly failed: number;
  /** How often it was replaced, for whatever reason. */
  readonly restarts: number;
}

export interface PhaseInsight {
  readonly total: number;
  readonly mean: number;
  /** Standard deviation over the workers. */
  readonly deviation: number;
  /** Of all the workers' time, 0 to 1. */
  readonly share: number;
}

/** How a pool's workers have spent their time up to now. `String(insights)` is a table. */
export class Insights {
  readonly workers: readonly WorkerInsight[];
  readonly phases: Readonly<Record<Phase, PhaseInsight>>;
  /** The longest first. Tasks that travel together are known by their average. */
  readonly slowest: readonly SlowTask[];
  readonly #seats: readonly Seat[];
  readonly #slices: readonly Slice[];
  readonly #pool: string;

  /** Made by a pool. */
  constructor(pool: string, seats: readonly Seat[], slowest: readonly SlowTask[], slices: readonly Slice[]) {
    this.#pool = pool;
    this.#seats = seats;
    this.#slices = slices;
    this.slowest = slowest;
    this.workers = seats.map(({ worker, restarts, figures }) => ({
      name: worker.name,
      pid: worker.child.pid,
      ...figures,
      restarts,
    }));
    const all = PHASES.reduce((sum, phase) => sum + total(this.workers, phase), 0);
    const of = (phase: Phase): PhaseInsight => summed(this.workers, phase, all);
    this.phases = { start: of('start'), init: of('init'), waiting: of('waiting'), working: of('working') };
  }

  /** Times are milliseconds, shares 0 to 1. */
  toJSON(): object {
    return {
      pool: this.#pool,
      timeUnit: 'ms',
      workers: this.workers,
      phases: this.phases,
      slowest: this.slowest,
    };
  }

  /**
   * For chrome://tracing or ui.perfetto.dev: a row a worker, a slice for each task or batch of short ones, the latest
   * 16,384 of the pool. Write it to a file with JSON.stringify.
   */
  toChromeTrace(): ChromeTrace {
    return traceOf(this.#pool, this.#seats, this.#slices);
  }

  toString(): string {
    return insightsTable(this.#pool, this);
  }

  /** On a terminal it has its colours, and no line is wider. */
  [inspect.custom](_depth: number, { colors }: InspectOptions): string {
    const { stdout } = process;
    const width = stdout.isTTY && stdout.columns > 0 ? stdout.columns : Infinity;
    return insightsTable(this.#pool, this, { width, colour: colors === true });
  }
}

const total = (workers: readonly WorkerInsight[], phase: Phase): number =>
  workers.reduce((sum, worker) => sum + worker[phase], 0);

function summed(workers: readonly WorkerInsight[], phase: Phase, all: number): PhaseInsight {
  const sum = total(workers, phase);
  const count = Math.max(workers.length, 1);
  const mean = sum / count;
  const variance = workers.reduce((squares, worker) => squares + (worker[phase] - mean) ** 2, 0) / count;
  return { total: sum, mean, deviation: Math.sqrt(variance), share: all === 0 ? 0 : sum / all };
}
