import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Pool, SystemExit, type BrokenPoolError, type MaybeEncodingError, type WorkerLostError } from 'manycore';
import * as hostile from './fixtures/hostile.js';
import * as nasty from './fixtures/nasty.js';
import * as tasks from './fixtures/tasks.js';
import { isRunning, until } from '../process/support.js';
import { DEADLINE, failure, finish, inTime, range } from './support.js';

describe('what tasks throw, return and leave behind', { timeout: DEADLINE * 2 }, () => {
  test('errors that bite who looks at them are the failure of their task alone', async () => {
    const pool = new Pool(1);
    const pid = await pool.apply(tasks.pid);
    const byCause = await failure(pool.apply(nasty.raiseBitingCause));
    assert.equal(byCause.message, 'ask me nothing');
    assert.equal((await failure(pool.apply(nasty.raiseBitingStack))).name, 'MaybeEncodingError');
    const bare = await pool.apply(nasty.raiseBare).catch((error: unknown) => error);
    assert.equal(Object.keys(bare as object).length, 0);
    assert.equal(await pool.apply(tasks.pid), pid);
    await finish(pool);
  });

  test('an initializer that throws something without a text breaks the pool, clearly', async () => {
    const pool = new Pool({ processes: 1, initializer: nasty.failBareToInitialize });
    const error = await failure<BrokenPoolError>(pool.apply(tasks.sqr, [1]));
    assert.equal(error.name, 'BrokenPoolError');
    assert.match(error.message, /initializer failed in PoolWorker-\d+: \[Object: null prototype\] \{\}/);
    await finish(pool);
  });

  test('arguments whose classes have no name that can be shown harm nobody', async () => {
    const pool = new Pool(1);
    const pid = await pool.apply(tasks.pid);
    assert.equal(await pool.apply(nasty.seesKeys, [new nasty.Nameless()]), 0);
    assert.equal((await failure(pool.apply(nasty.seesKeys, [new nasty.Biting()]))).name, 'PicklingError');
    assert.equal(await pool.apply(tasks.pid), pid);
    await finish(pool);
  });

  test('iterators, generators, streams and promises within are refused by name; a thenable is awaited', async () => {
    const pool = new Pool(1);
    for (const [f, said] of [
      [nasty.answerGenerator, /it is a generator/],
      [nasty.answerAsyncGenerator, /it is a generator/],
      [nasty.answerIterator, /it is an iterator/],
      [nasty.answerStream, /it is a stream\.Readable/],
      [nasty.answerWebStream, /it is a ReadableStream/],
      [nasty.answerPromiseWithin, /result\.deep\[0\] .*it is a Promise/],
    ] as [() => unknown, RegExp][]) {
      const error = await failure<MaybeEncodingError>(pool.apply(f));
      assert.equal(error.name, 'MaybeEncodingError');
      assert.match(error.message, said);
      assert.match((await failure(pool.map(f as (x: number) => unknown, [1, 2]))).message, /^Error sending result/);
    }
    assert.equal(await pool.apply(nasty.answerThenable), 7);
    assert.deepEqual(await pool.map(nasty.answerThenable as (x: number) => PromiseLike<number>, [1, 2]), [7, 7]);
    await finish(pool);
  });

  test('a task that can never end is lost with its worker, and the error says that nothing could settle it', async () => {
    const pool = new Pool(1);
    const error = await failure<WorkerLostError>(pool.apply(nasty.neverSettles));
    assert.equal(error.name, 'WorkerLostError');
    assert.match(
      error.message,
      /ended with exit code 13 while it ran neverSettles\(\) \(the promise .* can never settle/,
    );
    assert.equal(await pool.apply(tasks.sqr, [3]), 9);
    await finish(pool);
  });

  test('a worker that ends between two tasks loses none of them', async () => {
    const pool = new Pool(1);
    for (let round = 0; round < 5; round++) {
      const pid = await pool.apply(nasty.endSoon);
      await until(() => !isRunning(pid), 'the end of the worker');
      assert.deepEqual(await inTime(pool.map(tasks.sqr, range(5))), range(5).map(tasks.sqr));
    }
    await finish(pool);
  });

  test('what a task throws aside ends its worker: that task is lost, the others are not', async () => {
    const pool = new Pool(2);
    const others = range(50).map(i => pool.apply(tasks.sqrLater, [i, 2]));
    const error = await failure<WorkerLostError>(pool.apply(nasty.throwAside));
    assert.deepEqual([error.name, error.exitCode, error.task], ['WorkerLostError', 1, 'throwAside()']);
    assert.deepEqual(await inTime(Promise.all(others)), range(50).map(tasks.sqr));
    await finish(pool);
  });

  test('test_error_during_func_exec_on_worker, test_exit_during_func_exec_on_worker: an error arrives, an exit loses the task', async () => {
    const pool = new Pool(1);
    assert.equal((await failure(pool.apply(tasks.raise, [1]))).name, 'CustomError');
    assert.equal((await failure<WorkerLostError>(pool.apply(tasks.exit, [0]))).exitCode, 0);
    assert.equal((await failure(pool.apply(hostile.timeOut))).name, 'TimeoutError');
    const pid = await pool.apply(tasks.pid);
    const error = await failure(pool.apply(nasty.leave, [5]));
    assert.deepEqual([error instanceof SystemExit, (error as SystemExit).status], [true, 5]);
    assert.equal(await pool.apply(tasks.pid), pid);
    await finish(pool);
  });

  test('test_enter: a pool that has ended is not to be used any more, whichever way it ended', async () => {
    const pool = new Pool(1);
    await using ended = pool;
    pool.terminate();
    assert.equal((await failure(ended.apply(tasks.sqr, [1]))).message, 'Pool not running');
    assert.equal((await failure(ended.map(tasks.sqr, [1]))).message, 'Pool not running');
  });

  test('a callback may end the pool: what has no answer is told so, and join ends', async () => {
    const pool = new Pool(2);
    const rest = range(500).map(i => pool.applyAsync(tasks.sqrLater, [i, 1]));
    const first = pool.applyAsync(tasks.sqr, [2], { callback: () => pool.terminate() });
    assert.equal(await inTime(first.get()), 4);
    await inTime(pool.join());
    for (const each of rest) {
      if (!each.successful()) assert.equal((await failure(each.get())).name, 'PoolTerminatedError');
    }
  });
});
