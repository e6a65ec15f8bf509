import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Pool, type WorkerLostError } from 'manycore';
import { readPrograms } from 'manycore/inspect';
import * as hostile from './fixtures/hostile.js';
import * as tasks from './fixtures/tasks.js';
import { isRunning, until } from '../process/support.js';
import { DEADLINE, failure, finish, inTime, range, scratchFile } from './support.js';

const squares = (n: number): number[] => range(n).map(tasks.sqr);

async function all<T>(iterator: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = [];
  for await (const x of iterator) got.push(x);
  return got;
}

function* zip<A, B>(as: Iterable<A>, bs: Iterable<B>): Generator<[A, B]> {
  const other = bs[Symbol.iterator]();
  for (const a of as) {
    const step = other.next();
    if (step.done === true) return;
    yield [a, step.value];
  }
}

function* count(): Generator<number> {
  for (let i = 0; ; i++) yield i;
}

const livingWorkers = (): number[] =>
  (readPrograms().find(program => program.mainPid === process.pid)?.processes ?? [])
    .filter(each => each.kind === 'worker' && each.exitCode === null)
    .map(each => each.pid);

/** From now on only so many more processes can be started: then the program for them is not there. */
function brokenStarts(good: number): { started: () => number; [Symbol.dispose]: () => void } {
  const { execPath } = process;
  const before = livingWorkers().length;
  let started = 0;
  Object.defineProperty(process, 'execPath', {
    configurable: true,
    get: () => {
      started = livingWorkers().filter(pid => pid > 0).length - before;
      return good === 0 || started >= good ? '/nowhere/node' : execPath;
    },
  });
  return {
    started: () => started,
    [Symbol.dispose]: () => Object.defineProperty(process, 'execPath', { configurable: true, value: execPath }),
  };
}

