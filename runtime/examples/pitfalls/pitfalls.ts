// Five mistakes that type-check and fail, or hang, when they run. Open this file in the editor: each is underlined, with
// a quick-fix. It is not meant to be run.
import fs from 'node:fs';
import { Pool, Process } from 'manycore';

export function square(x: number): number {
  return x * x;
}

export function writeLine(log: fs.WriteStream, line: string): void {
  log.write(line);
}

// MC001: a process started while the module is imported. The child imports the module too, and would start one more.
// Put it under `if (isMain(import.meta))`.
const unguarded = new Process({ target: square, args: [2] });
unguarded.start();

export async function closure(): Promise<void> {
  const factor = 3;
  // MC002: the child cannot import a function that only exists inside this call. Export it, and pass `factor`.
  const p = new Process({ target: () => console.log(factor) });
  p.start();
  await p.join();
}

export async function unpicklable(): Promise<void> {
  const log = fs.createWriteStream('work.log');
  // MC003: a stream is open in this process only. Pass its path, and open it in the child.
  const p = new Process({ target: writeLine, args: [log, 'hello'] });
  p.start();
  await p.join();
}

export async function joinTooEarly(): Promise<void> {
  const pool = new Pool(2);
  await pool.map(square, [1, 2, 3]);
  // MC004: the workers wait for more tasks, so they never end. `pool.close()` comes first.
  await pool.join();
}

export async function sumOfSquares(numbers: number[]): Promise<number> {
  // MC005: run as a task, this is a pool inside a pool's worker, which is a daemon and may have no children.
  await using inner = new Pool(2);
  return (await inner.map(square, numbers)).reduce((sum, n) => sum + n, 0);
}

export async function nested(): Promise<number[]> {
  await using pool = new Pool(2);
  return await pool.map(sumOfSquares, [
    [1, 2],
    [3, 4],
  ]);
}
