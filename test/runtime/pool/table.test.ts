import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Pool } from 'manycore';
import { readProgram, readPrograms, type ProcessSnapshot, type ProgramSnapshot } from 'manycore/inspect';
import * as tasks from './fixtures/tasks.js';
import { until } from '../process/support.js';
import { DEADLINE, failure, finish, range } from './support.js';

function own(): ProgramSnapshot {
  const dir = readPrograms().find(program => program.mainPid === process.pid)?.dir ?? '';
  return readProgram(dir) ?? assert.fail('this program is not to be seen');
}

const workersOf = (program: ProgramSnapshot, id: number): ProcessSnapshot[] =>
  program.processes.filter(each => each.poolId === id && each.state !== 'exited' && each.state !== 'died');

describe('what the process table says of pools', { timeout: DEADLINE * 2 }, () => {
  test('answers are counted as they come, while others are awaited', async () => {
    const pool = new Pool({ processes: 2, name: 'counted' });
    const job = pool.mapAsync(tasks.sleepFor, [1, 1, 1, 60_000], { chunkSize: 1 });
    const row = () => own().pools.find(each => each.name === 'counted');
    await until(() => row()?.done === 3, 'three answers');
    assert.deepEqual([row()?.submitted, row()?.queued, row()?.running], [4, 0, 1]);
    pool.terminate();
    await assert.rejects(job.get(), { name: 'PoolTerminatedError' });
    await pool.join();
  });

  test('how far the running calls are, whether or not the program asks: maps, imaps, and both at once', async () => {
    const pool = new Pool({ processes: 2, name: 'progressing' });
    const progress = () => own().pools.find(each => each.name === 'progressing')?.progress;
    assert.equal(progress(), null);
    const map = pool.mapAsync(tasks.sleepFor, [1, 1, 1, 60_000], { chunkSize: 1 });
    await until(() => progress()?.done === 3, 'three of the map');
    assert.deepEqual(progress(), { done: 3, total: 4 });
    const imap = pool.imap(tasks.sqr, range(1000), { bufferSize: 10 });
    assert.equal((await imap.next()).value, 0);
    assert.equal(progress()?.total, 1004);
    function* endless(): Generator<number> {
      for (;;) yield 1;
    }
    const unknown = pool.imapUnordered(tasks.sqr, endless());
    await unknown.next();
    assert.equal(progress()?.total, null);
    assert.ok((progress()?.done ?? 0) >= 5);
    await unknown.return();
    assert.equal(progress()?.total, 1004);
    // Nobody reads on: it is given up.
    await imap.return();
    assert.deepEqual(progress(), { done: 3, total: 4 });
    await pool.apply(tasks.sqr, [2]);
    assert.deepEqual(progress(), { done: 3, total: 4 }, 'a single call has no part in it');
    pool.terminate();
    await assert.rejects(map.get(), { name: 'PoolTerminatedError' });
    await pool.join();
  });

  test('a call that ends early says nothing of its progress any more', async () => {
    const pool = new Pool({ processes: 1, name: 'ended' });
    const progress = () => own().pools.find(each => each.name === 'ended')?.progress;
    await failure(pool.map(tasks.sleepFor, [1, 60_000], { chunkSize: 1, timeout: 50 }));
    assert.equal(progress(), null);
    await failure(pool.map(tasks.exit, [3, 3], { chunkSize: 1 }));
    assert.equal(progress(), null);
    await failure(pool.map(tasks.identity<unknown>, [1, () => 2], { chunkSize: 1 }));
    assert.equal(progress(), null, 'nor one whose inputs cannot be sent');
    const controller = new AbortController();
    const aborted = failure(pool.map(tasks.sleepFor, [60_000], { signal: controller.signal }));
    assert.deepEqual(progress(), { done: 0, total: 1 });
    controller.abort();
    await aborted;
    assert.equal(progress(), null);
    assert.deepEqual(await pool.map(tasks.sqr, []), []);
    assert.equal(progress(), null);
    await finish(pool);
  });

  test('name, size, figures; workers with their state, their task and what they have done', async () => {
    const pool = new Pool({ processes: 2, name: 'thumbnails' });
    await pool.map(tasks.sqr, range(100));
    await failure(pool.apply(tasks.raise, [1]));
    const row = own().pools.find(each => each.name === 'thumbnails') ?? assert.fail('no row');
    assert.equal(row.size, 2);
    assert.equal(row.state, 'running');
    assert.deepEqual([row.submitted, row.done, row.failed, row.queued, row.running], [101, 100, 1, 0, 0]);

    const long = pool.mapAsync(tasks.sleepFor, [300, 301, 302, 303], { chunkSize: 1 });
    await until(() => workersOf(own(), row.id).every(each => each.task === 'sleepFor × 1'), 'two busy workers');
    const busy = workersOf(own(), row.id);
    assert.equal(busy.length, 2);
    for (const worker of busy) {
      assert.equal(worker.kind, 'worker');
      assert.equal(worker.daemon, true);
      assert.match(worker.name, /^PoolWorker-\d+$/);
      assert.equal(worker.state, 'busy');
      assert.match(worker.target, /^file:.*tasks\.js#sleepFor$/);
    }
    assert.equal(own().pools.find(each => each.id === row.id)?.running, 2);
    await long.get();
    await until(() => workersOf(own(), row.id).every(each => each.state === 'idle'), 'two idle workers');
    const idle = workersOf(own(), row.id);
    assert.equal(
      idle.reduce((sum, each) => sum + each.tasksDone, 0),
      104,
    );
    assert.equal(
      idle.reduce((sum, each) => sum + each.tasksFailed, 0),
      1,
    );
    assert.ok(idle.reduce((sum, each) => sum + each.busyMs, 0) >= 1000);

    assert.ok(idle.every(each => each.task === ''));

    const call = pool.apply(tasks.sleepFor, [300]);
    await until(() => workersOf(own(), row.id).some(each => each.task === 'sleepFor(300)'), 'the call');
    await call;
    await finish(pool);
    assert.equal(
      own().pools.some(each => each.id === row.id),
      false,
    );
  });
});
