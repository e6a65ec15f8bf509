import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { internals } from '../internals.js';

const { platform } = internals.platform;

function tempDir(t: test.TestContext): string {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-platform-'));
  t.after(() => fs.rmSync(dir, { recursive: true }));
  return dir;
}

test('two mappings of one file are the same memory', t => {
  const file = path.join(tempDir(t), 'file');
  const [a, b] = [platform().createMemory(file, 4096), platform().openMemory(file)];
  assert.notEqual(a.address, b.address);
  assert.equal(b.byteLength, 4096);
  Atomics.store(new Int32Array(a.buffer), 7, 42);
  assert.equal(Atomics.load(new Int32Array(b.buffer), 7), 42);
  a.release();
  b.release();
});

test('a file of shared memory is made once, and its name can go while it is mapped', t => {
  const file = path.join(tempDir(t), 'file');
  assert.throws(() => platform().openMemory(file), { code: 'ENOENT' });
  const mapping = platform().createMemory(file, 4096);
  assert.throws(() => platform().createMemory(file, 4096), { code: 'EEXIST' });
  const other = platform().openMemory(file);
  platform().removeMemory(file);
  platform().removeMemory(file);
  assert.equal(fs.existsSync(file), false);
  new Uint8Array(mapping.buffer)[4095] = 42;
  assert.equal(new Uint8Array(other.buffer)[4095], 42);
  mapping.release();
  other.release();
});

test('a view of a released mapping reads zeros', t => {
  const file = path.join(tempDir(t), 'file');
  const mapping = platform().createMemory(file, 4096);
  const view = new Int32Array(mapping.buffer);
  view[7] = 42;
  mapping.release();
  mapping.release();
  assert.equal(view[7], 0);
  view[7] = 1;
  assert.equal(fs.readFileSync(file).readInt32LE(28), 42);
});

test('waitOnWord returns at once when the word has changed, and in time when it has not', t => {
  const mapping = platform().createMemory(path.join(tempDir(t), 'file'), 4096);
  new Int32Array(mapping.buffer)[0] = -5;
  let start = performance.now();
  platform().waitOnWord(mapping.address, 3, 5000);
  assert.ok(performance.now() - start < 1000);
  start = performance.now();
  platform().waitOnWord(mapping.address, -5, 30);
  const took = performance.now() - start;
  assert.ok(took >= 29 && took < 2000, String(took));
  assert.equal(platform().wakeWord(mapping.address, 10), 0);
});

test('a file lock is seen by others until its holder drops it', t => {
  const file = path.join(tempDir(t), 'lock');
  assert.equal(platform().probeLock(file), undefined);
  const lock = platform().lockFile(file);
  assert.ok(lock !== undefined);
  assert.equal(platform().lockFile(file), undefined);
  const [probe, other] = [platform().probeLock(file), platform().probeLock(file)];
  assert.ok(probe !== undefined && other !== undefined);
  assert.equal(probe.isLocked(), true);
  lock.drop();
  assert.equal(probe.isLocked(), false);
  assert.equal(other.isLocked(), false);
  const again = platform().lockFile(file);
  assert.equal(probe.isLocked(), true);
  again?.drop();
  probe.close();
  other.close();
});

test('a lock lives on in the child that got it, and ends with the child', async t => {
  const file = path.join(tempDir(t), 'lock');
  const lock = platform().lockFile(file);
  assert.ok(lock !== undefined);
  const child = spawn('sleep', ['1000'], { stdio: ['ignore', 'ignore', 'ignore', lock.inherited] });
  lock.giveTo(child.pid ?? 0);
  lock.drop();
  const probe = platform().probeLock(file);
  assert.equal(probe?.isLocked(), true);
  child.kill('SIGKILL');
  await once(child, 'close');
  assert.equal(probe?.isLocked(), false);
  probe?.close();
});

test('a doorbell holds what was rung; one that nobody listens to refuses', { timeout: 30_000 }, async t => {
  const file = path.join(tempDir(t), 'bell');
  assert.throws(() => platform().openRinger(file), { code: 'ENOENT' });
  let heard = '';
  let wake = (): void => undefined;
  const bell = platform().listen(file, bytes => {
    heard += bytes.toString();
    wake();
  });
  const ringer = platform().openRinger(file);
  ringer.ring(Buffer.from('a'));
  ringer.ring(Buffer.from('b'));
  bell.ref();
  while (heard.length < 2) await new Promise<void>(resolve => (wake = resolve));
  bell.unref();
  assert.equal(heard, 'ab');
  ringer.close();
  const left = path.join(path.dirname(file), 'left');
  spawnSync('mkfifo', [left]);
  assert.throws(() => platform().openRinger(left), { code: 'ENXIO' });
});

test('a bell that is full has been rung, and that is no error', t => {
  const file = path.join(tempDir(t), 'bell');
  spawnSync('mkfifo', [file]);
  const listening = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
  const ringer = platform().openRinger(file);
  for (let i = 0; i < 100; i++) ringer.ring(Buffer.alloc(4096));
  fs.closeSync(listening);
  assert.throws(() => ringer.ring(Buffer.alloc(1)), { code: 'EPIPE' });
  ringer.close();
});

test('room that does not exist is refused before anybody touches it, and leaves no file', t => {
  const file = path.join(tempDir(t), 'file');
  assert.throws(() => platform().createMemory(file, 2 ** 52), { name: 'OSError', code: /^(ENOSPC|EFBIG)$/ });
  assert.equal(fs.existsSync(file), false);
});
