import assert from 'node:assert/strict';
import test from 'node:test';
import { inspect } from 'node:util';
import { startChild } from '../children.js';
import { internals } from '../internals.js';

const { Lock, memory } = internals;
const fixture = new URL('./fixtures/locks.js', import.meta.url);
const timeout = 30_000;

test('test_lock: acquire, a refused second acquire, locked(), and ValueError on a double release', async () => {
  const lock = new Lock();
  assert.ok(await lock.acquire());
  assert.equal(await lock.acquire({ block: false }), false);
  assert.equal(lock.acquireSync({ block: false }), false);
  assert.equal(lock.locked(), true);
  lock.release();
  assert.equal(lock.locked(), false);
  assert.throws(() => lock.release(), { name: 'ValueError', code: 'ERR_MANYCORE_VALUE' });
});

test('a timeout of 0, a negative one, and block: false with a timeout all try once', async () => {
  const lock = new Lock();
  lock.acquireSync();
  const start = performance.now();
  for (const options of [{ timeout: 0 }, { timeout: -1 }, { block: false, timeout: 60_000 }]) {
    assert.equal(await lock.acquire(options), false);
    assert.equal(lock.acquireSync(options), false);
  }
  assert.ok(performance.now() - start < 1000);
});

test('an acquire gives up after its timeout and not before, in both forms', async () => {
  const lock = new Lock();
  lock.acquireSync();
  for (const acquire of [() => lock.acquire({ timeout: 80 }), () => lock.acquireSync({ timeout: 80 })]) {
    const start = performance.now();
    assert.equal(await acquire(), false);
    assert.ok(performance.now() - start >= 80);
  }
});

test('an aborted acquire rejects with the reason and leaves the lock to others', { timeout }, async () => {
  const lock = new Lock();
  const held = await lock.acquire();
  const abort = new AbortController();
  const first = lock.acquire({ signal: abort.signal });
  const second = lock.acquire();
  abort.abort(new Error('enough'));
  await assert.rejects(first, { message: 'enough' });
  held.release();
  await second;
  lock.release();
  await assert.rejects(lock.acquire({ signal: AbortSignal.abort(new Error('before')) }), { message: 'before' });
  assert.equal(lock.locked(), false);
});

test('test_lock_context: using releases at the end of the block', async () => {
  const lock = new Lock();
  {
    using held = await lock.acquire();
    assert.ok(held);
    assert.equal(lock.locked(), true);
  }
  {
    await using held = lock.acquireSync();
    assert.ok(held);
  }
  assert.equal(lock.locked(), false);
});

test('test_lock_locked_2processes: any process sees the lock held, and may release it', { timeout }, async () => {
  const lock = new Lock();
  const child = startChild(fixture, 'holdUntilTold', ...lock.handle);
  await child.hear();
  assert.equal(lock.locked(), true);
  assert.equal(inspect(lock), '<Lock(owner=SomeOtherProcess)>');
  assert.equal(await lock.acquire({ timeout: 20 }), false);
  child.tell('go');
  assert.equal(await child.hear(), 'released');
  await lock.acquire();
  const waiting = startChild(fixture, 'acquireAndSay', ...lock.handle);
  await waiting.hear();
  lock.release();
  await waiting.hear();
  lock.acquireSync();
  lock.release();
  await Promise.all([child.ended, waiting.ended]);
});

test('test_repr_lock: the text names the owner', async () => {
  const lock = new Lock();
  assert.equal(inspect(lock), '<Lock(owner=None)>');
  await lock.acquire();
  assert.equal(inspect(lock), '<Lock(owner=MainProcess)>');
  assert.equal(inspect(Lock.fromHandle(...lock.handle)), '<Lock(owner=MainProcess)>');
});

