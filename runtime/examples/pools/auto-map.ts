// A helper that maps any exported function over any list, on a pool that lives as long as the call.
import { Pool, isMain } from 'manycore';

export async function autoMulProcess<T, R>(func: (item: T) => R, dataList: Iterable<T>, procNum: number) {
  const pool = new Pool(procNum);
  const rel = await pool.map(func, dataList);
  pool.close();
  await pool.join();
  return rel;
}

export function func(i: number): void {
  console.log(i * 2);
}

if (isMain(import.meta)) {
  await autoMulProcess(func, [0, 1, 2, 3], 3);
}
