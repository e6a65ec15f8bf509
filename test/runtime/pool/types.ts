import type { AsyncResult, Pool } from 'manycore';
import { add, identity, sqr, sqrLater } from './fixtures/tasks.js';

/** True when two types are the same; the compiler says so, nothing is run. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is =
  <Wanted>(): (<Given>(value: Given, ...same: Same<Wanted, Given> extends true ? [] : [never]) => void) =>
  () =>
    undefined;

const measure = (text: string, unit?: 'px' | 'em'): { text: string; unit: string } => ({ text, unit: unit ?? 'px' });
const total = (...numbers: number[]): number => numbers.length;
const pid = (): number => process.pid;

/** Checked by the compiler (`npx tsc -b`): none of this is called. */
export async function applied(pool: Pool): Promise<void> {
  is<number>()(await pool.apply(sqr, [2]));
  is<number>()(await pool.apply(sqrLater, [2, 5], { timeout: 5 }));
  is<number>()(await pool.apply(identity, [2]));
  is<AsyncResult<number>>()(pool.applyAsync(sqr, [2], { callback: result => is<number>()(result) }));
  await pool.apply(pid);
  await pool.apply(pid, undefined, { timeout: 5 });
  await pool.apply(pid, [], { timeout: 5 });
  await pool.apply(total, [1, 2, 3] as readonly number[]);
  await pool.apply(measure, ['text']);
  await pool.apply(measure, ['text', 'em']);

  // @ts-expect-error: the arguments are missing
  await pool.apply(add);
  // @ts-expect-error: both arguments are missing
  await pool.apply(add, []);
  // @ts-expect-error: one argument is missing
  pool.applyAsync(add, [2]);
  // @ts-expect-error: a number is wanted
  await pool.apply(sqr, ['two']);
  // @ts-expect-error: one argument too many
  await pool.apply(sqr, [2, 3]);
  // @ts-expect-error: no such unit
  pool.applyAsync(measure, ['text', 'km']);
  // @ts-expect-error: no such option
  await pool.apply(sqr, [2], { time: 3 });
}

export async function mapped(pool: Pool, pairs: readonly (readonly [number, number])[]): Promise<void> {
  is<number[]>()(await pool.map(sqr, [1, 2]));
  is<number[]>()(await pool.starmap(add, pairs));
  is<number[]>()(await pool.starmap(identity, [[1], [2]]));
  // A pair is seen for what it is where it is written in the call.
  const made = [1, 2].map(x => [x, x]);
  await pool.starmap(
    add,
    [1, 2].map(x => [x, x]),
  );
  await pool.starmap(add, new Map([[1, 2]]));
  await pool.starmap(total, made);
  pool.starmapAsync(measure, [['text'], ['text', 'em']]);

  // @ts-expect-error: arrays of any length are no pairs
  await pool.starmap(add, made);
  // @ts-expect-error: numbers are wanted
  await pool.starmap(add, [['one', 2]]);
  // @ts-expect-error: one argument is missing
  pool.starmapAsync(add, [[1]]);
  // @ts-expect-error: items are no arguments
  await pool.starmap(sqr, [1, 2]);
  // @ts-expect-error: items of another type
  await pool.map(sqr, ['one']);
}
