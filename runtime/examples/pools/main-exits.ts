// A pool ends with the main process: what nobody waited for is lost.
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, isMain } from 'manycore';

export async function task(): Promise<void> {
  await sleep(5000);
  console.log('never printed');
}

if (isMain(import.meta)) {
  const pool = new Pool(2);
  pool.applyAsync(task);
  console.log('main leaves');
  process.exit();
}
