import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Condition, Event, Lock, Pipe, Process, Queue, RLock, Semaphore, wait, waitSync } from 'manycore';
import { takeAllThenAnswer } from './fixtures/breathingTasks.js';

const DEADLINE = 60_000;
/** More than a ring holds: most of them are kept by the process that puts them. */
const MANY = 20_000;
const FILLING = 'x'.repeat(100);

/** Calls it over and over until a timer stops it; fails if the timer never gets its turn. */
async function untilTimer(call: () => Promise<unknown>): Promise<void> {
  let isOver = false;
  setTimeout(() => (isOver = true), 10);
  const start = performance.now();
  while (!isOver) {
    await call().catch(() => undefined);
    assert.ok(performance.now() - start < 10_000, 'the timer had no turn');
  }
}

describe('a loop of calls that settle at once lets timers have their turn', { timeout: DEADLINE }, () => {
  const held = new Lock();
  held.acquireSync();
  const [near, far] = Pipe();
  far.sendSync('something');
  const set = new Event();
  set.set();
  const full = new Queue(1);
  full.putSync(1);
  const rlock = new RLock();
  const around = async (lock: Lock | RLock | Semaphore | Condition): Promise<void> => {
    await lock.acquire();
    lock.release();
  };
  const free = { lock: new Lock(), semaphore: new Semaphore(), condition: new Condition() };
  const calls: Record<string, () => Promise<unknown>> = {
    'a free Lock': () => around(free.lock),
    'a held Lock, looked at': () => held.acquire({ block: false }),
    'a free RLock': () => around(rlock),
    'a free Semaphore': () => around(free.semaphore),
    'a free Condition': () => around(free.condition),
    'an Event that is set': () => set.wait(),
    'an Event that is not set, looked at': () => new Event().wait({ timeout: 0 }),
    'poll with a message': () => near.poll(),
    'poll without one': () => far.poll(),
    'wait with something ready': () => wait([near]),
    'wait without': () => wait([far], { timeout: 0 }),
    'get of nothing': () => new Queue().get({ block: false }),
    'put into what is full': () => full.put(2, { block: false }),
  };
  for (const [name, call] of Object.entries(calls)) test(name, () => untilTimer(call));
});

describe('what is kept for later is written while', { timeout: DEADLINE }, () => {
  const fill = async (answer: Parameters<typeof takeAllThenAnswer>[2]): Promise<Process<never>> => {
    const values = new Queue();
    for (let i = 0; i < MANY; i++) await values.put(FILLING);
    assert.equal(values.qsize(), MANY);
    const reader = new Process({ target: takeAllThenAnswer, args: [values, MANY, answer] });
    reader.start();
    return reader as Process<never>;
  };

  test('the process polls in a loop', async () => {
    const [near, far] = Pipe();
    const reader = await fill(far);
    while (!(await near.poll()));
    assert.equal(await near.recv(), 'all');
    await reader.join();
  });

  test('it blocks its thread for an Event', async () => {
    const answered = new Event();
    const reader = await fill(answered);
    assert.equal(answered.waitSync({ timeout: DEADLINE / 2 }), true);
    await reader.join();
  });

  test('it polls with its thread blocked', async () => {
    const [near, far] = Pipe();
    const reader = await fill(far);
    const end = performance.now() + DEADLINE / 2;
    while (!near.pollSync()) assert.ok(performance.now() < end, 'nothing was written');
    await reader.join();
  });

  test('it blocks its thread until the reader ends', async () => {
    const reader = await fill(new Event());
    assert.deepEqual(waitSync([reader.sentinel], { timeout: DEADLINE / 2 }), [reader.sentinel]);
  });
});
