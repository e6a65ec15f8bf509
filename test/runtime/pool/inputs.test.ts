import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Readable } from 'node:stream';
import { Pool } from 'manycore';
import * as nasty from './fixtures/nasty.js';
import * as tasks from './fixtures/tasks.js';
import { until } from '../process/support.js';
import { DEADLINE, failure, finish, inTime, range, scratchFile } from './support.js';

const squares = (n: number): number[] => range(n).map(tasks.sqr);

async function all<T>(iterator: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = [];
  for await (const x of iterator) got.push(x);
  return got;
}

/** Inputs of every kind that tell how many were taken, and whether they were closed. */
class Tap {
  taken = 0;
  closed = 0;
  readonly #length: number;
  readonly #fails: boolean;
  constructor(length = Infinity, fails = false) {
    this.#length = length;
    this.#fails = fails;
  }
  *sync(): Generator<number> {
    try {
      while (this.taken < this.#length) yield this.taken++;
      if (this.#fails) throw new RangeError('the input broke');
    } finally {
      this.closed++;
    }
  }
  async *later(): AsyncGenerator<number> {
    for (const x of this.sync()) yield await Promise.resolve(x);
  }
  get [Symbol.toStringTag](): string {
    return 'Tap';
  }
}

describe('the inputs of a pool', { timeout: DEADLINE * 3 }, () => {
  const pool = new Pool(2);
  after(() => finish(pool));

  test('maps of all kinds take asynchronous inputs, streams too, and refuse them when they throw', async () => {
    const pairs = async function* (): AsyncGenerator<[number, number]> {
      for (const x of range(10)) yield await Promise.resolve([x, 1] as [number, number]);
    };
    const sums = range(10).map(x => x + 1);
    assert.deepEqual(await pool.map(tasks.sqr, new Tap(10).later()), squares(10));
    assert.deepEqual(await pool.mapAsync(tasks.sqr, new Tap(10).later(), { chunkSize: 3 }).get(), squares(10));
    assert.deepEqual(await pool.starmap(tasks.add, pairs()), sums);
    assert.deepEqual(await pool.starmapAsync(tasks.add, pairs()).get(), sums);
    assert.deepEqual(await all(pool.imap(tasks.sqr, new Tap(10).later(), { chunkSize: 4 })), squares(10));
    const unordered = await all(pool.imapUnordered(tasks.sqr, new Tap(10).later()));
    assert.deepEqual(
      unordered.toSorted((a, b) => a - b),
      squares(10),
    );
    assert.deepEqual(await all(pool.imap(tasks.identity, Readable.from(['a', 'b', 'c']))), ['a', 'b', 'c']);
    for (const broken of [() => new Tap(3, true).later(), () => new Tap(3, true).sync()]) {
      const error = await failure(pool.map(tasks.sqr, broken()));
      assert.deepEqual([error.name, error.message, error.cause], ['RangeError', 'the input broke', undefined]);
      const it = pool.imap(tasks.sqr, broken());
      for (const square of squares(3)) assert.equal((await it.next()).value, square);
      assert.equal((await failure(it.next())).message, 'the input broke');
      assert.equal((await it.next()).done, true);
    }
    assert.deepEqual(await pool.map(tasks.sqr, range(3)), squares(3));
  });

  test('what is no input is refused, with what was probably meant', async () => {
    for (const [inputs, message] of [
      [7, /^number is not iterable$/],
      [null, /^null is not iterable$/],
      [{}, /^object is not iterable$/],
      [{ length: 2, 0: 1, 1: 2 }, /Array\.from\(\)/],
      [Promise.resolve([1]), /^a promise is not iterable: await it first$/],
      [tasks.generator, /^function 'generator' is not iterable: call it/],
    ] as [Iterable<number>, RegExp][]) {
      const error = await failure(pool.map(tasks.sqr, inputs));
      assert.deepEqual([error.name, message.test(error.message)], ['TypeError', true], error.message);
      assert.throws(() => pool.imap(tasks.sqr, inputs), { name: 'TypeError', message });
      assert.throws(() => pool.mapAsync(tasks.sqr, inputs), { name: 'TypeError', message });
    }
    const numbers = [1, 2] as unknown as [number, number][];
    assert.match(
      (await failure(pool.starmap(tasks.add, numbers))).message,
      /array of arguments .* not number: map\(\)/,
    );
    const answersNothing = { [Symbol.iterator]: () => ({ next: () => undefined }) } as unknown as Iterable<number>;
    assert.match((await failure(pool.imap(tasks.sqr, answersNothing).next())).message, /answered undefined/);
  });

  test('an input is closed whenever it is left before its end', async () => {
    for (const kind of ['sync', 'later'] as const) {
      const left = new Tap();
      for await (const x of pool.imap(tasks.sqr, left[kind]())) if (x > 100) break;
      assert.equal(left.closed, 1, `${kind}: the reader left`);

      const aborted = new Tap();
      const controller = new AbortController();
      const it = pool.imap(tasks.sqr, aborted[kind](), { signal: controller.signal });
      await it.next();
      controller.abort();
      await until(() => aborted.closed === 1, `${kind}: the signal aborted`);

      const own = new Pool(1);
      const terminated = new Tap();
      const reading = own.imap(tasks.sqr, terminated[kind]());
      await reading.next();
      own.terminate();
      await until(() => terminated.closed === 1, `${kind}: the pool was terminated`);
      await inTime(own.join());

      const unsendable = new Tap();
      const source: AsyncIterable<number> | Iterable<number> = unsendable[kind]();
      const withFunctions = {
        [Symbol.asyncIterator]: async function* () {
          for await (const x of source) yield (await Promise.resolve(x)) === 3 ? () => x : x;
        },
      };
      const refused = pool.imap(tasks.identity<unknown>, withFunctions);
      for (const i of range(3)) assert.equal((await refused.next()).value, i);
      assert.equal((await failure(refused.next())).name, 'PicklingError');
      assert.equal((await refused.next()).done, true);
      await until(() => unsendable.closed === 1, `${kind}: an input could not be sent`);
    }
  });

  test('of a chunk that cannot be sent nothing runs, also in imapUnordered, and the results before it are right', async () => {
    using file = scratchFile();
    const inputs = range(8).map(i => (i === 7 ? [file.path, () => i] : [file.path, i])) as [string, number][];
    const it = pool.imapUnordered(tasks.noteItem, inputs, { chunkSize: 2 });
    const got = new Set<unknown>();
    for (let i = 0; i < 6; i++) got.add((await it.next()).value);
    assert.deepEqual(got, new Set(range(6)));
    assert.equal((await failure(it.next())).name, 'PicklingError');
    assert.equal((await it.next()).done, true);
    assert.equal(await pool.apply(tasks.sqr, [2]), 4);
    assert.deepEqual(
      file.lines().toSorted((a, b) => Number(a) - Number(b)),
      range(6).map(String),
    );
  });

  test('a reader that leaves does not wait for an input that is in the middle of something', async () => {
    const stuck: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => undefined),
        return: () => new Promise(() => undefined),
      }),
    };
    const it = pool.imap(tasks.sqr, stuck);
    const waiting = it.next();
    await inTime(it.return());
    assert.equal((await inTime(waiting)).done, true);
    const rude = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: 1 }),
        return: () => {
          throw new RangeError('not like this');
        },
      }),
    } as Iterable<number>;
    const second = pool.imap(tasks.sqr, rude);
    assert.equal((await failure(second.return())).message, 'not like this');
    assert.equal((await second.next()).done, true);
  });

  test('a map over an input that never ends is ended by terminate; close lets it finish', async () => {
    const own = new Pool(1);
    const tap = new Tap(20);
    let goOn: () => void = () => undefined;
    const gate = new Promise<void>(resolve => (goOn = resolve));
    const late = async function* (): AsyncGenerator<number> {
      for await (const x of tap.later()) {
        if (x === 10) await gate;
        yield x;
      }
    };
    const mapped = own.map(tasks.sqr, late());
    await until(() => tap.taken > 10, 'the first inputs');
    own.close();
    const joined = own.join();
    goOn();
    assert.deepEqual(await inTime(mapped), squares(20));
    await inTime(joined);

    const other = new Pool(1);
    let closed = false;
    const never: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => undefined),
        return: () => ((closed = true), Promise.reject(new Error('nobody hears this'))),
      }),
    };
    const pending = failure(other.map(tasks.sqr, never));
    other.terminate();
    assert.equal((await inTime(pending)).name, 'PoolTerminatedError');
    assert.equal(closed, true);
    await inTime(other.join());
  });

  test('a pool that an input ends in the middle of a call answers the call, and nothing hangs', async () => {
    for (const end of ['terminate', 'close'] as const) {
      const own = new Pool(1);
      await own.apply(tasks.sqr, [1]);
      function* ending(): Generator<number> {
        yield 1;
        own[end]();
        yield 2;
      }
      const outcome = await inTime(own.map(tasks.sqr, ending()).catch((error: Error) => error.name));
      if (end === 'terminate') assert.equal(outcome, 'PoolTerminatedError');
      else assert.deepEqual(outcome, [1, 4]);
      await inTime(own.join());
    }
  });

  test('a slow first result holds back the others, and no more inputs are taken than the buffer has room for', async () => {
    using gate = scratchFile();
    const tap = new Tap(1_000_000);
    function* inputs(): Generator<[string, number]> {
      for (const x of tap.sync()) yield [gate.path, x];
    }
    const own = new Pool(2);
    const it = own.imap(nasty.slowFirst, inputs(), { bufferSize: 500 });
    const first = it.next();
    await own.apply(tasks.sqr, [1]);
    for (let i = 0; i < 50; i++) await turn();
    assert.equal(tap.taken, 500);
    tasks.note(gate.path, 1);
    assert.equal((await inTime(first)).value, 0);
    for (let i = 1; i < 5000; i++) assert.equal((await it.next()).value, i);
    assert.ok(tap.taken <= 5500, `${tap.taken} taken`);
    await it.return();
    assert.equal(tap.closed, 1);
    await finish(own);
  });

  test('an endless input does not stop the program when the pool is joined; terminate ends that', async () => {
    const own = new Pool(1);
    const tap = new Tap();
    const it = own.imap(tasks.sqr, tap.sync());
    assert.equal((await it.next()).value, 0);
    own.close();
    const joined = own.join();
    await until(() => tap.taken > 50, 'more inputs to be taken, while timers still run');
    own.terminate();
    await inTime(joined);
    assert.equal(tap.closed, 1);
  });
});
