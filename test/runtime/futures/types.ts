import { asCompleted, wait, type Future, type MapResults, type ProcessPoolExecutor } from 'manycore/futures';
import { add, identity, sqr, sqrLater } from '../pool/fixtures/tasks.js';

/** True when two types are the same; the compiler says so, nothing is run. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is =
  <Wanted>(): (<Given>(value: Given, ...same: Same<Wanted, Given> extends true ? [] : [never]) => void) =>
  () =>
    undefined;

const measure = (text: string, unit?: 'px' | 'em'): { text: string; unit: string } => ({ text, unit: unit ?? 'px' });

/** Checked by the compiler (`npx tsc -b`): none of this is called. */
export function inferred(executor: ProcessPoolExecutor): void {
  const one = executor.submit(sqr, 2);
  is<Future<number>>()(one);
  const awaited = executor.submit(sqrLater, 2, 5);
  is<Future<number>>()(awaited);
  const generic = executor.submit(identity, 'text');
  is<Future<string>>()(generic);
  executor.submit(measure, 'text');
  executor.submit(measure, 'text', 'em');

  // @ts-expect-error: a number is wanted
  executor.submit(sqr, 'two');
  // @ts-expect-error: one argument is missing
  executor.submit(add, 2);
  // @ts-expect-error: one argument too many
  executor.submit(sqr, 2, 3);
  // @ts-expect-error: no such unit
  executor.submit(measure, 'text', 'km');

  const mapped = executor.map(sqr, [1, 2]);
  is<MapResults<number>>()(mapped);
  const zipped = executor.map(add, [1, 2], new Set([3, 4]), { chunkSize: 2, timeout: 5, bufferSize: 9 });
  is<MapResults<number>>()(zipped);
  const four = executor.map((a: number, b: string, c: boolean, d: null) => [a, b, c, d], [1], ['a'], [true], [null]);
  is<MapResults<(string | number | boolean | null)[]>>()(four);
  executor.map((a: number, b: string, c: boolean, d: null) => [a, b, c, d], [1], ['a'], [true], [null], {
    chunkSize: 2,
  });

  // @ts-expect-error: items of another type
  executor.map(sqr, ['one', 'two']);
  // @ts-expect-error: the second parameter has no input
  executor.map(add, [1, 2]);
  // @ts-expect-error: no such option
  executor.map(sqr, [1, 2], { chunksize: 2 });

  const waited = wait([one, awaited]);
  void waited.then(({ done }) => is<Set<Future<number>>>()(done));
  const mixed = asCompleted([one, generic]);
  is<AsyncIterableIterator<Future<number> | Future<string>, undefined>>()(mixed);
  // @ts-expect-error: a promise is no future
  void wait([one.promise]);
  // @ts-expect-error: no such condition
  void wait([one], { returnWhen: 'FIRST' });
}
