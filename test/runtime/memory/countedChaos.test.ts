import assert from 'node:assert/strict';
import test from 'node:test';
import { startChild, type Child } from '../children.js';
import { internals } from '../internals.js';
import { asText, sharedOf } from './fixtures/counted.js';

const { memory, Lock, channel } = internals;
const fixture = new URL('./fixtures/counted.js', import.meta.url);
const seconds = Number(process.env['MANYCORE_KILL_SECONDS'] ?? 3);
const LOCK = 0x4d43_0001;
const PROCESSES = 4;

/** Locks that somebody still counts as his, found by their headers in all arenas. */
function livingLocks(): number {
  let living = 0;
  for (let id = Atomics.load(memory.program().table.i32, memory.layout.Header.arenaSegment); id !== 0;) {
    const { i32 } = memory.program().segment(id);
    for (let word = 32; word < (i32[0] ?? 0) / 4; word += 16) {
      if (i32[word] === LOCK && (i32[word + 2] ?? 0) > 0) living++;
    }
    id = i32[1] ?? 0;
  }
  return living;
}

test(
  'processes that pass locks around and are killed at random: nothing is freed while somebody has it, and little leaks',
  { timeout: 60_000 + seconds * 3000 },
  async context => {
    const queue = new channel.Queue<[InstanceType<typeof Lock>]>();
    const text = asText(queue);
    let started = 0;
    const running: Child[] = [];
    const start = async (): Promise<void> => {
      const child = startChild(fixture, 'passAround', text, ++started);
      assert.equal(await child.hear(), 'running');
      running.push(child);
    };
    const feed = (): void => {
      while (queue.qsize() < PROCESSES * 3) {
        const lock = new Lock();
        queue.putSync([lock]);
        sharedOf(lock).letGo();
      }
    };
    feed();
    await Promise.all(Array.from({ length: PROCESSES }, start));
    let kills = 0;
    for (const until = performance.now() + seconds * 1000; performance.now() < until; kills++) {
      await new Promise(resolve => setTimeout(resolve, Math.random() * 40));
      feed();
      const [victim] = running.splice(Math.floor(Math.random() * running.length), 1);
      await victim?.kill();
      assert.equal((await victim?.ended)?.signal, 'SIGKILL', 'it ended by itself: see what it wrote');
      // Half of them are swept by whoever takes their slot, or more memory.
      if (kills % 2 === 0) memory.sweepTheDead();
      await start();
    }
    for (const child of running) {
      await child.kill();
      assert.equal((await child.ended).signal, 'SIGKILL');
      kills++;
    }
    memory.sweepTheDead();
    const waiting = queue.qsize();
    for (let i = 0; i < waiting; i++) {
      const [lock] = queue.getSync({ timeout: 1000 });
      assert.ok(memory.existsStill(sharedOf(lock)), 'a lock in a message went before it was read');
      lock.acquireSync({ timeout: 1000 });
      sharedOf(lock).letGo();
    }
    const leaked = livingLocks();
    // A message in the dead process's hand, and one reference between two steps.
    context.diagnostic(`${leaked} leaked by ${kills} kills`);
    assert.ok(leaked <= kills * 2, `${leaked} leaked by ${kills} kills`);
  },
);
