import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import os from 'node:os';
import { inspect } from 'node:util';
import { activeChildren, Pool, Process, processCpuCount, Queue, type BrokenPoolError } from 'manycore';
import * as tasks from './fixtures/tasks.js';
import { isRunning } from '../process/support.js';
import { DEADLINE, failure, finish, inTime, range, scratchFile } from './support.js';

describe('the life of a pool', { timeout: DEADLINE * 4 }, () => {
  test('test_make_pool: at least one worker, and as many as asked for', async () => {
    for (const n of [0, -1, NaN]) {
      assert.throws(() => new Pool(n), { name: 'ValueError', message: 'Number of processes must be at least 1' });
    }
    const pool = new Pool(3);
    assert.equal(pool.size, 3);
    assert.equal(inspect(pool), '<Pool state=RUN pool_size=3>');
    await finish(pool);
    assert.equal(inspect(pool), '<Pool state=CLOSE pool_size=3>');
    const usual = new Pool();
    assert.equal(usual.size, processCpuCount());
    assert.ok(usual.size >= 1 && usual.size <= os.availableParallelism());
    await finish(usual);
  });

  test('test_pool_maxtasksperchild_invalid: only positive integers', () => {
    for (const maxTasksPerChild of [0, -1, 0.5, '12'] as number[]) {
      assert.throws(() => new Pool({ processes: 3, maxTasksPerChild }), { name: 'ValueError' });
    }
  });

  test('test_pool_initializer: not callable is a TypeError; it runs once in each worker', async () => {
    assert.throws(() => new Pool({ initializer: 1 as unknown as () => void }), {
      name: 'TypeError',
      message: 'initializer must be a callable',
    });
    const pool = new Pool({ processes: 1, initializer: tasks.initialize, initArgs: [1, 'two'] });
    assert.deepEqual(await pool.apply(tasks.seeInitialized), [1, 'two']);
    assert.deepEqual(await pool.apply(tasks.seeInitialized), [1, 'two']);
    await finish(pool);
    assert.throws(() => new Pool({ processes: 1, initializer: () => undefined }), { name: 'PicklingError' });
  });

  test('D4: an initializer that fails breaks the pool at once, and is not tried for ever', async () => {
    using file = scratchFile();
    const pool = new Pool({ processes: 2, initializer: tasks.failToInitialize, initArgs: [file.path] });
    const pending = pool.applyAsync(tasks.sqr, [1]);
    const mapped = pool.map(tasks.sqr, range(100));
    const error = await failure<BrokenPoolError>(pending.get());
    assert.equal(error.name, 'BrokenPoolError');
    assert.match(error.message, /no database/);
    assert.equal((error.cause as Error).name, 'CustomError');
    assert.equal((await failure(mapped)).name, 'BrokenPoolError');
    assert.equal((await failure(pool.apply(tasks.sqr, [1]))).name, 'BrokenPoolError');
    assert.throws(() => pool.applyAsync(tasks.sqr, [1]), { name: 'BrokenPoolError' });
    await finish(pool);
    assert.ok(file.lines().length <= 2, `tried ${file.lines().length} times`);
  });

  test('workers that end before they are ready break the pool after a few', async () => {
    const pool = new Pool({ processes: 1, initializer: tasks.exitInInitializer });
    const error = await failure(pool.apply(tasks.sqr, [1]));
    assert.equal(error.name, 'BrokenPoolError');
    assert.match(error.message, /exit code 3/);
    pool.terminate();
    await inTime(pool.join());
  });

  test('test_pool_worker_lifetime: workers are replaced after so many tasks', async () => {
    const pool = new Pool({ processes: 3, maxTasksPerChild: 10 });
    const before = new Set<number>();
    const results = range(100).map(i => pool.applyAsync(tasks.sqr, [i]));
    for (const pid of await pool.map(tasks.pidOf, range(9), { chunkSize: 1 })) before.add(pid);
    assert.deepEqual(await inTime(Promise.all(results.map(r => r.get()))), range(100).map(tasks.sqr));
    await pool.map(tasks.pidOf, range(40), { chunkSize: 1 });
    const now = await pool.map(tasks.pidOf, range(9), { chunkSize: 1 });
    assert.ok(now.every(pid => !before.has(pid)));
    await finish(pool);
  });

  test('test_max_tasks_per_child: one task each, one process each', async () => {
    const pool = new Pool({ processes: 2, maxTasksPerChild: 1 });
    const pids = await inTime(pool.map(tasks.pidOf, range(8), { chunkSize: 1 }));
    assert.equal(new Set(pids).size, 8);
    await finish(pool);
  });

  test('test_pool_worker_lifetime_early_close: close before the end of the tasks still joins', async () => {
    const pool = new Pool({ processes: 3, maxTasksPerChild: 1 });
    const results = range(6).map(i => pool.applyAsync(tasks.sqrLater, [i, 20]));
    await finish(pool);
    assert.deepEqual(await Promise.all(results.map(r => r.get())), range(6).map(tasks.sqr));
  });

  test('join before close is a ValueError; after close nothing more is taken; all may be called again', async () => {
    const pool = new Pool(2);
    assert.equal((await failure(pool.join())).message, 'Pool is still running');
    const last = pool.applyAsync(tasks.sqrLater, [3, 20]);
    pool.close();
    pool.close();
    assert.equal((await failure(pool.apply(tasks.sqr, [1]))).message, 'Pool not running');
    assert.equal((await failure(pool.map(tasks.sqr, [1]))).name, 'ValueError');
    assert.equal((await failure(pool.starmap(tasks.add, [[1, 2]]))).name, 'ValueError');
    for (const call of [
      () => pool.applyAsync(tasks.sqr, [1]),
      () => pool.mapAsync(tasks.sqr, [1]),
      () => pool.starmapAsync(tasks.add, [[1, 2]]),
      () => pool.imap(tasks.sqr, [1]),
      () => pool.imapUnordered(tasks.sqr, [1]),
    ]) {
      assert.throws(call, { name: 'ValueError', message: 'Pool not running' });
    }
    await inTime(pool.join());
    await inTime(pool.join());
    assert.equal(await last.get(), 9);
    pool.terminate();
    await inTime(pool.join());
  });

  test('test_terminate: 10,000 tasks of minutes, and terminate and join take a moment', async () => {
    const pool = new Pool(3);
    const result = pool.mapAsync(
      tasks.sleepFor,
      range(10_000).map(() => 100_000),
      { chunkSize: 1 },
    );
    const single = failure(pool.apply(tasks.burn, [100_000]));
    const started = performance.now();
    pool.terminate();
    await inTime(pool.join());
    assert.ok(performance.now() - started < 10_000);
    assert.equal((await failure(result.get())).name, 'PoolTerminatedError');
    assert.equal((await single).name, 'PoolTerminatedError');
    pool.terminate();
    pool.close();
  });

  test('test_context: leaving the block terminates the pool and waits for its workers', async () => {
    let outside: Pool | undefined;
    let pids: number[] = [];
    {
      await using pool = new Pool(2);
      outside = pool;
      assert.deepEqual(await pool.map(tasks.sqr, range(10)), range(10).map(tasks.sqr));
      pids = await pool.map(tasks.pidOf, range(20), { chunkSize: 1 });
    }
    assert.throws(() => outside?.mapAsync(tasks.sqr, [1]), { name: 'ValueError', message: 'Pool not running' });
    assert.ok(pids.every(pid => !isRunning(pid)));
  });

  test('test_large_pool: 200 workers map 1000 inputs', { timeout: DEADLINE * 4 }, async () => {
    const pool = new Pool(200);
    assert.deepEqual(await pool.map(tasks.sqr, range(1000)), range(1000).map(tasks.sqr));
    pool.terminate();
    await pool.join();
  });

  test('several pools work side by side', async () => {
    const pools = range(3).map(() => new Pool(2));
    const results = await inTime(Promise.all(pools.map(pool => pool.map(tasks.sqr, range(100)))));
    for (const result of results) assert.deepEqual(result, range(100).map(tasks.sqr));
    await Promise.all(pools.map(finish));
  });

  test('shared objects may be arguments of tasks', async () => {
    const pool = new Pool(3);
    const queue = new Queue<number>();
    await pool.starmap(
      tasks.useQueue,
      range(10).map(i => [queue, i] as [Queue<number>, number]),
    );
    const got = await inTime(Promise.all(range(10).map(() => queue.get())));
    assert.deepEqual(
      got.toSorted((a, b) => a - b),
      range(10),
    );
    const waiting = pool.apply(tasks.waitFor, [queue]);
    await queue.put(7);
    assert.equal(await inTime(waiting), 7);
    queue.close();
    await finish(pool);
  });

  test('test_pool_in_process: a process may have a pool, a daemon may not', async () => {
    const pool = new Pool({ processes: 1, daemon: false });
    assert.deepEqual(await inTime(pool.apply(tasks.nestedPool)), [1, 4, 9]);
    await finish(pool);
    const daemonic = new Pool(1);
    const error = await failure(daemonic.apply(tasks.nestedPool));
    assert.equal(error.name, 'AssertionError');
    assert.equal(error.message, 'daemonic processes are not allowed to have children');
    assert.equal((await failure(daemonic.apply(tasks.processInProcess))).name, 'AssertionError');
    await finish(daemonic);
  });

  test('activeChildren() lists the workers, as processes that can be asked and ended', async () => {
    const pool = new Pool(2);
    const pids = new Set(await pool.map(tasks.pidAfter, [50, 50, 50, 50], { chunkSize: 1 }));
    const workers = activeChildren().filter(child => child.name.startsWith('PoolWorker-'));
    assert.deepEqual(
      workers,
      activeChildren().filter(child => child.name.startsWith('PoolWorker-')),
    );
    assert.equal(workers.length, 2);
    assert.ok([...pids].every(pid => workers.some(worker => worker.pid === pid)));
    for (const worker of workers) {
      assert.equal(worker.daemon, true);
      assert.equal(worker.isAlive(), true);
      assert.match(inspect(worker), /^<Process name='PoolWorker-\d+' pid=\d+ parent=\d+ started daemon>$/);
      assert.throws(() => worker.start(), { name: 'AssertionError', message: 'cannot start a process twice' });
    }
    const [first] = workers;
    first?.kill();
    assert.equal(await first?.join({ timeout: DEADLINE }), true);
    assert.equal(first?.exitCode, -9);
    assert.deepEqual(await inTime(pool.map(tasks.sqr, range(4))), range(4).map(tasks.sqr));
    await finish(pool);
    assert.ok(workers.every(worker => !worker.isAlive()));
    assert.equal(
      activeChildren().some(child => workers.includes(child)),
      false,
    );
  });

  test('workers are named, and a process of the same program is not among them', async () => {
    const pool = new Pool(1);
    const name = await pool.apply(tasks.ownName);
    assert.match(name, /^PoolWorker-\d+$/);
    await finish(pool);
    assert.match(new Process({ target: tasks.pid }).name, /^Process-\d+$/);
  });
});
