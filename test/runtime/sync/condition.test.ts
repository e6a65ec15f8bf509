import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import test from 'node:test';
import { inspect } from 'node:util';
import { startChild, type Child } from '../children.js';
import { internals } from '../internals.js';

const { Condition, Lock, memory, RLock } = internals;
type Condition = InstanceType<typeof Condition>;
const fixture = new URL('./fixtures/sync.js', import.meta.url);
const timeout = 30_000;

const waiterCount = (condition: Condition): number => Number(/, (\d+)\)>$/.exec(inspect(condition))?.[1]);

/** Until so many wait: that is when none of them holds the lock on its way into `wait`. */
async function untilWaiting(condition: Condition, count: number): Promise<void> {
  while (waiterCount(condition) !== count) await turn();
}

function startWaiters(condition: Condition, count: number, waitTimeout: number | null = null): Child[] {
  return Array.from({ length: count }, (_, i) =>
    startChild(fixture, 'waitAtCondition', condition.handle, i % 2 === 0 ? 'sync' : 'async', waitTimeout),
  );
}

/** How many of the children have said `true` after 'waiting'; the others have not said anything. */
function woken(children: readonly Child[]): { count: () => number; all: Promise<unknown[]> } {
  let count = 0;
  const all = children.map(async child => {
    assert.equal(await child.hear(), 'waiting');
    const result = await child.hear();
    if (result === true) count++;
    return result;
  });
  return { count: () => count, all: Promise.all(all) };
}

async function notify(condition: Condition, n: number): Promise<void> {
  using _held = await condition.acquire();
  condition.notify(n);
}

test('wait and notify without the lock are AssertionErrors', async () => {
  for (const condition of [new Condition(), new Condition(new Lock())]) {
    await assert.rejects(condition.wait(), { name: 'AssertionError', message: /must acquire\(\) condition/ });
    assert.throws(() => condition.waitSync(), { name: 'AssertionError' });
    assert.throws(() => condition.notify(), { name: 'AssertionError', message: 'lock is not owned' });
    assert.throws(() => condition.notifyAll(), { name: 'AssertionError' });
  }
});

test('test_timeout, test_wait_result: a wait that nobody ends is false, and holds the lock again', async () => {
  for (const condition of [new Condition(), new Condition(new Lock())]) {
    await condition.acquire();
    for (const options of [{ timeout: 0 }, { timeout: 30 }, { block: false }]) {
      assert.equal(await condition.wait(options), false);
      assert.equal(condition.waitSync(options), false);
    }
    condition.release();
  }
});

test('wait releases every level of an RLock and restores them', { timeout }, async () => {
  const lock = new RLock();
  const condition = new Condition(lock);
  const waiter = async (): Promise<void> => {
    for (let i = 0; i < 3; i++) await condition.acquire();
    assert.equal(await condition.wait(), true);
    assert.equal(inspect(lock), '<RLock(MainProcess, 3)>');
    for (let i = 0; i < 3; i++) condition.release();
  };
  const waiting = waiter();
  await untilWaiting(condition, 1);
  await notify(condition, 1);
  await waiting;
  assert.equal(lock.locked(), false);
});

test('test_notify: of two that wait, each notify wakes one', { timeout }, async () => {
  const condition = new Condition();
  const children = startWaiters(condition, 2);
  const { count, all } = woken(children);
  await untilWaiting(condition, 2);
  await notify(condition, 1);
  while (count() < 1) await turn();
  assert.equal(waiterCount(condition), 1);
  await notify(condition, 1);
  assert.deepEqual(await all, [true, true]);
  await Promise.all(children.map(child => child.ended));
});

test(
  'test_notify_n: of six processes notify(2) wakes two, notify(4) the rest, notify(3) nobody',
  { timeout },
  async () => {
    const condition = new Condition();
    const children = startWaiters(condition, 6);
    const { count, all } = woken(children);
    await untilWaiting(condition, 6);
    await notify(condition, 2);
    while (count() < 2) await turn();
    await new Promise(resolve => setTimeout(resolve, 20));
    assert.equal(count(), 2);
    assert.equal(waiterCount(condition), 4);
    await notify(condition, 4);
    await all;
    assert.equal(count(), 6);
    await notify(condition, 3);
    assert.equal(waiterCount(condition), 0);
    await Promise.all(children.map(child => child.ended));
  },
);

