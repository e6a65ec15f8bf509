import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import test from 'node:test';
import { inspect } from 'node:util';
import { startChild, type Child } from '../children.js';
import { internals } from '../internals.js';

const { Barrier, memory } = internals;
type Barrier = InstanceType<typeof Barrier>;
const fixture = new URL('./fixtures/sync.js', import.meta.url);
const timeout = 60_000;
const BROKEN = 'BrokenBarrierError';

type Handle = readonly [segment: number, offset: number];
const word = (): { handle: Handle; value: () => number } => {
  const block = memory.allocate(64);
  return {
    handle: [block.segmentId, block.offset],
    value: () => Atomics.load(block.segment.i32, block.word),
  };
};

async function startParties(barrier: Barrier, count: number, countAt: Handle | null = null): Promise<Child[]> {
  const children = Array.from({ length: count }, (_, i) =>
    startChild(fixture, 'waitAtBarrier', barrier.handle, i % 2 === 0 ? 'sync' : 'async', countAt),
  );
  for (const child of children) assert.equal(await child.hear(), 'ready');
  return children;
}

async function untilWaiting(barrier: Barrier, count: number): Promise<void> {
  while (barrier.nWaiting !== count) await turn();
}

async function stop(children: readonly Child[]): Promise<void> {
  for (const child of children) child.tell('stop');
  await Promise.all(children.map(child => child.ended));
}

const hearAll = (children: readonly Child[]): Promise<unknown[]> => Promise.all(children.map(child => child.hear()));
const numbers = (values: readonly unknown[]): unknown[] => [...values].sort((a, b) => Number(a) - Number(b));

for (const [name, rounds] of [
  ['test_barrier', 1],
  ['test_barrier_10', 10],
  ['test_thousand', 1000],
] as const) {
  test(`${name}: five processes in step for ${rounds} rounds, each index given once a round`, { timeout }, async () => {
    const barrier = new Barrier(5);
    const progress = memory.allocate(64);
    const children = Array.from({ length: 5 }, (_, me) => {
      const where = [progress.segmentId, progress.offset];
      return startChild(fixture, 'meet', barrier.handle, where, me, rounds, me % 2 === 0 ? 'sync' : 'async');
    });
    const indices = (await hearAll(children)) as number[][];
    for (let round = 0; round < rounds; round++) {
      assert.deepEqual(numbers(indices.map(of => of[round])), [0, 1, 2, 3, 4]);
    }
    assert.equal(barrier.nWaiting, 0);
    assert.equal(barrier.broken, false);
    await Promise.all(children.map(child => child.ended));
  });
}

test('test_action: the action runs once a round, by one party, before anybody goes on', { timeout }, async () => {
  const barrier = new Barrier(3);
  const ran = word();
  const children = await startParties(barrier, 3, ran.handle);
  for (let round = 1; round <= 5; round++) {
    for (const child of children) child.tell({});
    assert.deepEqual(numbers(await hearAll(children)), [0, 1, 2]);
    assert.equal(ran.value(), round);
  }
  await stop(children);
});

test('an async action is waited for; one that throws breaks the barrier for the others', { timeout }, async () => {
  const order: string[] = [];
  const slow = new Barrier(2, {
    action: async () => {
      await new Promise(resolve => setTimeout(resolve, 20));
      order.push('action');
    },
  });
  const pass = async (options?: { timeout: number }): Promise<void> => {
    await slow.wait(options);
    order.push('passed');
  };
  // A timeout that ends while the action runs comes too late: everybody has arrived.
  await Promise.all([pass({ timeout: 5 }), pass()]);
  assert.deepEqual(order, ['action', 'passed', 'passed']);

  const failing = new Barrier(2, {
    action: () => {
      throw new RangeError('no');
    },
  });
  const results = await Promise.allSettled([failing.wait(), failing.wait()]);
  assert.deepEqual(
    results.map(result => (result.status === 'rejected' ? (result.reason as Error).name : 'passed')).sort(),
    [BROKEN, 'RangeError'],
  );
  assert.equal(failing.broken, true);
});

test('waitSync refuses an action that returns a promise', () => {
  const barrier = new Barrier(1, { action: () => Promise.resolve() });
  assert.throws(() => barrier.waitSync(), { name: 'RuntimeError' });
  assert.equal(barrier.broken, true);
});

