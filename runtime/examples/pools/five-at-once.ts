// A pool has all of its processes from the start, and never more: ten requests queue up for five workers.
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
  console.log('processes before the first task:', workers());
  const results = Array.from({ length: 10 }, () => p.applyAsync(test));
  console.log('requests submitted:', results.length);
  p.close();
  await p.join();
  const pids = new Set(await Promise.all(results.map(r => r.get())));
  console.log('at most five did the work:', pids.size <= 5);
  console.log('processes after join:', workers());
}
