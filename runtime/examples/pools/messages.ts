// Five tasks for three workers. Submitting never waits: the rest queues up, and join() waits for all of it.
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, isMain } from 'manycore';

export async function func(msg: string): Promise<void> {
  console.log('msg:', msg);
  await sleep(300);
  console.log('end');
}

if (isMain(import.meta)) {
  const pool = new Pool(3);
  for (let i = 0; i < 5; i++) pool.applyAsync(func, [`hello ${i}`]);

  console.log('Mark~ Mark~ Mark~~~~~~~~~~~~~~~~~~~~~~');
  pool.close(); // join() before close() would wait for ever, and is refused
  await pool.join();
  console.log('Sub-process(es) done.');
}
