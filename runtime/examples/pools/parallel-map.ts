// The four lines most programs need: `await using` ends the pool when the block is left, also by an error.
import { Pool, isMain } from 'manycore';

export function f(x: number): number {
  return x ** 2;
}

if (isMain(import.meta)) {
  await using pool = new Pool();
  const squares = await pool.map(f, [1, 2, 3, 4]);
  console.log(`[${squares.join(', ')}]`);
}
