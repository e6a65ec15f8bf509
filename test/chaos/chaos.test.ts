import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Lock, Pipe, Process, Queue, Semaphore } from 'manycore';
import { holdItem, holdPermit, waitForLock } from './fixtures/holders.js';
import { ROLES, storm } from './storm.js';

const SECONDS = Number(process.env['CHAOS_SECONDS'] ?? 15);
/** On a machine that is busy with other tests; alone the longest pause is below half a second. */
const PATIENCE = 10_000;
const timeout = 120_000 + SECONDS * 1000;

test('random kills and stops of processes in every role: the others go on', { timeout }, async t => {
  const seed = Number(process.env['SEED'] ?? Date.now() & 0xffff);
  const until = performance.now() + SECONDS * 1000;
  const result = await storm({ roles: ROLES, players: 4, seed, kills: Infinity, until, patience: PATIENCE });
  const { kills, stops, longestPause, failures } = result;
  t.diagnostic(`seed ${seed}: ${kills} kills, ${stops} stops, longest pause ${Math.round(longestPause)} ms`);
  for (const [role, figures] of Object.entries(result.accounts)) t.diagnostic(`${role}: ${figures}`);
  assert.deepEqual(failures, [], `seed ${seed}`);
  assert.ok(kills > 0);
});

test('a stopped process keeps nobody from a lock or a queue that it waits for', { timeout }, async () => {
  const [lock, queue] = [new Lock(), new Queue<string>()];
  const [ours, theirs] = Pipe();
  await lock.acquire();
  const waiter = new Process({ target: waitForLock, args: [lock, queue, theirs] });
  waiter.start();
  assert.equal(await ours.recv(), 'waiting');
  process.kill(waiter.pid ?? 0, 'SIGSTOP');
  lock.release();
  assert.ok(await lock.acquire({ timeout: PATIENCE }), 'the ring went to the stopped process');
  await queue.put('for whoever is awake');
  assert.equal(await queue.get({ timeout: PATIENCE }), 'for whoever is awake');
  lock.release();
  process.kill(waiter.pid ?? 0, 'SIGCONT');
  await queue.put('for the waiter');
  assert.equal(await ours.recv(), 'for the waiter');
  await waiter.join();
  assert.equal(waiter.exitCode, 0);
});

test("a killed process's permit stays taken, and whoever knows of the death gives it back", { timeout }, async () => {
  const permits = new Semaphore(1);
  const [ours, theirs] = Pipe();
  const holder = new Process({ target: holdPermit, args: [permits, theirs] });
  holder.start();
  assert.equal(await ours.recv(), 'held');
  holder.kill();
  await holder.join();
  assert.equal(permits.getValue(), 0);
  assert.equal(await permits.acquire({ timeout: 100 }), false);
  permits.release();
  assert.ok(await permits.acquire({ timeout: 0 }));
});

test('what a consumer had got when it was killed is gone, alone, and seen to be', { timeout }, async () => {
  const queue = new Queue<number>();
  const [ours, theirs] = Pipe();
  const consumer = new Process({ target: holdItem, args: [queue, theirs] });
  consumer.start();
  for (let i = 0; i < 3; i++) await queue.put(i);
  assert.equal(await ours.recv(), 0);
  consumer.kill();
  await consumer.join();
  assert.equal(consumer.exitCode, -9);
  assert.equal(queue.qsize(), 2);
  assert.deepEqual([await queue.get(), await queue.get()], [1, 2]);
  await sleep(0);
  assert.equal(queue.empty(), true);
});
