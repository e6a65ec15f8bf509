import { inspect } from 'node:util';
import type { Slice, SlowTask } from './journal.js';
import type { Seat } from './seats.js';

const PHASES = ['start', 'init', 'waiting', 'working'] as const;
type Phase = (typeof PHASES)[number];

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

export interface ChromeTrace {
  readonly traceEvents: readonly object[];
  readonly displayTimeUnit: 'ms';
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

  toJSON(): object {
    return { pool: this.#pool, workers: this.workers, phases: this.phases, slowest: this.slowest };
  }

  /**
   * For chrome://tracing or ui.perfetto.dev: a row a worker, a slice for each task or batch of short ones, the latest
   * 16,384 of the pool. Write it to a file with JSON.stringify.
   */
  toChromeTrace(): ChromeTrace {
    const rows = new Map(this.#seats.map(({ worker }, i) => [worker.child.owner, i + 1]));
    const named = this.#seats.map(({ worker }, i) =>
      event('M', i + 1, { name: 'thread_name', args: { name: worker.name } }),
    );
    const slices = this.#slices.map(({ worker, name, tasks, start, duration }) => {
      // Of a worker that has gone nobody knows the row any more.
      const row = rows.get(worker) ?? 0;
      return event('X', row, { name, cat: 'task', ts: start * 1000, dur: duration * 1000, args: { tasks } });
    });
    const program = event('M', 0, { name: 'process_name', args: { name: this.#pool } });
    const gone = event('M', 0, { name: 'thread_name', args: { name: 'workers that have ended' } });
    return { traceEvents: [program, gone, ...named, ...slices], displayTimeUnit: 'ms' };
  }

  toString(): string {
    const rows = this.workers.map(worker => [
      `${worker.name} (${worker.pid})`,
      ...PHASES.map(phase => time(worker[phase])),
      String(worker.done),
      String(worker.failed),
      String(worker.restarts),
    ]);
    const phase = (name: string, text: (phase: PhaseInsight) => string): string[] => [
      name,
      ...PHASES.map(each => text(this.phases[each])),
    ];
    const table = aligned([
      [this.#pool, ...PHASES, 'done', 'failed', 'restarts'],
      ...rows,
      phase('mean', each => time(each.mean)),
      phase('deviation', each => time(each.deviation)),
      phase('share', each => `${(each.share * 100).toFixed(1)} %`),
    ]);
    const slow = this.slowest.map(task => [time(task.duration), task.input, `(pid ${task.pid})`].join('  '));
    return slow.length === 0 ? table : `${table}\n\nslowest:\n${slow.map(line => `  ${line}`).join('\n')}`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

const event = (ph: string, tid: number, more: object): object => ({ ph, pid: process.pid, tid, ...more });

const total = (workers: readonly WorkerInsight[], phase: Phase): number =>
  workers.reduce((sum, worker) => sum + worker[phase], 0);

function summed(workers: readonly WorkerInsight[], phase: Phase, all: number): PhaseInsight {
  const sum = total(workers, phase);
  const count = Math.max(workers.length, 1);
  const mean = sum / count;
  const variance = workers.reduce((squares, worker) => squares + (worker[phase] - mean) ** 2, 0) / count;
  return { total: sum, mean, deviation: Math.sqrt(variance), share: all === 0 ? 0 : sum / all };
}

const time = (ms: number): string => (ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`);

/** The first column to the left, the others to the right. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  const pad = (cell: string, i: number): string =>
    i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0);
  return rows.map(row => row.map(pad).join('  ')).join('\n');
}