/** Python's executor tests, for the pool: what `submit` is there is `apply` here, and its `map` is `imap`. */
describe('what the executor promises', { timeout: DEADLINE * 4 }, () => {
  const pool = new Pool(3);
  after(() => finish(pool));

  test('test_submit: one call, its result', async () => {
    assert.equal(await pool.applyAsync(tasks.sqr, [8]).get(), 64);
  });

  test('test_map_timeout_from_callable: a TimeoutError of the function is not the one of a limit', async () => {
    const error = await failure(pool.map(hostile.timeOut, [1], { timeout: DEADLINE }));
    assert.equal(error.message, 'the server did not answer');
    assert.match(
      (await failure(pool.imap(hostile.timeOut, [1]).next({ timeout: DEADLINE }))).message,
      /did not answer/,
    );
  });

  test('test_map_timeout: next with a timeout, and then the iteration is left', async () => {
    const it = pool.imap(tasks.sleepFor, [0, 0, 600_000]);
    assert.deepEqual([(await it.next()).value, (await it.next()).value], [0, 0]);
    assert.equal((await failure(it.next({ timeout: 50 }))).name, 'TimeoutError');
    await it.return();
    assert.equal((await it.next()).done, true);
    assert.deepEqual(await pool.map(tasks.sqr, range(3)), squares(3));
  });

  test('test_map_close: a closed iterator closes its input and gives nothing more', async () => {
    let closed = false;
    function* input(): Generator<number> {
      try {
        yield* count();
      } finally {
        closed = true;
      }
    }
    const it = pool.imap(tasks.sqr, input());
    assert.equal((await it.next()).value, 0);
    await it.return();
    assert.equal(closed, true);
    assert.equal((await it.next()).done, true);
  });

  test('test_map_buffersize: any size gives the whole, in order', async () => {
    for (const bufferSize of [1, 2, 10, 20]) {
      assert.deepEqual(await all(pool.imap(tasks.sqr, range(10), { bufferSize })), squares(10));
    }
    assert.deepEqual(await all(pool.imap(tasks.sqr, [], { bufferSize: 2 })), []);
  });

  test('test_map_buffersize_type_validation, test_map_buffersize_value_validation', () => {
    for (const bufferSize of ['foo', 2.5, {}, true]) {
      assert.throws(() => pool.imap(tasks.sqr, [1], { bufferSize: bufferSize as number }), {
        name: 'TypeError',
        message: 'bufferSize must be an integer or undefined',
      });
    }
    for (const bufferSize of [0, -1]) {
      assert.throws(() => pool.imap(tasks.sqr, [1], { bufferSize }), {
        name: 'ValueError',
        message: 'bufferSize must be 1 or more',
      });
    }
  });

  test('test_map_buffersize_on_multiple_infinite_iterables: pairs without end', async () => {
    const it = pool.imap(tasks.sum as unknown as (pair: [number, number]) => unknown, zip(count(), count()), {
      bufferSize: 1,
    });
    for (let i = 0; i < 4; i++) assert.equal((await it.next()).done, false);
    await it.return();
  });

  test('test_map_chunksize: chunks of every size, and -1 is refused', async () => {
    for (const chunkSize of [6, 50, 40]) {
      assert.deepEqual(await all(pool.imap(tasks.sqr, range(40), { chunkSize })), squares(40));
      assert.deepEqual(await pool.map(tasks.sqr, range(40), { chunkSize }), squares(40));
    }
    assert.throws(() => pool.imap(tasks.sqr, range(40), { chunkSize: -1 }), { name: 'ValueError' });
  });

  test('test_shutdown_race_issue12456: close while results are arriving', async () => {
    const own = new Pool(2);
    const calls = range(3000).map(i => own.applyAsync(tasks.identity<string>, ['a'.repeat(i)]));
    await calls[0]?.get();
    await finish(own);
    for (const [i, call] of calls.entries()) assert.equal((await call.get()).length, i);
  });

  test('test_hang_issue12364: 50 jobs, then close; all have ended when join has', async () => {
    const own = new Pool(5);
    const calls = range(50).map(() => own.applyAsync(tasks.sleepFor, [10]));
    await finish(own);
    assert.ok(calls.every(call => call.successful()));
  });

  test('test_cancel_futures: what waits is cancelled by its signal, what runs and the rest are done', async () => {
    const own = new Pool(1);
    using file = scratchFile();
    const controller = new AbortController();
    const { signal } = controller;
    const kept = range(3).map(i => own.apply(tasks.note, [file.path, i]));
    const dropped = range(47).map(i => failure(own.apply(tasks.note, [file.path, 100 + i], { signal })));
    controller.abort(new Error('cancelled'));
    own.close();
    for (const error of await Promise.all(dropped)) assert.equal(error.message, 'cancelled');
    assert.deepEqual(await inTime(Promise.all(kept)), range(3));
    await inTime(own.join());
    assert.deepEqual(file.lines(), ['0', '1', '2']);
  });

  test('test_hang_gh94440: a call cancelled right before close', async () => {
    const own = new Pool({ processes: 1, initializer: tasks.initialize });
    const controller = new AbortController();
    const call = failure(own.apply(tasks.sqr, [1], { signal: controller.signal }));
    controller.abort();
    await finish(own);
    assert.equal((await call).name, 'AbortError');
  });

  test('test_killed_child, test_broken_process_pool_traceback: each lost call has an error of its own', async () => {
    const own = new Pool(2);
    const lost = await Promise.all(
      range(4).map(() => failure<WorkerLostError>(own.apply(tasks.killSelf, ['SIGKILL']))),
    );
    assert.equal(new Set(lost).size, 4);
    for (const error of lost) assert.deepEqual([error.name, error.signal], ['WorkerLostError', 'SIGKILL']);
    assert.equal(new Set(lost.map(error => error.pid)).size, 4);
    await finish(own);
  });

  test('test_traceback_when_child_process_terminates_abruptly: the error names the exit code', async () => {
    const error = await failure<WorkerLostError>(pool.apply(tasks.exit, [99]));
    assert.equal(error.exitCode, 99);
    assert.match(error.message, /exit code 99 while it ran exit\(99\)/);
  });

  test('test_saturation: 15 times as many jobs as workers, and no more workers', async () => {
    const own = new Pool(4);
    const calls = range(60).map(() => own.apply(tasks.pidOf, [0]));
    assert.ok(new Set(await inTime(Promise.all(calls))).size <= 4);
    await finish(own);
  });

  test('test_max_tasks_per_child: the same process for so many tasks, then another', async () => {
    const own = new Pool({ processes: 1, maxTasksPerChild: 3 });
    const pids: number[] = [];
    for (let i = 0; i < 4; i++) pids.push(await own.apply(tasks.pid));
    assert.equal(new Set(pids.slice(0, 3)).size, 1);
    assert.notEqual(pids[3], pids[0]);
    await finish(own);
  });

  test('test_max_tasks_per_child_pending_tasks_gh115634: a backlog while workers retire', async () => {
    const own = new Pool({ processes: 2, maxTasksPerChild: 3 });
    const calls = range(24).map(i => own.apply(tasks.sqr, [i]));
    assert.deepEqual(await inTime(Promise.all(calls)), squares(24));
    await finish(own);
  });

  test('test_max_tasks_early_shutdown, test_shutdown_no_wait_max_tasks_gh119592: closed at once, all results come', async () => {
    const own = new Pool({ processes: 3, maxTasksPerChild: 1 });
    const calls = range(6).map(i => own.apply(tasks.sqr, [i]));
    own.close();
    assert.deepEqual(await inTime(Promise.all(calls)), squares(6));
    await inTime(own.join());
  });

  test('test_force_shutdown_during_max_tasks_worker_exit: nothing is started while the pool is terminated', async () => {
    for (let round = 0; round < 5; round++) {
      const own = new Pool({ processes: 2, maxTasksPerChild: 1 });
      const calls = range(50).map(() => own.applyAsync(tasks.pid));
      const first = await calls[0]?.get();
      own.terminate();
      await inTime(own.join());
      const pids = calls.filter(call => call.ready() && call.successful()).map(call => call.get());
      for (const pid of await Promise.all(pids)) assert.equal(isRunning(pid), false);
      assert.equal(isRunning(first ?? 0), false);
    }
  });

  test('test_force_shutdown_workers: a running task never comes to its end', async () => {
    using file = scratchFile();
    const own = new Pool(1);
    const call = failure(own.apply(tasks.noteAndMaybeHang, [file.path, -1]));
    await until(() => file.lines().length === 1, 'the start of the task');
    own.terminate();
    await inTime(own.join());
    assert.equal((await call).name, 'PoolTerminatedError');
    assert.throws(() => own.applyAsync(tasks.sqr, [1]), { name: 'ValueError' });
  });

  test('test_force_shutdown_workers_dead_workers, test_force_shutdown_workers_not_started_yet', async () => {
    const dead = new Pool(1);
    await failure(dead.apply(tasks.killSelf, ['SIGKILL']));
    dead.terminate();
    await inTime(dead.join());
    const young = new Pool(2);
    young.terminate();
    await inTime(young.join());
  });

  test('test_release_unused_processes: when the fourth worker cannot start, the first three are ended', async () => {
    const before = new Set(livingWorkers());
    using broken = brokenStarts(3);
    assert.throws(() => new Pool(10), { name: 'OSError', code: 'ENOENT' });
    assert.equal(broken.started(), 3);
    await until(() => livingWorkers().every(pid => before.has(pid)), 'the end of the three');
  });

  test('test_failed_worker_replacement_breaks_pool: no worker left and none to be had', async () => {
    const own = new Pool(1);
    await own.apply(tasks.sqr, [2]);
    const last = own.apply(tasks.exit, [1]);
    const behind = own.applyAsync(tasks.sqr, [3]);
    using _broken = brokenStarts(0);
    await failure(last);
    assert.equal((await failure(behind.get())).name, 'BrokenPoolError');
    assert.throws(() => own.applyAsync(tasks.sqr, [1]), { name: 'BrokenPoolError' });
    await finish(own);
  });

  test('test_run_after_shutdown, test_submit_after_interpreter_shutdown: refused, also in an exit handler', async () => {
    const own = new Pool(1);
    await finish(own);
    await turn();
    assert.equal((await failure(own.apply(tasks.sqr, [1]))).message, 'Pool not running');
  });

  test('test_initializer: it has run in every worker', async () => {
    const own = new Pool({ processes: 3, initializer: tasks.initialize, initArgs: ['set'] });
    const seen = await Promise.all(range(30).map(() => own.apply(tasks.seeInitialized)));
    for (const each of seen) assert.deepEqual(each, ['set']);
    await finish(own);
  });
});
