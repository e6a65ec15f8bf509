// A pool starts all of its processes before it has a task, and never more: ten requests queue up for five workers.
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, isMain } from 'manycore';
import { readPrograms } from 'manycore/inspect';

export function test(): number {
  return process.pid;
}

/** Counted in the process table, which any program of the same user may read. */
function workers(): number {
  const me = readPrograms().find(program => program.mainPid === process.pid);
  return me?.processes.filter(({ kind, endedAt }) => kind === 'worker' && endedAt === null).length ?? 0;
}

if (isMain(import.meta)) {
  const p = new Pool(5);
  while (workers() < 5) await sleep(10); // they boot a few at a time
  console.log('processes before the first task:', workers());
  const results = Array.from({ length: 10 }, () => p.applyAsync(test));
  console.log('requests submitted:', results.length);
  p.close();
  await p.join();
  const pids = new Set(await Promise.all(results.map(r => r.get())));
  console.log('at most five did the work:', pids.size <= 5);
  console.log('processes after join:', workers());
}
