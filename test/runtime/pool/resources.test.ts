import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Pool, type WorkerLostError } from 'manycore';
import { readPrograms } from 'manycore/inspect';
import * as tasks from './fixtures/tasks.js';
import { isRunning, until } from '../process/support.js';
import { DEADLINE, failure, finish, inTime, range, scratchFile } from './support.js';

const workersOf = (name: string): number =>
  readPrograms()
    .find(program => program.mainPid === process.pid)
    ?.pools.find(pool => pool.name === name)?.workers ?? -1;

describe('memoryLimit', { timeout: DEADLINE * 2 }, () => {
  test('a worker that holds more after a task is replaced; its result counts', async () => {
    const pool = new Pool({ processes: 1, memoryLimit: '150MB' });
    const before = await pool.apply(tasks.pid);
    assert.equal(await pool.apply(tasks.pid), before);
    assert.equal(await pool.apply(tasks.keepMegabytes, [120, 0]), before);
    const after = await inTime(pool.apply(tasks.pid));
    assert.notEqual(after, before);
    assert.equal(await pool.apply(tasks.pid), after);
    await until(() => !isRunning(before), 'the end of the large worker');
    await finish(pool);
  });

  test('a task that takes far more is killed, and its error says why; the others are done', async () => {
    const pool = new Pool({ processes: 2, memoryLimit: 100 * 1024 * 1024 });
    const others = range(100).map(i => pool.apply(tasks.sqr, [i]));
    const error = await failure<WorkerLostError>(pool.apply(tasks.keepMegabytes, [200, 600_000]));
    assert.equal(error.name, 'WorkerLostError');
    assert.equal(error.signal, 'SIGKILL');
    assert.match(
      error.message,
      /was killed for its use of memory \(\d+ MB, memoryLimit 100 MB\) while it ran keepMegabytes\(200, 600000\)/,
    );
    assert.deepEqual(await inTime(Promise.all(others)), range(100).map(tasks.sqr));
    await finish(pool);
  });

  test('what is no amount of memory is refused', () => {
    for (const memoryLimit of ['much', '-5MB', '', {}, NaN] as string[]) {
      assert.throws(() => new Pool({ memoryLimit }), { name: 'TypeError', message: /^memoryLimit must be/ });
    }
    for (const memoryLimit of [0, '10 MB', 512]) assert.throws(() => new Pool({ memoryLimit }), { name: 'ValueError' });
  });
});

describe('idleTimeout', { timeout: DEADLINE * 2 }, () => {
  test('workers without work end, as many as may, and come back when there is work', async () => {
    const pool = new Pool({ processes: 3, idleTimeout: 50, minProcesses: 1, name: 'shrinking' });
    const before = new Set(await pool.map(tasks.pidOf, range(9), { chunkSize: 1 }));
    await until(() => workersOf('shrinking') === 1, 'the end of two idle workers');
    const kept = await pool.apply(tasks.pid);
    assert.ok(before.size < 3 || before.has(kept));
    assert.equal(workersOf('shrinking'), 1);
    using file = scratchFile();
    const pids = await inTime(Promise.all(range(3).map(() => pool.apply(tasks.meet, [file.path, 3]))));
    assert.equal(new Set(pids).size, 3);
    await until(() => workersOf('shrinking') === 1, 'the end of two idle workers, again');
    await finish(pool);
  });

  test('with minProcesses 0 all of them end; close and join wait for nobody', async () => {
    const pool = new Pool({ processes: 2, idleTimeout: 30, minProcesses: 0, name: 'vanishing' });
    await until(() => workersOf('vanishing') === 0, 'the end of all');
    assert.equal(await inTime(pool.apply(tasks.sqr, [5])), 25);
    const last = pool.applyAsync(tasks.sqr, [6]);
    await until(() => workersOf('vanishing') === 0, 'the end of all, again');
    await finish(pool);
    assert.equal(await last.get(), 36);
  });

  test('work that comes the moment a worker leaves, or is killed, is done all the same', async () => {
    const pool = new Pool({ processes: 2, idleTimeout: 5, minProcesses: 0 });
    for (let i = 0; i < 25; i++) {
      const pid = await inTime(pool.apply(tasks.pidAfter, [0]), `round ${i}`);
      if (i % 5 === 0) process.kill(pid, 'SIGKILL');
      await new Promise(resolve => setTimeout(resolve, i % 9));
    }
    await finish(pool);
  });

  test('a worker that retires in the moment in which it is sent home leaves once', async () => {
    const pool = new Pool({ processes: 2, idleTimeout: 4, minProcesses: 0, maxTasksPerChild: 1 });
    for (let i = 0; i < 25; i++) {
      assert.equal(await inTime(pool.apply(tasks.sqr, [i]), `round ${i}`), i * i);
      await new Promise(resolve => setTimeout(resolve, i % 7));
    }
    await finish(pool);
  });

  test('wrong values are refused', () => {
    assert.throws(() => new Pool({ idleTimeout: 0 }), { name: 'ValueError' });
    assert.throws(() => new Pool({ idleTimeout: '1s' as unknown as number }), { name: 'TypeError' });
    for (const minProcesses of [-1, 3, 0.5]) {
      assert.throws(() => new Pool({ processes: 2, minProcesses }), { name: 'ValueError' });
    }
  });
});