test('test_abort: whoever waits, and whoever comes later, finds it broken', { timeout }, async () => {
  const barrier = new Barrier(3);
  const children = await startParties(barrier, 2);
  for (const child of children) child.tell({});
  await untilWaiting(barrier, 2);
  barrier.abort();
  assert.deepEqual(await hearAll(children), [BROKEN, BROKEN]);
  assert.equal(barrier.broken, true);
  assert.equal(barrier.nWaiting, 0);
  await assert.rejects(barrier.wait(), { name: BROKEN });
  assert.throws(() => barrier.waitSync(), { name: BROKEN });
  await stop(children);
});

test(
  'test_reset, test_abort_and_reset: who waits gets the error, and the next round is fine for all',
  { timeout },
  async () => {
    const barrier = new Barrier(3);
    const children = await startParties(barrier, 2);
    for (const undo of [() => barrier.reset(), () => (barrier.abort(), barrier.reset())]) {
      for (const child of children) child.tell({});
      await untilWaiting(barrier, 2);
      undo();
      assert.deepEqual(await hearAll(children), [BROKEN, BROKEN]);
      assert.equal(barrier.broken, false);
      for (const child of children) child.tell({});
      const own = await barrier.wait();
      assert.deepEqual(numbers([own, ...(await hearAll(children))]), [0, 1, 2]);
    }
    await stop(children);
  },
);

test('test_timeout: one that gives up breaks it for all, also for the late one', { timeout }, async () => {
  const barrier = new Barrier(4);
  const children = await startParties(barrier, 2);
  for (const child of children) child.tell({});
  await untilWaiting(barrier, 2);
  await assert.rejects(barrier.wait({ timeout: 20 }), { name: BROKEN });
  assert.deepEqual(await hearAll(children), [BROKEN, BROKEN]);
  await assert.rejects(barrier.wait(), { name: BROKEN });
  await stop(children);
});

test('test_default_timeout: the timeout of the constructor holds in every process', { timeout }, async () => {
  const barrier = new Barrier(3, { timeout: 60 });
  const [child] = (await startParties(barrier, 1)) as [Child];
  child.tell({});
  assert.equal(await child.hear(), BROKEN);
  barrier.reset();
  assert.throws(() => barrier.waitSync(), { name: BROKEN });
  await stop([child]);
});

test('an aborted wait rejects with the reason and breaks the barrier', { timeout }, async () => {
  const barrier = new Barrier(2);
  await assert.rejects(barrier.wait({ signal: AbortSignal.timeout(5) }), { name: 'TimeoutError' });
  assert.equal(barrier.broken, true);
});

test('test_single_thread: one party passes at once', async () => {
  const barrier = new Barrier(1);
  assert.equal(await barrier.wait(), 0);
  assert.equal(barrier.waitSync(), 0);
});

test('test_wait_return: exactly one party of each round gets 0', { timeout }, async () => {
  const barrier = new Barrier(3);
  for (let round = 0; round < 20; round++) {
    assert.deepEqual(numbers(await Promise.all([barrier.wait(), barrier.wait(), barrier.wait()])), [0, 1, 2]);
  }
});

test('a party that is killed while it waits breaks the barrier, whoever is told first', { timeout }, async () => {
  for (const lateCount of [1, 0]) {
    const barrier = new Barrier(3);
    const [killed, other] = (await startParties(barrier, 2)) as [Child, Child];
    killed.tell({});
    await untilWaiting(barrier, 1);
    other.tell({});
    await untilWaiting(barrier, 2);
    await killed.kill();
    if (lateCount > 0) await assert.rejects(barrier.wait(), { name: BROKEN });
    assert.equal(await other.hear(), BROKEN);
    assert.equal(barrier.broken, true);
    await stop([other]);
  }
});

test('D13: a barrier for nobody is refused', () => {
  for (const parties of [0, -1, 1.5, NaN, 20_000]) assert.throws(() => new Barrier(parties), { name: 'ValueError' });
});

test('the text shows how many wait, or that it is broken', () => {
  const barrier = new Barrier(2);
  assert.match(inspect(barrier), /^<Barrier at \d+:\d+ waiters=0\/2>$/);
  barrier.abort();
  assert.match(inspect(barrier), /^<Barrier at \d+:\d+ broken>$/);
});
