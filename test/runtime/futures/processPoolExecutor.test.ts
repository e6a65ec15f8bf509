import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import {
  activeChildren,
  getContext,
  Pool,
  processCpuCount,
  setStartMethod,
  type RemoteTraceback,
  type WorkerLostError,
} from 'manycore';
import { BrokenProcessPool, ProcessPoolExecutor, type Future } from 'manycore/futures';
import * as hostile from '../pool/fixtures/hostile.js';
import * as tasks from '../pool/fixtures/tasks.js';
import { DEADLINE, inTime, range, scratchFile } from '../pool/support.js';
import { isRunning, until } from '../process/support.js';
import * as own from './fixtures/tasks.js';
import { noNewProcesses, workersOf } from './processes.js';

const result = <R>(future: Future<R>): Promise<R> => inTime(future.result());
const exception = (future: Future): Promise<Error> => inTime(future.exception() as Promise<Error>);

/**
 * Python's `ProcessPoolExecutorTest`. `test_force_shutdown_workers_invalid_op` has no counterpart: there are two methods,
 * and no name of an operation to get wrong.
 */
describe('ProcessPoolExecutor', { timeout: DEADLINE * 4 }, () => {
  test('test_killed_child: a worker that is killed breaks the executor, for what is pending and what comes', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 2 });
    const pid = await result(executor.submit(tasks.pid));
    const pending = executor.submit(tasks.sleepFor, 600_000);
    process.kill(pid, 'SIGKILL');
    const error = await exception(pending);
    assert.ok(error instanceof BrokenProcessPool);
    assert.equal(
      error.message,
      'A process in the process pool was terminated abruptly while the future was running or pending.',
    );
    const cause = error.cause as WorkerLostError;
    assert.match(
      cause.message,
      new RegExp(`^process ${pid} \\(PoolWorker-.*\\) terminated abruptly with exit code -9`),
    );
    assert.throws(() => executor.submit(tasks.sqr, 2), BrokenProcessPool);
    assert.throws(() => executor.map(tasks.sqr, [2]), BrokenProcessPool);
    assert.equal(inspect(executor), '<ProcessPoolExecutor state=broken maxWorkers=2>');
    await inTime(executor.shutdown());
    assert.equal(isRunning(pid), false);
  });

  test('test_broken_process_pool_traceback: an error object of its own for each future and each submit', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 2 });
    const futures = range(20).map(() => executor.submit(tasks.sleepFor, 600_000));
    await until(() => workersOf(executor).length === 2, 'two workers');
    process.kill(workersOf(executor)[0] ?? 0, 'SIGKILL');
    const errors = await Promise.all(futures.map(exception));
    for (const error of errors) assert.ok(error instanceof BrokenProcessPool, inspect(error));
    assert.equal(new Set(errors).size, futures.length);
    await inTime(executor.shutdown());
  });

  test('test_traceback: the stack of the worker, with the line that threw, is the cause', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 1 });
    const error = await exception(executor.submit(tasks.raise, 123));
    assert.ok(error instanceof tasks.CustomError);
    assert.deepEqual(error.detail, { n: 123 });
    const cause = error.cause as RemoteTraceback;
    assert.equal(cause.name, 'RemoteTraceback');
    assert.match(cause.tb, /CustomError: raised 123[^]*tasks\.ts:\d+/);
    assert.equal(await result(executor.submit(tasks.sqr, 2)), 4, 'an error breaks nothing');
    await inTime(executor.shutdown());
  });

  test('test_traceback_when_child_process_terminates_abruptly: the cause names the exit code and the call', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 1 });
    const error = await exception(executor.submit(tasks.exit, 99));
    assert.ok(error instanceof BrokenProcessPool);
    const cause = error.cause as WorkerLostError;
    assert.match(cause.message, /terminated abruptly with exit code 99 while it ran exit\(99\)$/);
    assert.deepEqual([cause.exitCode, cause.signal, cause.task], [99, null, 'exit(99)']);
    await inTime(executor.shutdown());
  });

  test('test_saturation: 15 times as many jobs as workers, and no more workers', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 4 });
    using gate = scratchFile();
    using file = scratchFile();
    const held = range(60).map(() => executor.submit(tasks.holdUntilLine, gate.path, file.path));
    await until(() => file.lines().length === 4, 'four workers at work');
    assert.equal(workersOf(executor).length, 4);
    own.write(gate.path, 'go\n');
    await inTime(Promise.all(held.map(result)));
    assert.equal(workersOf(executor).length, 4);
    await inTime(executor.shutdown());
  });

  test('test_idle_process_reuse_one: one call after the other takes one process', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 4 });
    assert.equal(workersOf(executor).length, 0);
    for (const i of range(10)) assert.equal(await result(executor.submit(tasks.sqr, i)), i * i);
    assert.equal(workersOf(executor).length, 1);
    await inTime(executor.shutdown());
  });

  test('test_idle_process_reuse_multiple: six jobs, three at a time, take at most three processes', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 10 });
    await inTime(Promise.all(range(3).map(i => executor.submit(tasks.sqrLater, i, 5).result())));
    await inTime(Promise.all(range(3).map(i => executor.submit(tasks.sqr, i).result())));
    assert.ok(workersOf(executor).length <= 3);
    await inTime(executor.shutdown());
  });

  test('test_max_tasks_per_child: the same process for three tasks, then another', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 1, maxTasksPerChild: 3 });
    const pids: number[] = [];
    for (let i = 0; i < 4; i++) pids.push(await result(executor.submit(tasks.pid)));
    assert.equal(new Set(pids.slice(0, 3)).size, 1);
    assert.notEqual(pids[3], pids[0]);
    await inTime(executor.shutdown());
    await until(() => pids.every(pid => !isRunning(pid)), 'the end of the workers');
  });

  test('test_max_tasks_per_child_defaults_to_spawn_context: unless a context says otherwise', async () => {
    setStartMethod('forkserver', { force: true });
    try {
      for (const [options, method] of [
        [{}, 'forkserver'],
        [{ maxTasksPerChild: 3 }, 'spawn'],
        [{ maxTasksPerChild: 3, context: getContext('forkserver') }, 'forkserver'],
        [{ context: getContext('spawn') }, 'spawn'],
      ] as const) {
        await using executor = new ProcessPoolExecutor({ maxWorkers: 1, ...options });
        assert.equal(await result(executor.submit(own.startMethod)), method);
      }
    } finally {
      setStartMethod(null, { force: true });
    }
  });

  test('test_max_tasks_per_child_pending_tasks_gh115634: a backlog while workers retire', async () => {
    for (const maxTasksPerChild of [1, 2, 3]) {
      const executor = new ProcessPoolExecutor({ maxWorkers: 1, maxTasksPerChild });
      const futures = range(6).map(i => executor.submit(tasks.sqr, i));
      assert.deepEqual(await inTime(Promise.all(futures.map(result))), range(6).map(tasks.sqr));
      await inTime(executor.shutdown());
    }
  });

  test('test_shutdown_no_wait_max_tasks_gh119592: a replacement runs the rest', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 1, maxTasksPerChild: 1 });
    const futures = range(4).map(i => executor.submit(tasks.sqr, i));
    await executor.shutdown({ wait: false });
    assert.deepEqual(await inTime(Promise.all(futures.map(result))), [0, 1, 4, 9]);
    await inTime(executor.shutdown());
  });

  test('test_max_tasks_early_shutdown: shutdown at once, all results come', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 3, maxTasksPerChild: 1 });
    const futures = range(6).map(i => executor.submit(tasks.sqr, i));
    await inTime(executor.shutdown());
    assert.deepEqual(await Promise.all(futures.map(result)), range(6).map(tasks.sqr));
  });

  test('test_force_shutdown_during_max_tasks_worker_exit: nobody is replaced meanwhile', async () => {
    for (let round = 0; round < 5; round++) {
      const executor = new ProcessPoolExecutor({ maxWorkers: 2, maxTasksPerChild: 1 });
      const futures = range(50).map(() => executor.submit(tasks.pid));
      const first = await result(futures[0] as Future<number>);
      executor.killWorkers();
      await inTime(executor.shutdown());
      assert.equal(isRunning(first), false);
      assert.deepEqual(workersOf(executor), []);
      for (const future of futures) {
        assert.equal(future.done(), true);
        const error = await future.exception();
        assert.ok(error === null || error instanceof BrokenProcessPool);
      }
    }
  });

  test('test_failed_worker_replacement_breaks_pool: no worker, and none to be had', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 1, maxTasksPerChild: 1 });
    await result(executor.submit(tasks.sqr, 2));
    const pid = workersOf(executor)[0];
    using _none = noNewProcesses();
    const futures = range(3).map(i => executor.submit(tasks.sqr, i));
    if (pid !== undefined) futures.push(executor.submit(tasks.sqr, 3));
    const errors = (await Promise.all(futures.map(exception))).filter(error => error !== null);
    assert.ok(errors.length > 0);
    for (const error of errors) assert.ok(error instanceof BrokenProcessPool, inspect(error));
    assert.equal((errors[0]?.cause as Error).name, 'OSError');
    assert.throws(() => executor.submit(tasks.sqr, 1), BrokenProcessPool);
    await inTime(executor.shutdown());
  });

  test('a first worker that cannot be started breaks the executor', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 2 });
    using _none = noNewProcesses();
    const error = await exception(executor.submit(tasks.sqr, 2));
    assert.ok(error instanceof BrokenProcessPool);
    assert.match((error.cause as Error).message, /the system refused to start a process/);
    await inTime(executor.shutdown());
  });

  for (const [named, end, signal] of [
    ['test_terminate_workers', 'terminateWorkers', 'SIGTERM'],
    ['test_kill_workers', 'killWorkers', 'SIGKILL'],
  ] as const) {
    test(`${named}, test_force_shutdown_workers, test_force_shutdown_workers_stops_pool (${signal})`, async () => {
      using file = scratchFile();
      const executor = new ProcessPoolExecutor({ maxWorkers: 1 });
      const running = executor.submit(tasks.noteAndMaybeHang, file.path, -1);
      const pending = executor.submit(tasks.note, file.path, 1);
      await until(() => file.lines().length === 1, 'the start of the task');
      executor[end]();
      executor[end]();
      assert.throws(() => executor.submit(tasks.sqr, 1), {
        name: 'RuntimeError',
        message: 'cannot schedule new futures after shutdown',
      });
      for (const future of [running, pending]) {
        const error = await exception(future);
        assert.ok(error instanceof BrokenProcessPool);
        assert.match(error.message, /workers of the process pool were terminated/);
      }
      await inTime(executor.shutdown());
      assert.deepEqual(file.lines(), ['-1']);
      assert.deepEqual(workersOf(executor), []);
    });

    test(`test_force_shutdown_workers_dead_workers, test_force_shutdown_workers_not_started_yet (${signal})`, async () => {
      const dead = new ProcessPoolExecutor({ maxWorkers: 1 });
      assert.ok((await exception(dead.submit(tasks.killSelf, 'SIGKILL'))) instanceof BrokenProcessPool);
      dead[end]();
      await inTime(dead.shutdown());
      dead[end]();
      const young = new ProcessPoolExecutor({ maxWorkers: 2 });
      young[end]();
      await inTime(young.shutdown());
    });
  }

  test('killWorkers ends those at once that do not mind SIGTERM', async () => {
    using file = scratchFile();
    const executor = new ProcessPoolExecutor({ maxWorkers: 1 });
    const future = executor.submit(own.ignoreTermination, file.path);
    await until(() => file.lines().length === 1, 'the start of the task');
    executor.terminateWorkers();
    executor.killWorkers();
    await inTime(executor.shutdown());
    assert.ok((await exception(future)) instanceof BrokenProcessPool);
  });

  test('a context is taken from getContext; calls may start processes and pools of their own', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 1, context: getContext('spawn') });
    assert.equal(await result(executor.submit(tasks.processInProcess)), true);
    assert.deepEqual(await result(executor.submit(tasks.nestedPool)), [1, 4, 9]);
    assert.deepEqual(await result(executor.submit(own.nestedExecutor, [1, 2, 3])), [1, 4, 9]);
    await inTime(executor.shutdown());
  });

  test('an executor cannot be sent, and no children are left over', async () => {
    const executor = new ProcessPoolExecutor();
    assert.equal(inspect(executor), `<ProcessPoolExecutor state=running maxWorkers=${processCpuCount()}>`);
    const error = await exception(executor.submit(tasks.identity<unknown>, executor));
    assert.match(error.message, /an executor belongs to the process that made it/);
    await inTime(executor.shutdown());
    assert.equal(inspect(executor), `<ProcessPoolExecutor state=shutdown maxWorkers=${processCpuCount()}>`);
    assert.deepEqual(activeChildren(), []);
  });

  test('two executors and a pool work side by side, and one that breaks does no harm to the others', async () => {
    await using a = new ProcessPoolExecutor({ maxWorkers: 1 });
    await using b = new ProcessPoolExecutor({ maxWorkers: 1 });
    await using pool = new Pool(1);
    const broken = exception(a.submit(tasks.exit, 3));
    assert.deepEqual(await inTime(Promise.all([b.submit(tasks.sqr, 3).result(), pool.apply(tasks.sqr, [4])])), [9, 16]);
    assert.ok((await broken) instanceof BrokenProcessPool);
    assert.equal(await result(b.submit(tasks.sqr, 5)), 25);
  });

  test('test_ressources_gced_in_workers: an argument is freed in the worker after its call', async () => {
    const { execArgv } = process;
    process.execArgv = [...execArgv, '--expose-gc'];
    try {
      await using executor = new ProcessPoolExecutor({ maxWorkers: 1 });
      assert.equal(await result(executor.submit(hostile.keepWeakly, { big: 'x'.repeat(1000) })), 'kept');
      assert.equal(await result(executor.submit(hostile.isCollected)), true);
    } finally {
      process.execArgv = execArgv;
    }
  });
});
