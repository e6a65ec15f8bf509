import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import v8 from 'node:v8';
import vm from 'node:vm';
import { Pool } from 'manycore';
import * as hostile from './fixtures/hostile.js';
import * as tasks from './fixtures/tasks.js';
import { DEADLINE, finish, range } from './support.js';

v8.setFlagsFromString('--expose-gc');
const gc = vm.runInNewContext('gc') as () => void;

/** Whether it goes when nobody but the pool could have it. */
async function goes(ref: WeakRef<object>): Promise<boolean> {
  for (let i = 0; i < 50 && ref.deref() !== undefined; i++) {
    await turn();
    gc();
  }
  return ref.deref() === undefined;
}

/** Runs by itself, so that no frame of the test keeps what it made. */
async function weakly(use: (big: object) => Promise<object | undefined>): Promise<WeakRef<object>[]> {
  const big = { payload: 'x'.repeat(1000) };
  const result = await use(big);
  return result === undefined ? [new WeakRef(big)] : [new WeakRef(big), new WeakRef(result)];
}

describe('what a pool keeps of its tasks: nothing', { timeout: DEADLINE * 2 }, () => {
  const pool = new Pool(2);
  after(() => finish(pool));

  test('test_release_task_refs, test_no_stale_references: arguments and results of calls can be collected', async () => {
    const refs = await weakly(big => pool.apply(tasks.identity<object>, [big]));
    for (const ref of refs) assert.equal(await goes(ref), true);
    const mapped = await weakly(async big => (await pool.map(tasks.identity<object>, [big, {}]))[0]);
    for (const ref of mapped) assert.equal(await goes(ref), true);
  });

  test('test_free_reference: an iterator keeps nothing of what it has given', async () => {
    const it = pool.imap(
      tasks.identity<object>,
      range(4).map(i => ({ i })),
    );
    const next = async (): Promise<WeakRef<object>> => new WeakRef((await it.next()).value as object);
    const refs = [await next(), await next(), await next()];
    for (const ref of refs) assert.equal(await goes(ref), true);
    assert.deepEqual((await it.next()).value, { i: 3 });
  });

  test('test_ressources_gced_in_workers: an argument is gone in the worker after its task', async () => {
    process.execArgv.push('--expose-gc');
    const own = new Pool(1);
    process.execArgv.pop();
    assert.equal(await own.apply(hostile.keepWeakly, [{ large: true }]), 'kept');
    assert.equal(await own.apply(hostile.isCollected), true);
    await finish(own);
  });
});
