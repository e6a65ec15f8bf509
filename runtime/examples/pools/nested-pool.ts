// A pool's workers are daemons, and a daemon may have no children: a task that opens a pool fails, and so does the map.
import { Pool, isMain } from 'manycore';

export async function autoMulProcess<T, R>(func: (item: T) => R, dataList: Iterable<T>, procNum: number) {
  const pool = new Pool(procNum);
  const rel = await pool.map(func, dataList);
  pool.close();
  await pool.join();
  return rel;
}

export async function func(i: number): Promise<void> {
  if (i < 5) await autoMulProcess(func, [i + 5, i + 6], 2);
  else console.log(i);
}

if (isMain(import.meta)) {
  await autoMulProcess(func, [0, 1, 2], 3);
}
