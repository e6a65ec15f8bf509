// Ten tasks for five workers, all of them children of the main process.
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, isMain } from 'manycore';

export async function fun(id: number): Promise<void> {
  console.log(`Run task id: ${id} pid: ${process.pid} ppid: ${process.ppid}`);
  await sleep(300);
}

if (isMain(import.meta)) {
  console.log(`Main Process pid ${process.pid}`);
  const pool = new Pool({ processes: 5 });
  for (let i = 0; i < 10; i++) pool.applyAsync(fun, [i]);
  console.log('wait...');
  pool.close();
  await pool.join();
  console.log('Done');
}
