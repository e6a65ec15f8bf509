import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import test from 'node:test';
import { internals } from '../internals.js';

const { Event, Lock, channel } = internals;
const WAITS = 30;

test('one signal for many waits: one listener, none when the waits are over, and no warning', async () => {
  const warnings: string[] = [];
  const note = (warning: Error): void => void warnings.push(warning.message);
  process.on('warning', note);
  const { signal } = new AbortController();
  const event = new Event();
  const queue = new channel.Queue<number>();
  const waits = Array.from({ length: WAITS }, () => event.wait({ signal }));
  const gets = Array.from({ length: WAITS }, () => queue.get({ signal }));
  assert.equal(getEventListeners(signal, 'abort').length, 1);
  event.set();
  for (let i = 0; i < WAITS; i++) await queue.put(i);
  assert.deepEqual(await Promise.all(waits), new Array(WAITS).fill(true));
  assert.deepEqual(
    await Promise.all(gets),
    Array.from({ length: WAITS }, (_, i) => i),
  );
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  await new Promise(resolve => setImmediate(resolve));
  process.off('warning', note);
  assert.deepEqual(warnings, []);
});

test('an abort ends all waits that share the signal, and those alone', async () => {
  const lock = new Lock();
  await lock.acquire();
  const abort = new AbortController();
  const ended = Array.from({ length: WAITS }, () => lock.acquire({ signal: abort.signal }));
  const other = lock.acquire({ signal: new AbortController().signal });
  const done = once(abort.signal, 'abort');
  abort.abort(new Error('enough'));
  await done;
  for (const wait of ended) await assert.rejects(wait, { message: 'enough' });
  lock.release();
  assert.ok(await other);
});

test('a wait that begins while its signal fires is aborted as well', async () => {
  const lock = new Lock();
  await lock.acquire();
  const abort = new AbortController();
  const late: Promise<unknown>[] = [];
  abort.signal.addEventListener('abort', () => late.push(lock.acquire({ signal: abort.signal })));
  const early = lock.acquire({ signal: abort.signal });
  abort.abort();
  await assert.rejects(early, { name: 'AbortError' });
  assert.equal(late.length, 1);
  await assert.rejects(Promise.all(late), { name: 'AbortError' });
});
