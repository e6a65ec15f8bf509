import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SystemExit } from 'manycore';
import { BrokenProcessPool, ProcessPoolExecutor, type Future } from 'manycore/futures';
import * as hostile from '../pool/fixtures/hostile.js';
import * as tasks from '../pool/fixtures/tasks.js';
import { DEADLINE, inTime, range } from '../pool/support.js';
import { until } from '../process/support.js';
import * as own from './fixtures/tasks.js';
import { workersOf } from './processes.js';

const exception = (future: Future): Promise<Error> => inTime(future.exception() as Promise<Error>);

/** One call fails in some way, among others; either it alone fails, or the executor breaks. Nothing hangs. */
async function check(outcome: 'alone' | 'broken', submit: (executor: ProcessPoolExecutor) => Future): Promise<Error> {
  const executor = new ProcessPoolExecutor({ maxWorkers: 2 });
  const before = range(20).map(i => executor.submit(tasks.sqr, i));
  const bad = submit(executor);
  const behind = range(20).map(i => executor.submit(tasks.sqr, i));
  const error = await exception(bad);
  if (outcome === 'alone') {
    const results = await inTime(Promise.all([...before, ...behind].map(future => future.result())));
    assert.deepEqual(results, [...range(20), ...range(20)].map(tasks.sqr));
    assert.equal(await inTime(executor.submit(tasks.sqr, 5).result()), 25);
  } else {
    assert.ok(error instanceof BrokenProcessPool, String(error));
    for (const future of [...before, ...behind]) {
      const other = await exception(future);
      assert.ok(other === null || other instanceof BrokenProcessPool);
    }
    assert.throws(() => executor.submit(tasks.sqr, 5), BrokenProcessPool);
  }
  await inTime(executor.shutdown());
  assert.deepEqual(workersOf(executor), []);
  return error;
}

