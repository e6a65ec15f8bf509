import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Pool, type MaybeEncodingError, type WorkerLostError } from 'manycore';
import * as hostile from './fixtures/hostile.js';
import * as tasks from './fixtures/tasks.js';
import { DEADLINE, failure, finish, inTime, range } from './support.js';

/** Python's `ExecutorDeadlockTest`: what goes wrong at the worst place fails one call, and nothing hangs. */
describe('no deadlock', { timeout: DEADLINE * 4 }, () => {
  test('test_error_at_task_pickle: an argument that cannot be sent is refused, also behind 50 others', async () => {
    const pool = new Pool(2);
    const others = range(50).map(i => pool.apply(tasks.sqr, [i]));
    assert.throws(() => pool.applyAsync(tasks.identity, [() => 1]), { name: 'PicklingError' });
    assert.deepEqual(await inTime(Promise.all(others)), range(50).map(tasks.sqr));
    await finish(pool);
  });

  test('test_error_at_task_unpickle: an argument that the worker cannot read fails its task alone', async () => {
    const pool = new Pool(1);
    const error = await failure(pool.apply(tasks.identity<unknown>, [new hostile.HostileWhenRead('throw')]));
    assert.match(error.message, /not with me/);
    assert.equal(await pool.apply(tasks.sqr, [3]), 9);
    await finish(pool);
  });

  for (const [deed, named] of [
    ['exit', 'test_exit_at_task_unpickle'],
    ['abort', 'test_crash_at_task_unpickle'],
  ] as const) {
    test(`${named}: a worker that ends while it reads its task loses that task, and no other`, async () => {
      const pool = new Pool(2);
      const others = range(50).map(i => pool.apply(tasks.sqr, [i]));
      const lost = failure<WorkerLostError>(pool.apply(tasks.identity<unknown>, [new hostile.HostileWhenRead(deed)]));
      const behind = range(50).map(i => pool.apply(tasks.sqr, [i]));
      assert.equal((await lost).name, 'WorkerLostError');
      assert.deepEqual(await inTime(Promise.all([...others, ...behind])), [...range(50), ...range(50)].map(tasks.sqr));
      await finish(pool);
    });
  }

  test('test_crash_during_func_exec_on_worker: an abort in a task', async () => {
    const pool = new Pool(2);
    const error = await failure<WorkerLostError>(pool.apply(hostile.abort));
    assert.equal(error.name, 'WorkerLostError');
    assert.equal(error.signal, 'SIGABRT');
    await finish(pool);
  });

  test('test_error_during_result_pickle_on_worker: it is the error of that call', async () => {
    const pool = new Pool(1);
    const error = await failure<MaybeEncodingError>(pool.apply(hostile.makeHostileWhenWritten, ['throw']));
    assert.equal(error.name, 'MaybeEncodingError');
    assert.match(error.exc, /not with me/);
    assert.equal(await pool.apply(tasks.sqr, [3]), 9);
    await finish(pool);
  });

  for (const [deed, named] of [
    ['exit', 'test_exit_during_result_pickle_on_worker'],
    ['abort', 'test_crash_during_result_pickle_on_worker'],
  ] as const) {
    test(`${named}: the task is lost, the pool works on`, async () => {
      const pool = new Pool(1);
      const error = await failure<WorkerLostError>(pool.apply(hostile.makeHostileWhenWritten, [deed]));
      assert.equal(error.name, 'WorkerLostError');
      assert.equal(await pool.apply(tasks.sqr, [3]), 9);
      await finish(pool);
    });
  }

  test('test_error_during_result_unpickle_in_result_handler: a result that cannot be read here, and no hang', async () => {
    const pool = new Pool(2);
    const others = range(50).map(i => pool.apply(tasks.sqr, [i]));
    const error = await failure(pool.apply(hostile.makeHostileAtHome));
    assert.match(error.message, /not at home/);
    assert.deepEqual(await inTime(Promise.all(others)), range(50).map(tasks.sqr));
    const it = pool.imap(hostile.makeHostileAtHome as (x: number) => unknown, [1, 2]);
    await failure(it.next());
    await failure(it.next());
    assert.equal((await it.next()).done, true);
    await finish(pool);
  });

  test('test_shutdown_deadlock: a crash after close', async () => {
    const pool = new Pool(2);
    const lost = pool.applyAsync(hostile.abort);
    pool.close();
    await inTime(pool.join());
    assert.equal((await failure(lost.get())).name, 'WorkerLostError');
  });

  test('test_shutdown_deadlock_pickle: close and join after an argument that could not be sent', async () => {
    const pool = new Pool(2);
    assert.equal((await failure(pool.apply(tasks.identity, [() => 1]))).name, 'PicklingError');
    await finish(pool);
  });

  test('test_crash_big_data: a worker dies while large tasks are handed in', async () => {
    const pool = new Pool(2);
    const bytes = new Uint8Array(20_000_000);
    const lost = range(4).map(() => failure<WorkerLostError>(pool.apply(hostile.exitWithBytes, [bytes, 99])));
    for (const error of await Promise.all(lost)) {
      assert.equal(error.name, 'WorkerLostError');
      assert.equal(error.exitCode, 99);
    }
    assert.equal(await inTime(pool.apply(hostile.lengthOf, [bytes])), bytes.length);
    await finish(pool);
  });

  test('test_gh105829_should_not_deadlock_if_wakeup_pipe_full: many tasks in one turn of the event loop', async () => {
    const pool = new Pool(2);
    const calls = range(100_000).map(i => pool.apply(tasks.identity<number>, [i]));
    pool.close();
    assert.deepEqual(await inTime(Promise.all(calls)), range(100_000));
    await inTime(pool.join());
  });
});
