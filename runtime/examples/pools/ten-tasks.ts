// Ten tasks of random length for three workers: a worker that is free takes the next task, first in, first out.
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, isMain } from 'manycore';

export async function worker(msg: number): Promise<void> {
  const start = performance.now();
  console.log(`${msg} starts, process id is ${process.pid}`);
  await sleep(Math.random() * 200);
  console.log(msg, `is done, it took ${((performance.now() - start) / 1000).toFixed(2)}`);
}

if (isMain(import.meta)) {
  const po = new Pool(3);
  for (let i = 0; i < 10; i++) po.applyAsync(worker, [i]);

  console.log('----start----');
  po.close();
  await po.join();
  console.log('-----end-----');
}
