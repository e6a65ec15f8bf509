import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { currentTask, Pool } from 'manycore';
import * as tasks from './fixtures/cooperative.js';
import { until } from '../process/support.js';
import { DEADLINE, failure, finish, inTime, scratchFile } from './support.js';

describe('a task that heeds its signal', { timeout: DEADLINE * 2 }, () => {
  test('hears of a timeout, tidies up, and its worker lives on', async () => {
    using file = scratchFile();
    const pool = new Pool(1);
    const pid = await pool.apply(tasks.pid);
    const error = await failure(pool.apply(tasks.waitForAbort, [file.path], { timeout: 300, grace: DEADLINE }));
    assert.equal(error.name, 'TimeoutError');
    await until(() => file.lines().length === 2, 'the note that it tidied up');
    assert.deepEqual(file.lines(), ['waits', 'TimeoutError']);
    assert.equal(await pool.apply(tasks.pid), pid);
    await finish(pool);
  });

  test('hears of an abort, also in the second task, and in a map', async () => {
    using file = scratchFile();
    const pool = new Pool(1);
    const pid = await pool.apply(tasks.pid);
    for (let round = 1; round <= 2; round++) {
      const controller = new AbortController();
      const call = failure(pool.map(tasks.waitForAbort, [file.path], { signal: controller.signal, grace: DEADLINE }));
      await until(() => file.lines().length === 2 * round - 1, 'the start of the task');
      controller.abort();
      assert.equal((await call).name, 'AbortError');
      await until(() => file.lines().length === 2 * round, 'the note that it tidied up');
    }
    assert.deepEqual(file.lines(), ['waits', 'AbortError', 'waits', 'AbortError']);
    assert.equal(await pool.apply(tasks.pid), pid);
    await finish(pool);
  });

  test('a function that never leaves the thread may look by itself', async () => {
    using file = scratchFile();
    const pool = new Pool(1);
    const pid = await pool.apply(tasks.pid);
    const error = await failure(pool.apply(tasks.burnUntilAborted, [file.path], { timeout: 300, grace: DEADLINE }));
    assert.equal(error.name, 'TimeoutError');
    assert.equal(await inTime(pool.apply(tasks.pid)), pid);
    assert.deepEqual(file.lines(), ['burns', 'TimeoutError']);
    await finish(pool);
  });

  test('has any number of milliseconds for that, also more than a timer of Node can count', async () => {
    using file = scratchFile();
    const pool = new Pool(1);
    const pid = await pool.apply(tasks.pid);
    await failure(pool.apply(tasks.tidySlowly, [file.path], { timeout: 300, grace: 2 ** 33 }));
    assert.equal(await inTime(pool.apply(tasks.pid)), pid);
    assert.deepEqual(file.lines(), ['waits', 'TimeoutError', 'tidied']);
    await finish(pool);
  });

  test('one that hears it and goes on is killed with its worker after the grace, and so is one that never asked', async () => {
    using file = scratchFile();
    const pool = new Pool(1);
    const pid = await pool.apply(tasks.pid);
    await failure(pool.apply(tasks.ignoreAbort, [file.path], { timeout: 300, grace: 2000 }));
    const second = await inTime(pool.apply(tasks.pid));
    assert.notEqual(second, pid);
    assert.deepEqual(file.lines(), ['hears it']);
    await failure(pool.apply(tasks.neverAsks, [], { timeout: 20, grace: Infinity }));
    const third = await inTime(pool.apply(tasks.pid));
    assert.notEqual(third, second);
    await failure(pool.apply(tasks.ignoreAbort, [file.path], { timeout: 20, grace: 0 }));
    assert.notEqual(await inTime(pool.apply(tasks.pid)), third);
    assert.deepEqual(file.lines(), ['hears it']);
    await finish(pool);
  });

  test('a request that comes too late is not heard by the next task', async () => {
    const pool = new Pool(1);
    for (let i = 0; i < 50; i++) {
      const controller = new AbortController();
      const first = pool.apply(tasks.askAndLeave, [], { signal: controller.signal, grace: DEADLINE });
      const second = pool.apply(tasks.wasAborted);
      setImmediate(() => controller.abort());
      await first.catch(() => undefined);
      assert.equal(await inTime(second), false);
    }
    await finish(pool);
  });

  test('a worker that dies of something else within the grace harms nobody', async () => {
    using file = scratchFile();
    const pool = new Pool(1);
    await failure(pool.apply(tasks.dieWhenAborted, [], { timeout: 20, grace: 100 }));
    assert.equal(typeof (await inTime(pool.apply(tasks.pid))), 'number');
    await finish(pool);
    assert.deepEqual(file.lines(), []);
  });

  test('terminate does not wait for the grace; close and join do not wait for the cancelled', async () => {
    using file = scratchFile();
    const pool = new Pool(1);
    await failure(pool.apply(tasks.ignoreAbort, [file.path], { timeout: 20, grace: Infinity }));
    pool.terminate();
    await inTime(pool.join());
  });

  test('where no task runs there is none', async () => {
    assert.equal(currentTask(), null);
    const pool = new Pool({ processes: 1, initializer: tasks.askEarly });
    assert.equal(await pool.apply(tasks.whatWasEarly), null);
    await finish(pool);
  });
});
