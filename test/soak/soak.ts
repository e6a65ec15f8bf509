import { read, type Reading } from './gauge.js';
import { Load, type Round } from './load.js';

export interface SoakOptions {
  /** So many rounds, or until this moment on `performance.now()`'s clock. */
  readonly rounds?: number;
  readonly until?: number;
  readonly round: Round;
  /** Done in each round besides; a test leaks here. */
  readonly besides?: () => void;
  readonly told?: (line: string) => void;
}

export interface SoakResult {
  readonly readings: readonly Reading[];
  readonly totals: Round;
}

const MB = 1e6;

/** Rounds of load, and the gauges after each. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { rounds = Infinity, until = Infinity, round, besides, told } = options;
  const load = new Load();
  const readings: Reading[] = [];
  while (readings.length < rounds && performance.now() < until) {
    await load.round(round);
    besides?.();
    const reading = await read();
    readings.push(reading);
    const { rss, heap, descriptors, files, shared, rows, slots } = reading;
    told?.(
      `round ${readings.length}: ${(rss / MB).toFixed(1)} MB resident, ${(heap / MB).toFixed(1)} MB heap, ` +
        `${(shared / MB).toFixed(1)} MB shared in ${files} files, ${descriptors} descriptors, ${rows} rows, ${slots} places`,
    );
  }
  await load.end();
  const { tasks, starts, messages } = round;
  const times = readings.length;
  return { readings, totals: { tasks: tasks * times, starts: starts * times, messages: messages * times } };
}
