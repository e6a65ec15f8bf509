import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { internals } from '../internals.js';

const { isSlotLocked } = internals;

/** A system whose open() fails like this, or works. */
function opening(t: test.TestContext, code?: string): { open: typeof fs.openSync; flags: unknown[] } {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-slot-'));
  t.after(() => fs.rmSync(dir, { recursive: true }));
  const flags: unknown[] = [];
  const open: typeof fs.openSync = (_file, how) => {
    flags.push(how);
    if (code !== undefined) throw Object.assign(new Error(code), { code });
    return fs.openSync(path.join(dir, 'slot'), 'w+');
  };
  return { open, flags };
}

test('macOS: a slot is asked by an open that would take its lock', t => {
  const { open, flags } = opening(t, 'EAGAIN');
  assert.equal(isSlotLocked('slot-1', 'darwin', open), true);
  assert.equal(isSlotLocked('slot-1', 'darwin', opening(t).open), false);
  // O_RDONLY | O_SHLOCK, and do not wait
  assert.deepEqual(flags, [0x10 | fs.constants.O_NONBLOCK]);
});

test('Windows: a slot is asked by an open for writing, which its holder does not share', t => {
  const { open, flags } = opening(t, 'EBUSY');
  assert.equal(isSlotLocked('slot-1', 'win32', open), true);
  assert.equal(isSlotLocked('slot-1', 'win32', opening(t).open), false);
  assert.deepEqual(flags, ['r+']);
});

test('a slot without a file is free; one that may not be opened says nothing', t => {
  for (const system of ['darwin', 'win32'] as const) {
    assert.equal(isSlotLocked('slot-1', system, opening(t, 'ENOENT').open), false);
    assert.equal(isSlotLocked('slot-1', system, opening(t, 'EACCES').open), undefined);
    const before = fs.readdirSync('/proc/self/fd').length;
    isSlotLocked('slot-1', system, opening(t).open);
    assert.equal(fs.readdirSync('/proc/self/fd').length, before);
  }
  assert.equal(isSlotLocked('slot-1', 'linux', opening(t).open), undefined);
});
