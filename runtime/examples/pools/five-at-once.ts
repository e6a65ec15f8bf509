// A pool has all of its processes from the start, and never more: ten requests queue up for five workers.
import { Pool, activeChildren, isMain } from 'manycore';

export function test(): number {
  return process.pid;
}

if (isMain(import.meta)) {
  const p = new Pool(5);
  console.log('processes before the first task:', activeChildren().length);
  const results = Array.from({ length: 10 }, () => p.applyAsync(test));
  console.log('requests submitted:', results.length);
  p.close();
  await p.join();
  const pids = new Set(await Promise.all(results.map(r => r.get())));
  console.log('at most five did the work:', pids.size <= 5);
  console.log('processes after join:', activeChildren().length);
}
