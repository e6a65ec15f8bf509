import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readPrograms } from 'manycore/inspect';
import v8 from 'node:v8';
import vm from 'node:vm';

/** What a program holds on to: of this process and of its folder. */
export interface Reading {
  /** Bytes of this process in memory. */
  readonly rss: number;
  /** Bytes of V8's heap in use, and of what hangs on it outside. */
  readonly heap: number;
  readonly descriptors: number;
  readonly files: number;
  /** Bytes that the files of the folder take up. */
  readonly shared: number;
  /** Processes, pools and queues in the table that have not ended. */
  readonly rows: number;
  /** Places in the table that have been used: a program keeps what it knows of 1,024 processes, also ended ones. */
  readonly slots: number;
}

/** What each of these places holds on to, until all of them have been used: its lock file, its journal and that mapped. */
const A_SLOT: Readonly<Partial<Record<keyof Reading, number>>> = { rss: 8192, heap: 8192, files: 2, shared: 4096 };

v8.setFlagsFromString('--expose-gc');
const collectGarbage = vm.runInNewContext('gc') as () => void;

/** Reads the gauges after the garbage has been collected, and what is dropped with it. */
export async function read(): Promise<Reading> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await sleep(10); // finalisers run in turns of the event loop of their own
  }
  const program = readPrograms().find(({ mainPid }) => mainPid === process.pid);
  const names = program === undefined ? [] : fs.readdirSync(program.dir);
  const living = program?.processes.filter(({ endedAt }) => endedAt === null) ?? [];
  const { heapUsed, external, rss } = process.memoryUsage();
  return {
    rss,
    heap: heapUsed + external,
    descriptors: fs.readdirSync('/proc/self/fd').length,
    files: names.length,
    shared: names.reduce((sum, name) => sum + allocated(path.join(program?.dir ?? '', name)), 0),
    rows: living.length + (program?.pools.length ?? 0) + (program?.queues.length ?? 0),
    slots: program?.processes.length ?? 0,
  };
}

function allocated(file: string): number {
  try {
    return fs.statSync(file).blocks * 512;
  } catch {
    return 0; // gone since it was listed
  }
}

/** How much more may be there at the end than in the middle, in shares and in units: what noise there is. */
const SLACK: Readonly<Partial<Record<keyof Reading, { share: number; units: number }>>> = {
  rss: { share: 0.05, units: 8_000_000 },
  heap: { share: 0.05, units: 1_000_000 },
  // The bells of up to 16 dead are let go together.
  descriptors: { share: 0, units: 18 },
  files: { share: 0, units: 2 },
  shared: { share: 0.05, units: 2_000_000 },
  rows: { share: 0, units: 0 },
};

/** What has grown from the second to the last quarter of the readings, in words; nothing if the program is flat. */
export function growth(readings: readonly Reading[]): string[] {
  const quarter = Math.floor(readings.length / 4);
  const [before, after] = [readings.slice(quarter, 2 * quarter), readings.slice(-quarter)];
  return Object.entries(SLACK).flatMap(([name, { share, units }]) => {
    const gauge = name as keyof Reading;
    const [from, to] = [median(before, gauge), median(after, gauge)];
    const slots = median(after, 'slots') - median(before, 'slots');
    const allowed = from + Math.max(from * share, units) + slots * (A_SLOT[gauge] ?? 0);
    return to <= allowed ? [] : [`${gauge} grew from ${from} to ${to}, and ${allowed} would be flat`];
  });
}

function median(readings: readonly Reading[], gauge: keyof Reading): number {
  const sorted = readings.map(reading => reading[gauge]).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
