import assert from 'node:assert/strict';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import test from 'node:test';
import { inspect } from 'node:util';
import { startChild } from '../children.js';
import { internals } from '../internals.js';

const { RLock } = internals;
const fixture = new URL('./fixtures/sync.js', import.meta.url);
const timeout = 30_000;

test('test_rlock: three acquires, three releases, AssertionError on the fourth', async () => {
  const lock = new RLock();
  for (let i = 0; i < 3; i++) assert.ok(await lock.acquire());
  for (let i = 0; i < 3; i++) lock.release();
  assert.throws(() => lock.release(), { name: 'AssertionError' });
  for (let i = 0; i < 3; i++) assert.ok(lock.acquireSync());
  for (let i = 0; i < 3; i++) lock.release();
  assert.throws(() => lock.release(), { name: 'AssertionError' });
  assert.equal(lock.locked(), false);
});

test('test_rlock_context: using releases one level', async () => {
  const lock = new RLock();
  using _outer = await lock.acquire();
  {
    using _inner = await lock.acquire();
    assert.equal(inspect(lock), '<RLock(MainProcess, 2)>');
  }
  assert.equal(inspect(lock), '<RLock(MainProcess, 1)>');
});

test('two tasks of one process exclude each other, whatever they await in between', { timeout }, async () => {
  const lock = new RLock();
  let inside = 0;
  const task = async (): Promise<void> => {
    for (let round = 0; round < 50; round++) {
      await lock.acquire();
      assert.equal(++inside, 1);
      await turn();
      await lock.acquire();
      if (round % 10 === 0) await delay(1);
      lock.release();
      assert.equal(inside, 1);
      inside--;
      lock.release();
    }
  };
  await Promise.all([task(), task(), task()]);
  assert.equal(lock.locked(), false);
});

test('who started a task is not that task, even after an await of its own', { timeout }, async () => {
  const lock = new RLock();
  let letGo = (): void => undefined;
  const task = async (): Promise<void> => {
    using _held = await lock.acquire();
    await new Promise<void>(resolve => (letGo = resolve));
  };
  const running = task();
  await turn();
  assert.equal(await lock.acquire({ block: false }), false);
  assert.throws(() => lock.release(), { name: 'AssertionError' });
  assert.equal(inspect(lock), '<RLock(SomeOtherTask, nonzero)>');
  assert.throws(() => lock.acquireSync(), { name: 'RuntimeError' });
  assert.equal(lock.acquireSync({ timeout: 1 }), false);
  letGo();
  await running;
  assert.ok(await lock.acquire({ block: false }));
  lock.release();
});

test('a task owns several locks at once and gives them back in any order', { timeout }, async () => {
  const [a, b] = [new RLock(), new RLock()];
  await a.acquire();
  await b.acquire();
  await a.acquire();
  await turn();
  a.release();
  a.release();
  assert.equal(a.locked(), false);
  await turn();
  await b.acquire();
  b.release();
  b.release();
  assert.equal(b.locked(), false);
});

test('what a function that acquired returns can be released wherever it has got to', async () => {
  const lock = new RLock();
  const open = async (): Promise<{ close(): void }> => {
    await turn();
    const held = await lock.acquire();
    return { close: () => held.release() };
  };
  const resource = await open();
  assert.equal(lock.locked(), true);
  resource.close();
  assert.equal(lock.locked(), false);
});

test('an aborted or timed-out acquire leaves nothing behind', { timeout }, async () => {
  const lock = new RLock();
  const holder = async (until: Promise<void>): Promise<void> => {
    using _held = await lock.acquire();
    await until;
  };
  let letGo = (): void => undefined;
  const held = holder(new Promise(resolve => (letGo = resolve)));
  await turn();
  const abort = new AbortController();
  const aborted = lock.acquire({ signal: abort.signal });
  abort.abort(new Error('enough'));
  await assert.rejects(aborted, { message: 'enough' });
  assert.equal(await lock.acquire({ timeout: 5 }), false);
  letGo();
  await held;
  assert.ok(await lock.acquire({ block: false }));
  lock.release();
});

test(
  'test_rlock_locked_2processes, test_repr_rlock: another process sees the owner, not the depth',
  { timeout },
  async () => {
    const lock = new RLock();
    assert.equal(inspect(lock), '<RLock(None, 0)>');
    const child = startChild(fixture, 'holdRLock', lock.handle, 3);
    await child.hear();
    assert.equal(lock.locked(), true);
    assert.equal(inspect(lock), '<RLock(SomeOtherProcess, nonzero)>');
    assert.throws(() => lock.release(), { name: 'AssertionError' });
    child.tell('go');
    await child.hear();
    assert.ok(await lock.acquire());
    const other = startChild(fixture, 'releaseRLock', lock.handle);
    assert.equal(await other.hear(), 'AssertionError');
    lock.release();
    await Promise.all([child.ended, other.ended]);
  },
);

test('an RLock of a killed process is taken at depth 1', { timeout }, async () => {
  const lock = new RLock();
  const child = startChild(fixture, 'holdRLock', lock.handle, 3);
  await child.hear();
  const waiting = lock.acquire();
  await child.kill();
  await waiting;
  assert.equal(lock.recovered, 1);
  lock.release();
  assert.equal(lock.locked(), false);
});
