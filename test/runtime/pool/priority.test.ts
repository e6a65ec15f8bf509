import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Pool } from 'manycore';
import * as tasks from './fixtures/tasks.js';
import { until } from '../process/support.js';
import { DEADLINE, failure, finish, inTime, range, scratchFile } from './support.js';

/** A pool of one whose worker is held up, until it is told to go on. */
async function heldUp(): Promise<{ pool: Pool; file: ReturnType<typeof scratchFile>; goOn: () => Promise<void> }> {
  const pool = new Pool(1);
  const file = scratchFile();
  const gate = scratchFile();
  const held = pool.apply(tasks.holdUntilLine, [gate.path, file.path]);
  await until(() => file.lines().length === 1, 'the start of the task that holds the worker up');
  return {
    pool,
    file,
    goOn: async () => {
      // What has been called is sent in the microtasks of this turn.
      await new Promise(resolve => setImmediate(resolve));
      tasks.note(gate.path, 1);
      await inTime(held);
      gate[Symbol.dispose]();
    },
  };
}

describe('priority', { timeout: DEADLINE * 2 }, () => {
  test('of what waits, the highest goes first, and calls of one priority in their order', async () => {
    const { pool, file, goOn } = await heldUp();
    const note = (n: number, priority?: number): Promise<number> =>
      pool.apply(tasks.note, [file.path, n], priority === undefined ? undefined : { priority });
    const calls = [
      note(10),
      note(11),
      note(-5, -1),
      note(20, 1),
      note(21, 1),
      note(12, 0),
      note(30, 2.5),
      note(40, Infinity),
    ];
    await goOn();
    await inTime(Promise.all(calls));
    assert.deepEqual(file.lines(), ['held', '40', '30', '20', '21', '10', '11', '12', '-5']);
    file[Symbol.dispose]();
    await finish(pool);
  });

  test('what has been sent ahead already is overtaken too, also when it travels in batches', async () => {
    const { pool, file, goOn } = await heldUp();
    await pool.map(tasks.sqr, []);
    const low = range(300).map(i => pool.apply(tasks.note, [file.path, i]));
    // By now the first of them are in the ring.
    await new Promise(resolve => setImmediate(resolve));
    const high = range(3).map(i => pool.apply(tasks.note, [file.path, 1000 + i], { priority: 1 }));
    await new Promise(resolve => setImmediate(resolve));
    const higher = pool.applyAsync(tasks.note, [file.path, 2000], { priority: 2 });
    await goOn();
    await inTime(Promise.all([...low, ...high, higher.get()]));
    assert.deepEqual(file.lines(), ['held', '2000', '1000', '1001', '1002', ...range(300).map(String)]);
    file[Symbol.dispose]();
    await finish(pool);
  });

  test('maps and imaps have one as well', async () => {
    const { pool, file, goOn } = await heldUp();
    const low = pool.map(
      tasks.noteItem,
      range(3).map(i => [file.path, i] as [string, number]),
      { chunkSize: 1, priority: -1 },
    );
    const usual = pool.imap(
      tasks.noteItem,
      range(3).map(i => [file.path, 10 + i] as [string, number]),
    );
    const high = pool.starmap(
      tasks.note,
      range(3).map(i => [file.path, 20 + i] as [string, number]),
      { priority: 7 },
    );
    await new Promise(resolve => setImmediate(resolve));
    await goOn();
    await inTime(Promise.all([low, high, ...range(3).map(() => usual.next())]));
    assert.deepEqual(file.lines(), ['held', ...[20, 21, 22, 10, 11, 12, 0, 1, 2].map(String)]);
    file[Symbol.dispose]();
    await finish(pool);
  });

  test('a worker killed in the middle of it changes nothing: all run once, the highest first', async () => {
    const { pool, file, goOn } = await heldUp();
    const low = range(50).map(i => pool.apply(tasks.note, [file.path, i]));
    await new Promise(resolve => setImmediate(resolve));
    const killer = failure(pool.apply(tasks.killSelf, ['SIGKILL'], { priority: 3 }));
    const high = range(50).map(i => pool.apply(tasks.note, [file.path, 100 + i], { priority: 1 }));
    await goOn();
    assert.equal((await killer).name, 'WorkerLostError');
    await inTime(Promise.all([...low, ...high]));
    assert.deepEqual(file.lines(), ['held', ...range(50).map(i => String(100 + i)), ...range(50).map(String)]);
    file[Symbol.dispose]();
    await finish(pool);
  });

  test('what is no number is refused', async () => {
    const pool = new Pool(1);
    for (const priority of ['high', NaN, null] as unknown as number[]) {
      assert.equal((await failure(pool.apply(tasks.sqr, [1], { priority }))).name, 'TypeError');
    }
    await finish(pool);
  });
});
