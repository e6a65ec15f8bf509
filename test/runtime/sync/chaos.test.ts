import assert from 'node:assert/strict';
import test from 'node:test';
import { startChild, type Child } from '../children.js';
import { internals } from '../internals.js';

const { Condition, Lock, memory } = internals;
const fixture = new URL('./fixtures/sync.js', import.meta.url);

/** Processes are killed at random instants and replaced; the others go on, always. `KILLS=1000` for a long run. */
const KILLS = Number(process.env['KILLS'] ?? 15);
const timeout = 20_000 + KILLS * 2000;
/** Generous, since it holds on a machine that is busy with other things; alone it is under 300 ms. */
const LONGEST_PAUSE = 10_000;

const seed = Number(process.env['SEED'] ?? Date.now() & 0xffff);
let random = seed;
const below = (limit: number): number => {
  random = (random * 1_103_515_245 + 12_345) & 0x7fff_ffff;
  return Math.floor((random / 0x8000_0000) * limit);
};

async function storm(start: (nth: number) => Child, progress: () => number): Promise<void> {
  const children = [0, 1, 2].map(start);
  await Promise.all(children.map(child => child.hear()));
  for (let kill = 0; kill < KILLS; kill++) {
    await new Promise(resolve => setTimeout(resolve, below(20)));
    const index = below(children.length);
    await children[index]?.kill();
    const before = progress();
    const replaced = start(kill);
    children[index] = replaced;
    const deadline = performance.now() + LONGEST_PAUSE;
    while (progress() < before + 5) {
      assert.ok(performance.now() < deadline, `nothing moves after kill ${kill} (SEED=${seed})`);
      await new Promise(resolve => setImmediate(resolve));
    }
    await replaced.hear();
  }
  await Promise.all(children.map(child => child.kill()));
}

const form = (nth: number): 'sync' | 'async' => (nth % 2 === 0 ? 'sync' : 'async');

test(`${KILLS} random kills around a lock: each costs at most the section that died`, { timeout }, async () => {
  const lock = new Lock();
  const words = memory.allocate(64);
  const { i32 } = words.segment;
  await storm(
    nth => startChild(fixture, 'keepCounting', lock.handle, [words.segmentId, words.offset], form(nth)),
    () => Atomics.load(i32, words.word + 1),
  );
  assert.ok(await lock.acquire({ timeout: LONGEST_PAUSE }));
  const halfDone = Atomics.load(i32, words.word) - Atomics.load(i32, words.word + 1);
  assert.ok(halfDone >= 0 && halfDone <= lock.recovered, `${halfDone} half done, ${lock.recovered} recovered`);
  assert.ok(lock.recovered <= KILLS + 3);
});

test(`${KILLS} random kills around a condition: the others go on waiting and notifying`, { timeout }, async () => {
  const condition = new Condition();
  const words = memory.allocate(64);
  await storm(
    nth => startChild(fixture, 'keepNotifying', condition.handle, [words.segmentId, words.offset], form(nth)),
    () => Atomics.load(words.segment.i32, words.word),
  );
  assert.ok(await condition.acquire({ timeout: LONGEST_PAUSE }));
  condition.notifyAll();
  condition.release();
});
