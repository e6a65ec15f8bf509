import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { BoundedSemaphore, Barrier, Condition, Event, Lock, Pipe, Process, RLock, Semaphore } from 'manycore';
import * as tasks from './fixtures/publicSync.js';

const DEADLINE = 60_000;
type Start = <A extends unknown[]>(target: (...args: A) => unknown, ...args: A) => Process<A>;

const start: Start = (target, ...args) => {
  const process = new Process({ target, args, daemon: true });
  process.start();
  return process;
};
/** Takes so many of what others release, with a deadline. */
async function take(semaphore: Semaphore, count: number): Promise<void> {
  for (let i = 0; i < count; i++) assert.ok(await semaphore.acquire({ timeout: DEADLINE }), `only ${i} of ${count}`);
}

/** Python's tests of synchronisation by the public names alone, the objects travelling as arguments. */
describe('synchronisation, as in Python', { timeout: DEADLINE * 4 }, () => {
  for (const [name, makeLock, text] of [
    ['test_lock_locked_2processes, test_repr_lock', () => new Lock(), '<Lock(owner=SomeOtherProcess)>'],
    ['test_rlock_locked_2processes, test_repr_rlock', () => new RLock(), '<RLock(SomeOtherProcess, nonzero)>'],
  ] as const) {
    test(name, async () => {
      const lock = makeLock();
      assert.match(inspect(lock), /None/);
      const [ours, theirs] = Pipe();
      const p = start(tasks.hold, lock, theirs);
      assert.equal(await ours.recv(), 'held');
      assert.equal(lock.locked(), true);
      assert.equal(inspect(lock), text);
      assert.equal(await lock.acquire({ block: false }), false);
      assert.equal(lock.acquireSync({ timeout: -1 }), false);
      await ours.send('go on');
      assert.equal(await ours.recv(), 'released');
      assert.equal(lock.locked(), false);
      await p.join();
    });
  }

  test('test_semaphore, test_bounded_semaphore', async () => {
    const semaphore = new Semaphore(2);
    const values = [semaphore.getValue()];
    for (let i = 0; i < 2; i++) values.push((await semaphore.acquire()) && semaphore.getValue());
    assert.equal(await semaphore.acquire({ block: false }), false);
    assert.equal(semaphore.locked(), true);
    for (let i = 0; i < 4; i++) {
      semaphore.release();
      values.push(semaphore.getValue());
    }
    assert.deepEqual(values, [2, 1, 0, 1, 2, 3, 4]);
    assert.throws(() => new BoundedSemaphore(2).release(), { name: 'ValueError' });
    assert.throws(() => new Semaphore(-1), { name: 'ValueError' });
  });

  test('test_notify_n: of six that sleep, 2, then 4, then nobody', async () => {
    const condition = new Condition();
    const [sleeping, woken] = [new Semaphore(0), new Semaphore(0)];
    const sleepers = Array.from({ length: 6 }, () => start(tasks.sleepAt, condition, sleeping, woken, undefined));
    await take(sleeping, 6);
    for (const [n, wakes] of [
      [2, 2],
      [4, 4],
      [3, 0],
    ] as const) {
      {
        using _held = await condition.acquire();
        condition.notify(n);
      }
      await take(woken, wakes);
      assert.equal(await woken.acquire({ timeout: 100 }), false);
    }
    for (const sleeper of sleepers) await sleeper.join();
    assert.equal(inspect(condition), '<Condition(<RLock(None, 0)>, 0)>');
  });

  test('test_notify_all: six time out; of the six that follow all wake', async () => {
    const condition = new Condition(new Lock());
    const [sleeping, woken] = [new Semaphore(0), new Semaphore(0)];
    const late = Array.from({ length: 6 }, () => start(tasks.sleepAt, condition, sleeping, woken, 50));
    await take(woken, 6);
    await take(sleeping, 6);
    for (const each of late) await each.join();
    const six = Array.from({ length: 6 }, () => start(tasks.sleepAt, condition, sleeping, woken, undefined));
    await take(sleeping, 6);
    await condition.acquire();
    condition.notifyAll();
    condition.release();
    await take(woken, 6);
    for (const each of six) await each.join();
  });

  test('test_waitfor, test_waitfor_timeout: the last value of the predicate, in time', async () => {
    const condition = new Condition();
    const value = new Semaphore(0);
    using _held = await condition.acquire();
    const p = start(tasks.countToFour, condition, value);
    assert.equal(await condition.waitFor(() => value.getValue() === 4 && 'four', { timeout: DEADLINE }), 'four');
    const before = performance.now();
    assert.equal(await condition.waitFor(() => 0, { timeout: 100 }), 0);
    assert.ok(performance.now() - before >= 99);
    condition.notifyAll();
    condition.release();
    await p.join();
    await condition.acquire();
  });

  test('test_event: false, then set by another process, for everybody, until cleared', async () => {
    const event = new Event();
    assert.equal(await event.wait({ timeout: 0 }), false);
    assert.equal(event.waitSync({ timeout: 20 }), false);
    const p = start(tasks.setEvent, event);
    assert.equal(await event.wait(), true);
    assert.equal(event.isSet(), true);
    event.clear();
    assert.equal(event.isSet(), false);
    await p.join();
  });

  test('test_barrier_10, test_wait_return, test_abort_and_reset', async () => {
    const barrier = new Barrier(3);
    const pipes = [Pipe(), Pipe()];
    const parties = pipes.map(([, theirs]) => start(tasks.pass, barrier, 11, theirs));
    const mine: number[] = [];
    for (let round = 0; round < 10; round++) mine.push(await barrier.wait({ timeout: DEADLINE }));
    barrier.abort();
    assert.equal(barrier.broken, true);
    await assert.rejects(barrier.wait(), { name: 'BrokenBarrierError' });
    const theirs = (await Promise.all(pipes.map(([ours]) => ours.recv()))) as (number | string)[][];
    for (let round = 0; round < 10; round++) {
      assert.deepEqual([mine[round], ...theirs.map(indexes => indexes[round])].sort(), [0, 1, 2]);
    }
    assert.deepEqual(
      theirs.map(indexes => indexes[10]),
      ['BrokenBarrierError', 'BrokenBarrierError'],
    );
    barrier.reset();
    assert.deepEqual([barrier.broken, barrier.nWaiting, barrier.parties], [false, 0, 3]);
    for (const party of parties) await party.join();
  });
});
