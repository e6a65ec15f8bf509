import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Pool } from 'manycore';
import * as tasks from './fixtures/tasks.js';
import { DEADLINE, failure, finish, inTime, range, scratchFile } from './support.js';

describe('limits of a call', { timeout: DEADLINE * 4 }, () => {
  test('a call that takes too long rejects, its worker is replaced, and the others are not touched', async () => {
    const pool = new Pool(2);
    const others = range(100).map(i => pool.apply(tasks.sqr, [i]));
    const error = await failure(pool.apply(tasks.burn, [600_000], { timeout: 100 }));
    assert.equal(error.name, 'TimeoutError');
    assert.deepEqual(await inTime(Promise.all(others)), range(100).map(tasks.sqr));
    assert.equal(await pool.apply(tasks.sqr, [3], { timeout: DEADLINE }), 9);
    await finish(pool);
  });

  test('the time counts from the start of the task, not from the call', async () => {
    const pool = new Pool(1);
    const first = pool.apply(tasks.sleepFor, [600]);
    const second = pool.apply(tasks.sqr, [4], { timeout: 300 });
    assert.equal(await second, 16);
    await first;
    await finish(pool);
  });

  test('behind an initializer that hangs a signal limits the call, a timeout its asking, and the pool can be ended', async () => {
    const pool = new Pool({ processes: 2, initializer: tasks.sleepFor, initArgs: [3_600_000] });
    const result = pool.applyAsync(tasks.sqr, [1], { timeout: 1 });
    assert.equal((await failure(result.get({ timeout: 50 }))).name, 'TimeoutError');
    const calls = [
      pool.apply(tasks.sqr, [2], { signal: AbortSignal.timeout(50) }),
      pool.map(tasks.sqr, [2, 3], { signal: AbortSignal.timeout(50) }),
      pool.imap(tasks.sqr, [2, 3], { signal: AbortSignal.timeout(50) }).next(),
    ];
    for (const call of calls) assert.equal((await failure(call)).name, 'TimeoutError');
    assert.equal(result.ready(), false);
    pool.terminate();
    await inTime(pool.join());
    assert.equal((await failure(result.get())).name, 'PoolTerminatedError');
  });

  test('aborting rejects with the reason; what waits never runs, what runs is stopped', async () => {
    using file = scratchFile();
    const pool = new Pool(1);
    const controller = new AbortController();
    const { signal } = controller;
    const running = pool.apply(tasks.noteAndMaybeHang, [file.path, -1], { signal });
    const waiting = pool.apply(tasks.noteAndMaybeHang, [file.path, 1], { signal });
    const innocent = pool.apply(tasks.noteAndMaybeHang, [file.path, 2]);
    await inTime(
      (async () => {
        while (file.lines().length === 0) await turn();
      })(),
    );
    const reason = new Error('not wanted any more');
    controller.abort(reason);
    assert.equal(await failure(running), reason);
    assert.equal(await failure(waiting), reason);
    assert.equal(await inTime(innocent), 2);
    assert.deepEqual(file.lines(), ['-1', '2']);
    assert.equal(await failure(pool.apply(tasks.sqr, [1], { signal })), reason);
    await finish(pool);
  });

  test('a map can be limited as a whole', async () => {
    const pool = new Pool(2);
    const error = await failure(
      pool.map(
        tasks.sleepFor,
        range(50).map(() => 100_000),
        { chunkSize: 1, timeout: 100 },
      ),
    );
    assert.equal(error.name, 'TimeoutError');
    assert.deepEqual(await inTime(pool.map(tasks.sqr, range(10))), range(10).map(tasks.sqr));
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    assert.equal(await failure(pool.map(tasks.sqr, [1], { signal })), reason);
    await finish(pool);
  });

  test('cancelling one of many short calls leaves the others alone', async () => {
    const pool = new Pool(2);
    await pool.map(tasks.sqr, range(1000), { chunkSize: 1 });
    const controller = new AbortController();
    const calls = range(5000).map(i =>
      i % 2 === 0 ? pool.apply(tasks.sqr, [i]) : pool.apply(tasks.sqr, [i], { signal: controller.signal }),
    );
    const settled = Promise.allSettled(calls);
    await calls[0];
    controller.abort();
    for (const [i, outcome] of (await inTime(settled)).entries()) {
      if (outcome.status === 'fulfilled') assert.equal(outcome.value, i * i);
      else assert.equal(i % 2, 1, String(outcome.reason));
    }
    await finish(pool);
  });

  test('applyAsync and mapAsync have the same limits, and tell the error callback', async () => {
    const pool = new Pool(1);
    const seen: unknown[] = [];
    const options = { timeout: 50, errorCallback: (error: unknown) => seen.push(error) };
    const late = pool.applyAsync(tasks.sleepFor, [600_000], options);
    const error = await failure(late.get());
    assert.equal(error.name, 'TimeoutError');
    assert.deepEqual(seen, [error]);
    const reason = new Error('enough');
    const aborted = pool.mapAsync(tasks.sqr, [1, 2], { signal: AbortSignal.abort(reason) });
    assert.equal(await failure(aborted.get()), reason);
    assert.equal(await pool.applyAsync(tasks.sqr, [3], { timeout: DEADLINE }).get(), 9);
    await finish(pool);
  });

  test('a map stops waiting for inputs that never come', async () => {
    const pool = new Pool(1);
    let closed = false;
    const inputs: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => undefined),
        return: () => {
          closed = true;
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    };
    const controller = new AbortController();
    const mapped = failure(pool.map(tasks.sqr, inputs, { signal: controller.signal }));
    const reason = new Error('enough');
    controller.abort(reason);
    assert.equal(await mapped, reason);
    assert.equal(closed, true);
    await finish(pool);
  });

  test('aborting ends an imap: its reader gets the reason, then the end; its input is closed, its tasks are stopped', async () => {
    const pool = new Pool(1);
    let closed = false;
    function* input(): Generator<number> {
      try {
        for (let i = 0; ; i++) yield i === 0 ? 0 : 600_000;
      } finally {
        closed = true;
      }
    }
    const controller = new AbortController();
    const it = pool.imap(tasks.sleepFor, input(), { signal: controller.signal });
    assert.equal((await it.next()).value, 0);
    const next = failure(it.next());
    const reason = new Error('enough');
    controller.abort(reason);
    assert.equal(await next, reason);
    assert.equal((await it.next()).done, true);
    assert.equal(closed, true);
    assert.equal(await inTime(pool.apply(tasks.sqr, [4])), 16);
    const whole = new AbortController();
    const done = pool.imap(tasks.sqr, [1, 2], { signal: whole.signal });
    assert.deepEqual([(await done.next()).value, (await done.next()).value], [1, 4]);
    whole.abort(reason);
    assert.equal((await done.next()).done, true);
    await finish(pool);
  });
});

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));