/** Python's `ExecutorDeadlockTest`. */
describe('no deadlock', { timeout: DEADLINE * 4 }, () => {
  test('test_error_at_task_pickle: an argument that cannot be sent is the failure of its future', async () => {
    const error = await check('alone', executor => executor.submit(tasks.identity<unknown>, () => 1));
    assert.equal(error.name, 'PicklingError');
  });

  test('test_exit_at_task_unpickle: a worker that exits while it reads its task', async () => {
    await check('broken', executor => executor.submit(tasks.identity<unknown>, new hostile.HostileWhenRead('exit')));
  });

  test('test_error_at_task_unpickle: an argument that the worker cannot read fails its call alone', async () => {
    const read = new hostile.HostileWhenRead('throw');
    const error = await check('alone', executor => executor.submit(tasks.identity<unknown>, read));
    assert.match(error.message, /not with me/);
  });

  test('test_crash_at_task_unpickle: a worker that crashes while it reads its task', async () => {
    await check('broken', executor => executor.submit(tasks.identity<unknown>, new hostile.HostileWhenRead('abort')));
  });

  test('test_crash_during_func_exec_on_worker: a crash in the call', async () => {
    const error = await check('broken', executor => executor.submit(hostile.abort));
    assert.match((error.cause as Error).message, /exit code -6 \(SIGABRT\) while it ran abort\(\)/);
  });

  test('test_exit_during_func_exec_on_worker: process.exit in the call really exits', async () => {
    const error = await check('broken', executor => executor.submit(tasks.exit, 0));
    assert.match((error.cause as Error).message, /exit code 0 while it ran exit\(0\)/);
  });

  test('test_exit_during_func_exec_on_worker: a SystemExit is an error like any other', async () => {
    const error = await check('alone', executor => executor.submit(own.throwSystemExit, 3));
    assert.ok(error instanceof SystemExit);
    assert.equal(error.status, 3);
  });

  test('test_error_during_func_exec_on_worker: an error of the call', async () => {
    const error = await check('alone', executor => executor.submit(tasks.raise, 7));
    assert.ok(error instanceof tasks.CustomError);
  });

  test('test_crash_during_result_pickle_on_worker, test_exit_during_result_pickle_on_worker', async () => {
    for (const deed of ['abort', 'exit'] as const) {
      await check('broken', executor => executor.submit(hostile.makeHostileWhenWritten, deed));
    }
  });

  test('test_error_during_result_pickle_on_worker: a result that cannot be sent', async () => {
    const error = await check('alone', executor => executor.submit(hostile.makeHostileWhenWritten, 'throw'));
    assert.equal(error.name, 'MaybeEncodingError');
    assert.match(error.message, /not with me/);
  });

  test('test_error_during_result_unpickle_in_result_handler: a result that cannot be read here fails its call alone', async () => {
    const error = await check('alone', executor => executor.submit(hostile.makeHostileAtHome));
    assert.match(error.message, /not at home/);
  });

  test('test_exit_during_result_unpickle_in_result_handler: whatever is thrown while a result is read', async () => {
    const error = await check('alone', executor => executor.submit(tasks.raiseUnrebuildable));
    assert.match(error.message, /cannot be rebuilt here/);
  });

  test('test_shutdown_deadlock: a crash after shutdown', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 2 });
    const future = executor.submit(hostile.abort);
    await inTime(executor.shutdown());
    assert.ok((await exception(future)) instanceof BrokenProcessPool);
  });

  test('test_shutdown_deadlock_pickle: an argument that cannot be sent, and shutdown without waiting', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 2 });
    const future = executor.submit(tasks.identity<unknown>, () => 1);
    await executor.shutdown({ wait: false });
    assert.equal((await exception(future)).name, 'PicklingError');
    await inTime(executor.shutdown());
  });

  test('test_crash_big_data: a worker dies while large tasks are handed in', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 2 });
    const bytes = new Uint8Array(20_000_000);
    const futures = range(4).map(() => executor.submit(hostile.exitWithBytes, bytes, 99));
    for (const future of futures) assert.ok((await exception(future)) instanceof BrokenProcessPool);
    assert.throws(() => executor.submit(tasks.sqr, 1), BrokenProcessPool);
    await inTime(executor.shutdown());
  });

  test('test_gh105829_should_not_deadlock_if_wakeup_pipe_full: many calls in one turn, then shutdown', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 2 });
    const futures = range(100_000).map(i => executor.submit(tasks.identity<number>, i));
    await inTime(executor.shutdown());
    assert.deepEqual(await Promise.all(futures.map(future => future.result())), range(100_000));
  });

  test('a hundred thousand pending calls are told that their executor has broken, each by an error of its own', async () => {
    for (const how of ['terminated', 'broken'] as const) {
      const executor = new ProcessPoolExecutor({ maxWorkers: 2 });
      const futures = range(100_000).map(() => executor.submit(tasks.sleepFor, 600_000));
      await until(() => workersOf(executor).length === 2, 'two workers');
      if (how === 'terminated') executor.terminateWorkers();
      else process.kill(workersOf(executor)[0] ?? 0, 'SIGKILL');
      const errors = new Set(await inTime(Promise.all(futures.map(future => future.exception()))));
      assert.equal(errors.size, futures.length);
      for (const error of errors) assert.ok(error instanceof BrokenProcessPool);
      await inTime(executor.shutdown());
    }
  });

  test('a hundred thousand pending calls are cancelled, one by one or all at once', async () => {
    for (const atOnce of [false, true]) {
      const executor = new ProcessPoolExecutor({ maxWorkers: 2 });
      const futures = range(100_000).map(i => executor.submit(tasks.identity<number>, i));
      let cancelled = 0;
      if (!atOnce) for (const future of futures) cancelled += future.cancel() ? 1 : 0;
      await inTime(executor.shutdown({ cancelFutures: atOnce }));
      assert.ok(futures.every(future => future.done()));
      if (atOnce) cancelled = futures.filter(future => future.cancelled()).length;
      assert.ok(cancelled > 90_000, String(cancelled));
    }
  });
});
