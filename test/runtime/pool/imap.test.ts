import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Pool } from 'manycore';
import * as tasks from './fixtures/tasks.js';
import { DEADLINE, failure, finish, inTime, range } from './support.js';

const squares = (n: number): number[] => range(n).map(tasks.sqr);

function* throwing(total: number, when: number): Generator<number> {
  for (let i = 0; i < total; i++) {
    if (i === when) throw new RangeError('Somebody said when');
    yield i;
  }
}

async function all<T>(iterator: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = [];
  for await (const x of iterator) got.push(x);
  return got;
}

describe('imap', { timeout: DEADLINE * 4 }, () => {
  const pool = new Pool(4);
  after(() => finish(pool));

  test('test_imap: in order, the end stays the end, chunks make no difference', async () => {
    assert.deepEqual(await all(pool.imap(tasks.sqr, range(10))), squares(10));
    const it = pool.imap(tasks.sqr, range(10));
    for (const i of range(10)) assert.deepEqual(await it.next(), { done: false, value: i * i });
    assert.deepEqual(await it.next(), { done: true, value: undefined });
    assert.deepEqual(await it.next(), { done: true, value: undefined });
    assert.deepEqual(await all(pool.imap(tasks.sqr, range(1000), { chunkSize: 100 })), squares(1000));
  });

  test('test_imap_handle_iterable_exception: the results before the failing chunk, then the error, then the end', async () => {
    for (const [chunkSize, before] of [
      [1, 7],
      [2, 6],
      [4, 4],
    ] as const) {
      const it = pool.imap(tasks.sqr, throwing(20, 7), { chunkSize });
      for (const i of range(before)) assert.equal((await it.next()).value, i * i);
      assert.equal((await failure(it.next())).name, 'RangeError');
      assert.equal((await it.next()).done, true);
    }
    const atOnce = pool.imap(tasks.sqr, throwing(1, 0));
    assert.equal((await failure(atOnce.next())).name, 'RangeError');
  });

  test('test_imap_unordered: the same results in any order', async () => {
    const got = await all(pool.imapUnordered(tasks.sqr, range(10)));
    assert.deepEqual(
      got.toSorted((a, b) => a - b),
      squares(10),
    );
    const chunked = await all(pool.imapUnordered(tasks.sqr, range(1000), { chunkSize: 100 }));
    assert.deepEqual(
      chunked.toSorted((a, b) => a - b),
      squares(1000),
    );
  });

  test('test_imap_unordered_handle_iterable_exception: valid results, each once, and the error once', async () => {
    const it = pool.imapUnordered(tasks.sqr, throwing(20, 7), { chunkSize: 2 });
    const seen = new Set<number>();
    const error = await failure(
      (async () => {
        for (;;) {
          const step = await it.next();
          assert.equal(step.done, false);
          assert.ok(squares(7).includes(step.value as number) && !seen.has(step.value as number));
          seen.add(step.value as number);
        }
      })(),
    );
    assert.equal(error.name, 'RangeError');
    assert.equal((await it.next()).done, true);
  });

  test('test_map_exception: the iteration goes on after an item that failed', async () => {
    for (const chunkSize of [1, 4]) {
      const it = pool.imap(tasks.raiseForThirds, range(7), { chunkSize });
      const got: unknown[] = [];
      for (let i = 0; i < 7; i++)
        got.push(
          await it.next().then(
            step => step.value,
            (error: Error) => error.name,
          ),
        );
      assert.deepEqual(got, ['RangeError', 1, 2, 'RangeError', 4, 5, 'RangeError']);
      assert.equal((await it.next()).done, true);
    }
  });

  test('next with a timeout asks for the same element again', async () => {
    const it = pool.imap(tasks.sleepFor, [150, 1]);
    assert.equal((await failure(it.next({ timeout: 5 }))).name, 'TimeoutError');
    assert.equal((await it.next()).value, 150);
    assert.equal((await it.next({ timeout: DEADLINE })).value, 1);
    assert.equal((await it.next()).done, true);
  });

  test('several readers at once each get one result', async () => {
    const it = pool.imap(tasks.sqr, range(6));
    const steps = await Promise.all(range(8).map(() => it.next()));
    assert.deepEqual(
      steps.map(step => step.value),
      [...squares(6), undefined, undefined],
    );
  });

  test('D12: inputs are taken a bounded number ahead of the reader', async () => {
    let taken = 0;
    function* endless(): Generator<number> {
      for (;;) yield taken++;
    }
    const it = pool.imap(tasks.sqr, endless());
    for (let i = 0; i < 50; i++) await turn();
    const ahead = taken;
    assert.ok(ahead <= 64, `${ahead} inputs taken with nobody reading`);
    for (const i of range(500)) assert.equal((await it.next()).value, i * i);
    assert.ok(taken <= 500 + ahead, `${taken} inputs taken for 500 results`);
    await it.return();
    assert.equal((await it.next()).done, true);
  });

  test('test_map_buffersize_when_buffer_is_full: only so many inputs are taken', async () => {
    for (const bufferSize of [1, 2, 10]) {
      let taken = 0;
      function* endless(): Generator<number> {
        for (;;) yield taken++;
      }
      const it = pool.imap(tasks.sqr, endless(), { bufferSize });
      for (let i = 0; i < 20; i++) await turn();
      assert.equal(taken, bufferSize);
      assert.equal((await it.next()).value, 0);
      assert.equal(taken, bufferSize + 1);
      await it.return();
    }
    assert.throws(() => pool.imap(tasks.sqr, [1], { bufferSize: 0 }), { name: 'ValueError' });
    assert.throws(() => pool.imap(tasks.sqr, [1], { bufferSize: 1.5 }), { name: 'TypeError' });
  });

  test('asynchronous inputs, also endless ones, are closed when the reader leaves', async () => {
    let closed = false;
    async function* endless(): AsyncGenerator<number> {
      try {
        for (let i = 0; ; i++) yield await Promise.resolve(i);
      } finally {
        closed = true;
      }
    }
    const got: number[] = [];
    for await (const x of pool.imap(tasks.sqr, endless())) if (got.push(x) === 100) break;
    assert.deepEqual(got, squares(100));
    assert.equal(closed, true);
  });

  test('close and join finish an imap nobody has read yet; its results are there afterwards', async () => {
    const own = new Pool(2);
    const it = own.imap(tasks.sqr, range(500));
    await finish(own);
    assert.deepEqual(await inTime(all(it)), squares(500));
  });

  test('terminate ends an imap with PoolTerminatedError', async () => {
    const own = new Pool(1);
    const it = own.imap(
      tasks.sleepFor,
      range(100).map(() => 100_000),
    );
    own.terminate();
    assert.equal((await failure(it.next())).name, 'PoolTerminatedError');
    await inTime(own.join());
  });
});
