import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import vm from 'node:vm';
import { BrokenProcessPool, ProcessPoolExecutor, wait } from 'manycore/futures';
import * as tasks from '../pool/fixtures/tasks.js';
import { DEADLINE, failure, inTime, range, scratchFile } from '../pool/support.js';
import { isRunning, privateRoot, run, until } from '../process/support.js';
import * as own from './fixtures/tasks.js';
import { workersOf } from './processes.js';
import { all, count } from './support.js';

v8.setFlagsFromString('--expose-gc');
const gc = vm.runInNewContext('gc') as () => void;

const here = path.dirname(fileURLToPath(import.meta.url));
const program = (name: string): string => path.join(here, 'fixtures/programs', name);

/** Python's `ExecutorShutdownTest` and `ProcessPoolShutdownTest`. */
describe('the end of an executor', { timeout: DEADLINE * 4 }, () => {
  test('test_run_after_shutdown: refused, for submit and map, also after another shutdown', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 1 });
    await inTime(executor.shutdown());
    await inTime(executor.shutdown({ wait: false, cancelFutures: true }));
    const refusal = { name: 'RuntimeError', message: 'cannot schedule new futures after shutdown' };
    assert.throws(() => executor.submit(tasks.sqr, 2), refusal);
    assert.throws(() => executor.map(tasks.sqr, [2]), refusal);
    assert.equal((await failure(executor.shutdown({ waits: true } as object))).name, 'TypeError');
  });

  test('test_interpreter_shutdown: what is pending is done before the program ends', async () => {
    using root = privateRoot();
    const { code, stdout, stderr } = await run([program('ending.js'), 'open'], { env: root.env });
    assert.deepEqual([code, stdout, stderr], [0, 'apple\n', '']);
    assert.deepEqual(root.left(), []);
  });

  test('test_hang_gh83386: shutdown without waiting, and then the end of the program', async () => {
    using root = privateRoot();
    for (const how of ['no-wait', 'no-wait-context']) {
      const { code, stdout, stderr } = await run([program('ending.js'), how], { env: root.env });
      assert.deepEqual([code, stdout, stderr], [0, 'apple\n', ''], how);
    }
    assert.deepEqual(root.left(), []);
  });

  test('an executor without work never holds the program, whatever was done with it', async () => {
    using root = privateRoot();
    for (const how of ['idle', 'unused', 'broken', 'cancelled']) {
      const { code, stdout, stderr } = await run([program('ending.js'), how], { env: root.env });
      assert.deepEqual([code, stdout, stderr], [0, `${how}\n`, '']);
    }
    assert.deepEqual(root.left(), []);
  });

  test('test_submit_after_interpreter_shutdown: refused in an exit handler', async () => {
    using root = privateRoot();
    const { code, stdout, stderr } = await run([program('ending.js'), 'exit-handler'], { env: root.env });
    assert.deepEqual(
      [code, stdout, stderr],
      [0, 'RuntimeError: cannot schedule new futures after interpreter shutdown\n', ''],
    );
    assert.deepEqual(root.left(), []);
  });

  test('test_hang_issue12364: 50 jobs, then shutdown; all have ended when it has', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 5 });
    const futures = range(50).map(() => executor.submit(tasks.sleepFor, 10));
    await inTime(executor.shutdown());
    assert.ok(futures.every(future => future.done()));
    for (const future of futures) assert.equal(await future.result(), 10);
  });

  test('test_cancel_futures: what has not begun is cancelled, the rest is done', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 2 });
    using file = scratchFile();
    using gate = scratchFile();
    const held = range(2).map(() => executor.submit(tasks.holdUntilLine, gate.path, file.path));
    await until(() => file.lines().length === 2, 'both workers at work');
    const futures = range(50).map(i => executor.submit(tasks.note, file.path, i));
    const stopped = executor.shutdown({ cancelFutures: true });
    own.write(gate.path, 'go\n');
    await inTime(stopped);
    const cancelled = futures.filter(future => future.cancelled());
    assert.equal(cancelled.length, 50);
    assert.deepEqual(file.lines(), ['held', 'held']);
    assert.ok(held.every(future => future.done() && !future.cancelled()));
    assert.equal((await wait(futures)).done.size, 50, 'nobody has to notice that they are cancelled');
  });

  test('cancelFutures of a map: its calls reject with CancelledError, and no more inputs are taken', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 1 });
    using file = scratchFile();
    using gate = scratchFile();
    const held = executor.submit(tasks.holdUntilLine, gate.path, file.path);
    await until(() => file.lines().length === 1, 'the worker at work');
    const array = executor.map(tasks.sqr, [1, 2]);
    const endless = executor.map(tasks.sqr, count());
    const stopped = executor.shutdown({ cancelFutures: true });
    own.write(gate.path, 'go\n');
    await inTime(stopped);
    await held.result();
    for (let i = 0; i < 2; i++) assert.equal((await failure(array.next())).name, 'CancelledError');
    assert.equal((await array.next()).done, true);
    const ends: unknown[] = [];
    for (let over = false; !over;) {
      await endless.next().then(
        step => (over = step.done === true),
        (error: unknown) => ends.push((error as Error).name),
      );
    }
    assert.ok(ends.length > 1 && ends.every(name => name === 'CancelledError'), String(ends));
  });

  test('test_hang_gh94440: cancelled right before shutdown', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 1, initializer: tasks.initialize });
    const future = executor.submit(tasks.sqr, 1);
    assert.equal(future.cancel(), true);
    await inTime(executor.shutdown());
    assert.equal(future.cancelled(), true);
  });

  test('test_processes_terminate: workers come on demand, and are gone after shutdown', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 8 });
    assert.deepEqual(workersOf(executor), []);
    using file = scratchFile();
    const futures = range(3).map(() => executor.submit(tasks.meet, file.path, 3));
    await inTime(Promise.all(futures.map(future => future.result())));
    const pids = workersOf(executor);
    assert.equal(pids.length, 3);
    await inTime(executor.shutdown());
    assert.ok(pids.every(pid => !isRunning(pid)));
  });

  test('test_context_manager_shutdown: leaving the block waits, also by an error', async () => {
    let pids: number[] = [];
    let done: Promise<number[]> | undefined;
    const block = async (): Promise<void> => {
      await using executor = new ProcessPoolExecutor({ maxWorkers: 5 });
      done = Promise.all(range(10).map(i => executor.submit(tasks.sqrLater, i, 5).result()));
      await executor.submit(tasks.sqr, 1).result();
      pids = workersOf(executor);
      throw new RangeError('out');
    };
    assert.equal((await failure(block())).name, 'RangeError');
    assert.deepEqual(await done, range(10).map(tasks.sqr));
    assert.ok(pids.length > 0 && pids.every(pid => !isRunning(pid)));
  });

  test('test_del_shutdown: an executor that nobody can reach does its work, and its workers end', async () => {
    const made = (): { results: AsyncIterable<number>; pids: () => number[] } => {
      const executor = new ProcessPoolExecutor({ maxWorkers: 2 });
      const { name } = executor;
      const pids = (): number[] => workersOf({ name } as ProcessPoolExecutor);
      return { results: executor.map(tasks.sqr, range(5)), pids };
    };
    const { results, pids } = made();
    assert.deepEqual(await all(results), range(5).map(tasks.sqr));
    assert.ok(pids().length > 0);
    await until(() => (gc(), pids().length === 0), 'the end of its workers');
  });

  test('test_gc_during_max_tasks_worker_exit_gh152967: dropped while a worker retires, and everything is answered', async () => {
    const futures = (() => {
      const executor = new ProcessPoolExecutor({ maxWorkers: 1, maxTasksPerChild: 1 });
      return range(4).map(i => executor.submit(tasks.sqr, i));
    })();
    const results = Promise.all(futures.map(future => future.result()));
    let over = false;
    void results.finally(() => (over = true));
    await until(() => (gc(), over), 'the results');
    assert.deepEqual(await results, [0, 1, 4, 9]);
  });

  test('test_shutdown_no_wait: results come nevertheless, and the workers end', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 5 });
    const results = executor.map(
      tasks.sqrLater,
      range(10),
      range(10).map(() => 5),
    );
    await executor.shutdown({ wait: false });
    assert.deepEqual(await all(results), range(10).map(tasks.sqr));
    await until(() => workersOf(executor).length === 0, 'the end of the workers');
  });

  test('a map of an input that is made on the way: shutdown takes the rest of it, unless there is a buffer', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 2 });
    const few = (function* () {
      for (let i = 0; i < 200; i++) yield i;
    })();
    const whole = executor.map(tasks.sqr, few);
    const buffered = executor.map(tasks.sqr, count(), { bufferSize: 2 });
    await inTime(executor.shutdown());
    assert.deepEqual(await all(whole), range(200).map(tasks.sqr));
    assert.deepEqual([(await buffered.next()).value, (await buffered.next()).value], [0, 1]);
    const error = await failure(buffered.next());
    assert.deepEqual([error.name, error.message], ['RuntimeError', 'cannot schedule new futures after shutdown']);
    assert.equal((await buffered.next()).done, true);
  });

  test('a worker that dies while shutdown waits: shutdown ends, and the futures say why', async () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 2 });
    const futures = range(4).map(() => executor.submit(tasks.sleepFor, 600_000));
    await until(() => workersOf(executor).length === 2, 'two workers');
    const stopped = executor.shutdown();
    process.kill(workersOf(executor)[0] ?? 0, 'SIGKILL');
    await inTime(stopped);
    for (const future of futures) assert.ok((await future.exception()) instanceof BrokenProcessPool);
  });
});