test('test_notify_all: six time out, then six more all wake', { timeout }, async () => {
  const condition = new Condition();
  const late = startWaiters(condition, 6, 50);
  assert.deepEqual(await woken(late).all, [false, false, false, false, false, false]);
  const children = startWaiters(condition, 6);
  const { all } = woken(children);
  await untilWaiting(condition, 6);
  {
    using _held = await condition.acquire();
    condition.notifyAll();
  }
  assert.deepEqual(await all, [true, true, true, true, true, true]);
  await Promise.all([...late, ...children].map(child => child.ended));
});

test('who timed out takes no notification with him', { timeout }, async () => {
  const condition = new Condition();
  await condition.acquire();
  assert.equal(await condition.wait({ timeout: 5 }), false);
  condition.release();
  const [child] = startWaiters(condition, 1) as [Child];
  const { all } = woken([child]);
  await untilWaiting(condition, 1);
  await notify(condition, 1);
  assert.deepEqual(await all, [true]);
  await child.ended;
});

test('D7: a killed waiter is skipped, and notify does not wait for it', { timeout }, async () => {
  const condition = new Condition();
  const killed = startWaiters(condition, 2);
  for (const child of killed) await child.hear();
  await untilWaiting(condition, 2);
  const [living] = startWaiters(condition, 1) as [Child];
  const { all } = woken([living]);
  await untilWaiting(condition, 3);
  await Promise.all(killed.map(child => child.kill()));
  await notify(condition, 1);
  assert.deepEqual(await all, [true]);
  assert.equal(waiterCount(condition), 0);
  await notify(condition, 1);
  await living.ended;
});

for (const form of ['sync', 'async'] as const) {
  test(`test_waitfor: a predicate over shared memory becomes true (${form})`, { timeout }, async () => {
    const condition = new Condition();
    const word = memory.allocate(64);
    const child = startChild(fixture, 'waitForFour', condition.handle, [word.segmentId, word.offset], form);
    await child.hear();
    for (let value = 1; value <= 4; value++) {
      using _held = await condition.acquire();
      word.segment.i32[word.word] = value;
      condition.notify();
    }
    assert.equal(await child.hear(), true);
    await child.ended;
  });
}

test(
  'test_waitfor_timeout: the last value of the predicate, after one timeout over all wake-ups',
  { timeout },
  async () => {
    const condition = new Condition();
    let calls = 0;
    const waiter = async (): Promise<number> => {
      using _held = await condition.acquire();
      return await condition.waitFor(() => (calls++, 0), { timeout: 80 });
    };
    const start = performance.now();
    const waiting = waiter();
    for (let i = 0; i < 3; i++) {
      await untilWaiting(condition, 1);
      await notify(condition, 1);
    }
    assert.equal(await waiting, 0);
    const took = performance.now() - start;
    assert.ok(took >= 80 && took < 5000, String(took));
    assert.ok(calls >= 5);
    using _held = await condition.acquire();
    assert.equal(await condition.waitFor(() => 'v'), 'v');
    assert.equal(
      condition.waitForSync(() => '', { timeout: 5 }),
      '',
    );
  },
);

test('an aborted wait rejects with the reason and holds the lock again', { timeout }, async () => {
  const condition = new Condition();
  await condition.acquire();
  await assert.rejects(condition.wait({ signal: AbortSignal.timeout(5) }), { name: 'TimeoutError' });
  condition.notify();
  condition.release();
  assert.equal(waiterCount(condition), 0);
});

test('more waiters than one chunk of the list holds', { timeout }, async () => {
  const condition = new Condition();
  const waiter = async (): Promise<boolean> => {
    using _held = await condition.acquire();
    return await condition.wait();
  };
  const all = Array.from({ length: 100 }, waiter);
  await untilWaiting(condition, 100);
  await notify(condition, 40);
  assert.equal(waiterCount(condition), 60);
  {
    using _held = await condition.acquire();
    condition.notifyAll();
  }
  assert.ok((await Promise.all(all)).every(result => result));
});

test('the text shows the lock and how many wait', () => {
  assert.equal(inspect(new Condition()), '<Condition(<RLock(None, 0)>, 0)>');
  assert.equal(inspect(new Condition(new Lock())), '<Condition(<Lock(owner=None)>, 0)>');
});