for (const form of ['sync', 'async', 'mixed'] as const) {
  test(`three processes never meet inside the lock (${form})`, { timeout }, async () => {
    const lock = new Lock();
    const counter = memory.allocate(64);
    const rounds = form === 'async' ? 3_000 : 10_000;
    const args = [lock.handle[0], lock.handle[1], counter.segmentId, counter.offset, rounds, form];
    const children = [1, 2, 3].map(() => startChild(fixture, 'count', ...args));
    const said = await Promise.all(children.map(child => child.hear()));
    if (process.env['SLOWEST'] !== undefined) console.log(form, said);
    assert.equal(counter.segment.i32[counter.word], 3 * rounds);
    await Promise.all(children.map(child => child.ended));
  });
}

test('tasks of one process pass a lock on without a bell', { timeout }, async () => {
  const lock = new Lock();
  let inside = 0;
  const task = async (): Promise<void> => {
    for (let round = 0; round < 200; round++) {
      using _held = await lock.acquire();
      assert.equal(++inside, 1);
      if (round % 3 === 0) await new Promise(resolve => setImmediate(resolve));
      inside--;
    }
  };
  await Promise.all([task(), task(), task(), task()]);
});

for (const [form, wait] of [
  ['async', 'acquireAndSay'],
  ['sync', 'acquireSyncAndSay'],
] as const) {
  test(`D6: the lock of a killed process goes to who waits, who is told (${form})`, { timeout }, async () => {
    const lock = new Lock();
    const holder = startChild(fixture, 'holdSyncForEver', ...lock.handle);
    await holder.hear();
    const waiter = startChild(fixture, wait, ...lock.handle);
    await waiter.hear();
    await holder.kill();
    const { recovered } = (await waiter.hear()) as { recovered: number };
    assert.equal(recovered, 1);
    assert.equal(lock.recovered, 1);
    await waiter.ended;
    assert.ok(await lock.acquire({ timeout: 0 }));
  });
}

test('thousands of tasks that wait for one lock get it in turn, past those that give up', { timeout }, async () => {
  const lock = new Lock();
  lock.acquireSync();
  const turns: number[] = [];
  const gaveUp = new AbortController();
  const tasks = Array.from({ length: 20_000 }, async (_, task) => {
    const isImpatient = task % 4 === 0;
    try {
      await lock.acquire(isImpatient ? { signal: gaveUp.signal } : {});
    } catch (error) {
      assert.equal(error, gaveUp.signal.reason);
      return;
    }
    turns.push(task);
    lock.release();
  });
  gaveUp.abort();
  const start = performance.now();
  lock.release();
  await Promise.all(tasks);
  assert.deepEqual(
    turns,
    Array.from(tasks.keys()).filter(task => task % 4 !== 0),
  );
  // Each hand-over a turn of the event loop: a fraction of a second. If each tried all who wait, half a minute.
  assert.ok(performance.now() - start < 10_000);
});

test('D6: who does not wait gets the lock of a killed process as well', { timeout }, async () => {
  const lock = new Lock();
  for (const attempt of [() => lock.acquire({ block: false }), () => lock.acquireSync({ timeout: 0 })]) {
    const holder = startChild(fixture, 'holdSyncForEver', ...lock.handle);
    await holder.hear();
    await holder.kill();
    assert.ok(await attempt());
    lock.release();
  }
  assert.equal(lock.recovered, 2);
  assert.equal(lock.locked(), false);
});

test('killing who waits for a lock leaves the lock to the others', { timeout }, async () => {
  const lock = new Lock();
  await lock.acquire();
  const killed = [
    startChild(fixture, 'acquireAndSay', ...lock.handle),
    startChild(fixture, 'acquireSyncAndSay', ...lock.handle),
  ];
  await Promise.all(killed.map(child => child.hear()));
  const waiter = startChild(fixture, 'acquireAndSay', ...lock.handle);
  await waiter.hear();
  await Promise.all(killed.map(child => child.kill()));
  lock.release();
  await waiter.hear();
  await waiter.ended;
});

test('a handle of something else is refused', () => {
  const block = memory.allocate(64);
  assert.throws(() => Lock.fromHandle(block.segmentId, block.offset), { name: 'ValueError' });
});
