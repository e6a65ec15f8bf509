import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { internals } from '../internals.js';

const { platform } = internals.platform;

function tempFile(t: test.TestContext, byteLength: number): number {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-platform-'));
  const fd = fs.openSync(path.join(dir, 'file'), 'wx+');
  fs.ftruncateSync(fd, byteLength);
  t.after(() => {
    fs.closeSync(fd);
    fs.rmSync(dir, { recursive: true });
  });
  return fd;
}

test('two mappings of one file are the same memory', t => {
  const fd = tempFile(t, 4096);
  const [a, b] = [platform().map(fd, 4096), platform().map(fd, 4096)];
  assert.notEqual(a.address, b.address);
  Atomics.store(new Int32Array(a.buffer), 7, 42);
  assert.equal(Atomics.load(new Int32Array(b.buffer), 7), 42);
  a.release();
  b.release();
});

test('a view of a released mapping reads zeros', t => {
  const fd = tempFile(t, 4096);
  const mapping = platform().map(fd, 4096);
  const view = new Int32Array(mapping.buffer);
  view[7] = 42;
  mapping.release();
  mapping.release();
  assert.equal(view[7], 0);
  view[7] = 1;
});

test('waitOnWord returns at once when the word has changed, and in time when it has not', t => {
  const mapping = platform().map(tempFile(t, 4096), 4096);
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

test('a file lock is seen through other descriptors until its holder closes', t => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-platform-'));
  t.after(() => fs.rmSync(dir, { recursive: true }));
  const [holder, other, third] = [1, 2, 3].map(() => fs.openSync(path.join(dir, 'lock'), 'a+')) as [
    number,
    number,
    number,
  ];
  assert.equal(platform().tryLockFile(holder), true);
  assert.equal(platform().tryLockFile(other), false);
  assert.equal(platform().isFileLocked(other), true);
  fs.closeSync(holder);
  assert.equal(platform().isFileLocked(other), false);
  assert.equal(platform().isFileLocked(third), false);
  fs.closeSync(other);
  fs.closeSync(third);
});

test('a doorbell holds what was rung; one that nobody listens to refuses', t => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-platform-'));
  t.after(() => fs.rmSync(dir, { recursive: true }));
  const bell = path.join(dir, 'bell');
  const listening = platform().createDoorbell(bell);
  const ringing = platform().openDoorbell(bell);
  fs.writeSync(ringing, 'x');
  const read = Buffer.alloc(10);
  assert.equal(fs.readSync(listening, read), 1);
  assert.throws(() => fs.readSync(listening, read), { code: 'EAGAIN' });
  fs.closeSync(listening);
  assert.throws(() => fs.writeSync(ringing, 'x'), { code: 'EPIPE' });
  assert.throws(() => platform().openDoorbell(bell), { code: 'ENXIO' });
  fs.closeSync(ringing);
});

test('room that does not exist is refused before anybody touches it', t => {
  const fd = tempFile(t, 0);
  assert.throws(() => platform().reserve(fd, 2 ** 52), { name: 'OSError', code: /^(ENOSPC|EFBIG)$/ });
});
