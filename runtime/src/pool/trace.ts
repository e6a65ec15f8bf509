import type { OwnerWord } from '../memory/index.js';
import type { Slice } from './journal.js';
import type { Seat } from './seats.js';

/** The format of chrome://tracing, which ui.perfetto.dev reads too; times are microseconds. */
export interface ChromeTrace {
  readonly traceEvents: readonly ChromeTraceEvent[];
  readonly displayTimeUnit: 'ms';
}

/** A name of a row (`M`), or a slice with its begin and its duration (`X`). */
export type ChromeTraceEvent =
  | { readonly ph: 'M'; readonly name: string; readonly pid: number; readonly tid: number; readonly args: object }
  | {
      readonly ph: 'X';
      readonly name: string;
      readonly cat: 'task' | 'worker';
      readonly pid: number;
      readonly tid: number;
      readonly ts: number;
      readonly dur: number;
      readonly args: object;
    };

interface Bar {
  readonly name: string;
  readonly cat: 'task' | 'worker';
  /** Epoch milliseconds. */
  readonly start: number;
  readonly end: number;
  readonly args: object;
}

/** A row each worker, and as many for those that have ended as it takes for no two of their slices to overlap. */
export function traceOf(pool: string, seats: readonly Seat[], slices: readonly Slice[]): ChromeTrace {
  const rows = new Map<OwnerWord, Bar[]>(seats.map(({ worker }) => [worker.child.owner, lifeOf(worker)]));
  const ended: Bar[] = [];
  for (const { worker, name, tasks, start, duration } of slices) {
    const bar = { name, cat: 'task', start, end: start + duration, args: { tasks } } as const;
    (rows.get(worker) ?? ended).push(bar);
  }
  const named = [
    ...seats.map(({ worker }): [string, Bar[]] => [
      `${worker.name} (${worker.child.pid})`,
      rows.get(worker.child.owner) ?? [],
    ]),
    ...lanes(ended).map((bars, i): [string, Bar[]] => [`workers that have ended, ${i + 1}`, bars]),
  ];
  const pid = process.pid;
  const about = (tid: number, name: string, args: object): ChromeTraceEvent => ({ ph: 'M', name, pid, tid, args });
  const events = named.flatMap(([name, bars], i) => [
    about(i + 1, 'thread_name', { name }),
    ...apart(bars).map(({ name: what, cat, start, end, args }): ChromeTraceEvent => {
      const [ts, dur] = [start * 1000, Math.max(end - start, 0) * 1000];
      return { ph: 'X', name: what, cat, pid, tid: i + 1, ts, dur, args };
    }),
  ]);
  return { traceEvents: [about(0, 'process_name', { name: pool }), ...events], displayTimeUnit: 'ms' };
}

/** From the start of its process until it was ready. */
function lifeOf({ moments }: Seat['worker']): Bar[] {
  const { spawned, booted, ready } = moments;
  const bar = (name: string, from: number | undefined, to: number | undefined): Bar[] =>
    from === undefined || to === undefined
      ? []
      : [{ name, cat: 'worker', start: performance.timeOrigin + from, end: performance.timeOrigin + to, args: {} }];
  return [...bar('start', spawned, booted), ...bar('initializer', booted, ready)];
}

/** Each slice goes to the first lane that is free by then: as few as can be. */
function lanes(bars: readonly Bar[]): Bar[][] {
  const found: Bar[][] = [];
  for (const bar of [...bars].sort((a, b) => a.start - b.start)) {
    const free = found.find(lane => (lane.at(-1)?.end ?? 0) <= bar.start);
    if (free === undefined) found.push([bar]);
    else free.push(bar);
  }
  return found;
}

/** In order; clocks of processes differ by some microseconds, and what overlaps would be drawn as nested. */
function apart(bars: readonly Bar[]): Bar[] {
  const sorted = [...bars].sort((a, b) => a.start - b.start);
  return sorted.map((bar, i) => ({ ...bar, end: Math.min(bar.end, sorted[i + 1]?.start ?? Infinity) }));
}
