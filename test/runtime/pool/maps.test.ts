import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Pool, Queue } from 'manycore';
import * as tasks from './fixtures/tasks.js';
import { DEADLINE, failure, finish, inTime, range } from './support.js';

const squares = (n: number): number[] => range(n).map(tasks.sqr);

function* throwing(total: number, when: number): Generator<number> {
  for (let i = 0; i < total; i++) {
    if (i === when) throw new RangeError('Somebody said when');
    yield i;
  }
  if (when >= total) throw new RangeError('Somebody said when');
}

describe('the calls of a pool', { timeout: DEADLINE * 4 }, () => {
  const pool = new Pool(4);
  after(() => finish(pool));

  test('test_apply: one call, its result', async () => {
    assert.equal(await pool.apply(tasks.sqr, [5]), 25);
    assert.equal(await pool.apply(tasks.sqrLater, [6, 1]), 36);
    assert.equal(await pool.apply(tasks.sum, [1, 2, 3]), 6);
    assert.equal(await pool.apply(tasks.sum), 0);
  });

  test('test_map: results in order, with any chunk size', async () => {
    assert.deepEqual(await pool.map(tasks.sqr, range(10)), squares(10));
    assert.deepEqual(await pool.map(tasks.sqr, range(100), { chunkSize: 20 }), squares(100));
    assert.deepEqual(await pool.map(tasks.sqr, new Set(range(7)), { chunkSize: 3 }), squares(7));
    assert.deepEqual(await pool.map(tasks.identity, 'abc'), ['a', 'b', 'c']);
  });

  test('map gives its function one argument and takes asynchronous inputs', async () => {
    assert.deepEqual(await pool.map(tasks.sum, [1, 2, 3]), [1, 2, 3]);
    async function* later(): AsyncGenerator<number> {
      for (const x of range(5)) yield await Promise.resolve(x);
    }
    assert.deepEqual(await pool.map(tasks.sqr, later()), squares(5));
    assert.deepEqual(await pool.mapAsync(tasks.sqr, later()).get(), squares(5));
  });

  test('test_starmap: arguments are unpacked', async () => {
    const pairs = range(10).map(i => [i, i + 1] as [number, number]);
    assert.deepEqual(
      await pool.starmap(tasks.add, pairs),
      pairs.map(([a, b]) => a + b),
    );
    assert.deepEqual(await pool.starmap(tasks.add, pairs, { chunkSize: 3 }), await pool.starmap(tasks.add, pairs));
    const error = await failure(pool.starmap(tasks.add, [[1, 2], 3 as unknown as [number, number]]));
    assert.equal(error.name, 'TypeError');
  });

  test('test_starmap_async: an AsyncResult of the ordered list', async () => {
    const result = pool.starmapAsync(
      tasks.add,
      range(100).map(i => [i, 1] as [number, number]),
    );
    assert.deepEqual(
      await result.get(),
      range(100).map(i => i + 1),
    );
  });

  test('test_map_async: an AsyncResult of the ordered list', async () => {
    assert.deepEqual(await pool.mapAsync(tasks.sqr, range(10)).get(), squares(10));
  });

  test('test_map_async_callbacks: the callback gets the whole list once, the error callback the error', async () => {
    const calls: unknown[] = [];
    const options = {
      callback: (value: number[]) => calls.push(value),
      errorCallback: (error: unknown) => calls.push(error),
    };
    const result = pool.mapAsync(tasks.identity<number>, [1], options);
    await result.wait();
    assert.deepEqual(calls, [[1]]);
    const failing = pool.mapAsync(tasks.raise, [1], options);
    await failing.wait();
    assert.equal(calls.length, 2);
    assert.equal((calls[1] as unknown as Error).name, 'CustomError');
    assert.equal(failing.successful(), false);
  });

  test('test_map_unplicklable: an input that cannot be sent fails that call and nothing else', async () => {
    const error = await failure(pool.map(tasks.identity, [1, { socket: () => 1 }, 3]));
    assert.equal(error.name, 'PicklingError');
    assert.match(error.message, /socket/);
    assert.throws(() => pool.applyAsync(tasks.identity, [() => 1]), { name: 'PicklingError' });
    assert.deepEqual(await pool.map(tasks.sqr, [2]), [4]);
  });

  test('test_map_chunksize: an empty list with a chunk size does not stall', async () => {
    assert.deepEqual(await pool.mapAsync(tasks.sqr, [], { chunkSize: 1 }).get({ timeout: DEADLINE }), []);
  });

  test('test_map_handle_iterable_exception: the error of the input, as it is, and the pool works on', async () => {
    for (const [total, when] of [
      [1, -1],
      [10, 3],
      [10, 0],
      [10, 10],
    ] as const) {
      const error = await failure(
        pool.map(tasks.sqr, when < 0 ? throwing(1, 0) : throwing(total, when), { chunkSize: 1 }),
      );
      assert.equal(error.name, 'RangeError');
      assert.equal(error.cause, undefined);
    }
    assert.throws(() => pool.mapAsync(tasks.sqr, throwing(10, 3)), RangeError);
    assert.deepEqual(await pool.map(tasks.sqr, range(3)), squares(3));
  });

  test('test_async: the value by get', async () => {
    assert.equal(await pool.applyAsync(tasks.sqrLater, [7, 1]).get(), 49);
  });

  test('test_async_timeout: get times out, again and again, and then gives the value', async () => {
    const result = pool.applyAsync(tasks.sqrLater, [6, 150]);
    for (let i = 0; i < 3; i++) {
      const error = await failure(result.get({ timeout: 5 }));
      assert.equal(error.name, 'TimeoutError');
      assert.equal((error as { code?: unknown }).code, 'ETIMEDOUT');
    }
    assert.equal(result.ready(), false);
    assert.throws(() => result.successful(), { name: 'ValueError', message: /not ready/ });
    await result.wait({ timeout: 1 });
    assert.equal(await result.get({ timeout: DEADLINE }), 36);
    assert.equal(await result.get(), 36);
    assert.equal(result.successful(), true);
    assert.equal('then' in result, false);
  });

  test('test_empty_iterable: every flavour gives nothing', async () => {
    assert.deepEqual(await pool.map(tasks.sqr, []), []);
    assert.deepEqual(await pool.starmap(tasks.add, []), []);
    assert.deepEqual(await pool.mapAsync(tasks.sqr, []).get(), []);
    assert.deepEqual(await pool.starmapAsync(tasks.add, []).get(), []);
    for await (const x of pool.imap(tasks.sqr, [])) assert.fail(String(x));
    for await (const x of pool.imapUnordered(tasks.sqr, [])) assert.fail(String(x));
  });

  test('D11: a chunk size below 1 is a ValueError in every flavour', async () => {
    for (const chunkSize of [0, -1, 0.5, NaN]) {
      assert.equal((await failure(pool.map(tasks.sqr, [1], { chunkSize }))).name, 'ValueError');
      assert.equal((await failure(pool.starmap(tasks.add, [[1, 2]], { chunkSize }))).name, 'ValueError');
      assert.throws(() => pool.mapAsync(tasks.sqr, [1], { chunkSize }), { name: 'ValueError' });
      assert.throws(() => pool.imap(tasks.sqr, [1], { chunkSize }), { name: 'ValueError' });
      assert.throws(() => pool.imapUnordered(tasks.sqr, [1], { chunkSize }), { name: 'ValueError' });
    }
  });

  test('many calls at once, of several functions, each with its own answer', async () => {
    const answers = await inTime(
      Promise.all(
        range(20_000).map(i => {
          if (i % 3 === 0) return pool.apply(tasks.sqr, [i]);
          return i % 3 === 1 ? pool.apply(tasks.add, [i, 1]) : pool.apply(tasks.identity<number>, [i]);
        }),
      ),
    );
    assert.deepEqual(
      answers,
      range(20_000).map(i => (i % 3 === 0 ? i * i : i % 3 === 1 ? i + 1 : i)),
    );
  });

  test('large arguments and results, each its own', async () => {
    const big = (i: number): string => String(i).repeat(300_000);
    const answers = await inTime(Promise.all(range(8).map(i => pool.apply(tasks.identity<string>, [big(i)]))));
    answers.forEach((answer, i) => assert.equal(answer === big(i), true));
    const bytes = await pool.map(tasks.identity<Uint8Array>, [new Uint8Array(3_000_000).fill(7)]);
    assert.equal(bytes[0]?.length, 3_000_000);
    assert.equal(bytes[0]?.at(-1), 7);
  });

  test('what a call gets is what its arguments were at the call', async () => {
    const list = [1];
    const first = pool.applyAsync(tasks.identity<number[]>, [list]);
    list.push(2);
    assert.deepEqual(await first.get(), [1]);
  });

  test('a task waits for another that was handed in behind it', async () => {
    // Short tasks first, so that the pool believes that these are short as well and lets them travel together.
    await pool.map(tasks.identity, range(1000), { chunkSize: 1 });
    const queue = new Queue<number>();
    const quick = range(500).map(i => pool.apply(tasks.identity<number>, [i]));
    const waiting = pool.apply(tasks.waitFor, [queue]);
    const setting = pool.apply(tasks.useQueue, [queue, 5]);
    assert.equal(await inTime(waiting), 5);
    await setting;
    await Promise.all(quick);
    queue.close();
  });
});
