import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { internals } from '../internals.js';
import { FakeWindows, type FakeProcess } from './fakeWindows.js';

/** Windows, as far as a table of functions can be it. */
const { createWin32Platform } = internals;
type Platform = ReturnType<typeof createWin32Platform>;

const dir = 'C:/Temp/manycore-me/7-0123abcd';

function boot(windows = new FakeWindows(), pid = 10): { windows: FakeWindows; it: FakeProcess; platform: Platform } {
  const it = windows.start(pid);
  return { windows, it, platform: createWin32Platform(it.fake.koffi) };
}

test('Windows: memory is a file of whole pages, mapped into address space held for it', () => {
  const { it, platform, windows } = boot();
  const mapping = platform.createMemory('C:/seg', 10_000);
  const [file] = it.fake.callsOf('CreateFileW');
  // read and write, everybody may read, write and remove, CREATE_NEW, FILE_ATTRIBUTE_TEMPORARY
  assert.deepEqual(file, ['C:/seg', 0xc000_0000, 7, 0, 1, 0x100, 0]);
  assert.deepEqual(it.fake.callsOf('CreateFileMappingW')[0]?.slice(1), [0, 4, 0, 12_288, null]);
  // a placeholder (MEM_RESERVE | MEM_RESERVE_PLACEHOLDER, PAGE_NOACCESS), replaced by the view
  assert.deepEqual(it.fake.callsOf('VirtualAlloc2'), [[-1, 0, 12_288, 0x4_2000, 1, 0, 0]]);
  assert.deepEqual(it.fake.callsOf('MapViewOfFile3')[0]?.slice(1), [-1, mapping.address, 0, 12_288, 0x4000, 4, 0, 0]);
  assert.equal(mapping.byteLength, 10_000);
  assert.equal(it.openHandles, 0, 'the view alone keeps the file open');
  const other = boot(windows, 11);
  assert.equal(other.platform.openMemory('C:/seg').byteLength, 12_288);
  assert.equal(other.it.openHandles, 0);
});

test('Windows: sizes above 4 GiB go in two words', () => {
  const { it, platform } = boot();
  platform.createMemory('C:/seg', 2 ** 32 + 4096);
  assert.deepEqual(it.fake.callsOf('CreateFileMappingW')[0]?.slice(3, 5), [1, 4096]);
  assert.equal(it.fake.callsOf('VirtualAlloc2')[0]?.[2], 2 ** 32 + 4096);
});

test('Windows: released memory is replaced by zeroed memory while the address space stays held', () => {
  const { it, platform } = boot();
  const mapping = platform.createMemory('C:/seg', 4096);
  const before = it.fake.calls.length;
  mapping.release();
  mapping.release();
  assert.deepEqual(it.fake.calls.slice(before), [
    ['UnmapViewOfFile2', -1, mapping.address, 2], // MEM_PRESERVE_PLACEHOLDER
    // MEM_RESERVE | MEM_COMMIT | MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE
    ['VirtualAlloc2', -1, mapping.address, 4096, 0x7000, 4, 0, 0],
  ]);
});

for (const why of ['are absent', 'are refused'] as const) {
  test(`Windows: where placeholders ${why}, a view stays until nobody can look at it`, () => {
    const { it, platform } = boot(new FakeWindows(why === 'are absent' ? ['VirtualAlloc2'] : []));
    it.refusesPlaceholders = true;
    const mapping = platform.createMemory('C:/seg', 4096);
    // FILE_MAP_READ | FILE_MAP_WRITE, all of it
    assert.deepEqual(it.fake.callsOf('MapViewOfFile')[0]?.slice(1), [6, 0, 0, 0]);
    mapping.release();
    assert.deepEqual(it.fake.callsOf('UnmapViewOfFile'), []);
    assert.deepEqual(it.fake.callsOf('UnmapViewOfFile2'), []);
    // No other question about placeholders is asked.
    platform.createMemory('C:/seg-2', 4096);
    assert.equal(it.fake.callsOf('VirtualAlloc2').length, why === 'are absent' ? 0 : 1);
  });
}

test('Windows: what goes wrong has the name that Node has for it, and leaves no handle', () => {
  const { it, platform, windows } = boot();
  assert.throws(() => platform.openMemory('C:/seg'), {
    name: 'OSError',
    code: 'ENOENT',
    message: /C:\/seg.*error 2\)/,
  });
  platform.createMemory('C:/seg', 4096);
  assert.throws(() => platform.createMemory('C:/seg', 4096), { code: 'EEXIST' });
  windows.room = 100_000;
  assert.throws(() => platform.createMemory('C:/large', 200_000), {
    code: 'ENOSPC',
    message: /200704 bytes .*MANYCORE_DIR/,
  });
  assert.equal(it.openHandles, 0);
});

test('Windows: the name of a file that is still mapped goes when it can', t => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-win32-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const { platform } = boot();
  const file = path.join(folder, 'seg');
  const mapping = platform.createMemory(file, 4096);
  fs.mkdirSync(file); // refuses to be unlinked, as a mapped file does there
  platform.removeMemory(file);
  assert.equal(fs.existsSync(file), true);
  fs.rmdirSync(file);
  fs.writeFileSync(file, '');
  mapping.release();
  assert.equal(fs.existsSync(file), false);
});

test('Windows: a lock is a file that nobody else may open for writing', () => {
  const { it, platform, windows } = boot();
  const other = boot(windows, 11);
  assert.equal(platform.probeLock('C:/slot-1'), undefined);
  const lock = platform.lockFile('C:/slot-1');
  assert.ok(lock !== undefined);
  // FILE_SHARE_READ | FILE_SHARE_DELETE, OPEN_ALWAYS
  assert.deepEqual(it.fake.callsOf('CreateFileW').at(-1), ['C:/slot-1', 0xc000_0000, 5, 0, 4, 0x80, 0]);
  assert.equal(lock.inherited, 'ignore');
  assert.equal(other.platform.lockFile('C:/slot-1'), undefined);
  const probe = other.platform.probeLock('C:/slot-1');
  assert.equal(probe?.isLocked(), true);
  lock.drop();
  assert.equal(probe?.isLocked(), false);
  assert.equal(other.it.openHandles, 0, 'asking keeps nothing open');
  windows.files.delete('C:/slot-1');
  assert.equal(probe?.isLocked(), false);
});

test('Windows: a child has the lock as soon as it was given, and until it ends', () => {
  const { it, platform, windows } = boot();
  const lock = platform.lockFile('C:/slot-1');
  const child = windows.start(12);
  lock?.giveTo(12);
  assert.deepEqual(it.fake.callsOf('OpenProcess'), [[0x40, 0, 12]]); // PROCESS_DUP_HANDLE
  // not inheritable, DUPLICATE_SAME_ACCESS
  assert.deepEqual(it.fake.callsOf('DuplicateHandle')[0]?.slice(4), [0, 0, 2]);
  assert.equal(it.openHandles, 1, 'the lock alone');
  lock?.drop();
  const probe = platform.probeLock('C:/slot-1');
  assert.equal(probe?.isLocked(), true);
  child.end();
  assert.equal(probe?.isLocked(), false);
});

test('Windows: a child that has ended before it could be given its lock is nobody', () => {
  const { it, platform } = boot();
  const lock = platform.lockFile('C:/slot-1');
  lock?.giveTo(99);
  assert.deepEqual(it.fake.callsOf('DuplicateHandle'), []);
  lock?.drop();
  assert.equal(platform.probeLock('C:/slot-1')?.isLocked(), false);
});

test('Windows: a child waits for its lock; when the parent has died, the lock itself tells whether it came', () => {
  const { platform, windows } = boot();
  const child = boot(windows, 12);
  const lock = platform.lockFile('C:/slot-1');
  let asked = 0;
  const given = { isGiven: () => ++asked > 5, isGiverDead: () => false };
  assert.equal(child.platform.receiveLock('C:/slot-1', 3, given), true);
  assert.equal(asked, 6);
  const dead = { isGiven: () => false, isGiverDead: () => true };
  // The parent gave it, and died before it could write so.
  lock?.giveTo(12);
  lock?.drop();
  assert.equal(child.platform.receiveLock('C:/slot-1', 3, dead), true);
  // The parent died with the only handle.
  child.it.end();
  assert.equal(boot(windows, 13).platform.receiveLock('C:/slot-1', 3, dead), false);
});

/** Two processes of one program that have mapped the same file, at different addresses. */
function twoSleepers(): { a: ReturnType<typeof boot>; b: ReturnType<typeof boot>; at: number[]; word: Int32Array } {
  const a = boot();
  const b = boot(a.windows, 11);
  a.platform.joinProgram(dir, 0);
  b.platform.joinProgram(dir, 5);
  const [first, second] = [a.platform.createMemory('C:/seg', 4096), b.platform.openMemory('C:/seg')];
  assert.notEqual(first.address, second.address);
  return { a, b, at: [first.address, second.address], word: new Int32Array(first.buffer) };
}

test('Windows: a sleeper is woken through its own event by whoever changes the word', () => {
  const { a, b, at, word } = twoSleepers();
  const [inA = 0, inB = 0] = at;
  let woken = -1;
  b.it.whileWaiting = () => {
    assert.equal(a.platform.wakeWord(inA + 44, 1), 0, 'another word');
    word[10] = 1;
    woken = a.platform.wakeWord(inA + 40, 1);
    assert.equal(a.platform.wakeWord(inA + 40, 1), 0, 'one sleep is woken once');
  };
  b.platform.waitOnWord(inB + 40, 0, 50);
  assert.equal(woken, 1);
  assert.deepEqual(b.it.fake.callsOf('WaitForSingleObject').length, 1);
  assert.equal(b.it.fake.callsOf('WaitForSingleObject')[0]?.[1], 50);
  assert.match(String(b.it.fake.callsOf('CreateEventW')[0]?.[3]), /^Local\\manycore-7-0123abcd-5-\d+$/);
  assert.equal(a.it.fake.callsOf('OpenEventW')[0]?.[2], b.it.fake.callsOf('CreateEventW')[0]?.[3]);
  assert.equal(a.platform.wakeWord(inA + 40, 1), 0, 'it is awake');
});

test('Windows: who finds the word changed does not sleep, and nobody takes it for asleep', () => {
  const { a, b, at, word } = twoSleepers();
  word[10] = 7;
  b.platform.waitOnWord((at[1] ?? 0) + 40, 0, 50);
  assert.deepEqual(b.it.fake.callsOf('WaitForSingleObject'), []);
  assert.equal(a.platform.wakeWord((at[0] ?? 0) + 40, 9), 0);
});

test('Windows: a process that was killed asleep does not eat the wake of one that lives', () => {
  const { a, b, at } = twoSleepers();
  const c = boot(a.windows, 12);
  c.platform.joinProgram(dir, 7);
  const inC = c.platform.openMemory('C:/seg').address;
  const [inA = 0, inB = 0] = at;
  let woken = -1;
  b.it.whileWaiting = () => {
    // b is killed here: its event goes with it, its entry stays.
    a.windows.events.clear();
    c.it.whileWaiting = () => void (woken = a.platform.wakeWord(inA + 40, 1));
    c.platform.waitOnWord(inC + 40, 0, 50);
    assert.equal(c.it.fake.callsOf('WaitForSingleObject').length, 1);
  };
  b.platform.waitOnWord(inB + 40, 0, 50);
  assert.equal(woken, 1);
});

test('Windows: a new process in a slot is woken by its own event, and the old handle is closed', () => {
  const { a, b, at } = twoSleepers();
  const [inA = 0, inB = 0] = at;
  b.it.whileWaiting = () => assert.equal(a.platform.wakeWord(inA + 40, 1), 1);
  b.platform.waitOnWord(inB + 40, 0, 50);
  b.platform.waitOnWord(inB + 40, 0, 50);
  assert.equal(a.it.fake.callsOf('OpenEventW').length, 1, 'kept');
  // The same process stands for the next one here: the pid in the table is what tells them apart.
  const table = [...a.it.fake.memory.values()].find(memory => memory.byteLength > 100_000);
  assert.ok(table !== undefined);
  new Int32Array(table)[16 + 5 * 8 + 4] = 4242;
  const before = a.it.openHandles;
  a.windows.events.set('Local\\manycore-7-0123abcd-5-4242', { name: '', isSet: false });
  b.platform.waitOnWord(inB + 40, 0, 50);
  assert.equal(a.it.fake.callsOf('OpenEventW').at(-1)?.[2], 'Local\\manycore-7-0123abcd-5-4242');
  assert.equal(a.it.openHandles, before);
});

test('Windows: outside a program, and after it, a wait is a short nap', () => {
  const { a, b, at } = twoSleepers();
  const lone = boot();
  lone.platform.waitOnWord(lone.platform.createMemory('C:/seg', 4096).address, 0, 50);
  assert.deepEqual(lone.it.fake.callsOf('WaitForSingleObject'), []);
  b.platform.leaveProgram();
  b.platform.waitOnWord(at[1] ?? 0, 0, 50);
  assert.deepEqual(b.it.fake.callsOf('WaitForSingleObject'), []);
  assert.equal(a.platform.wakeWord(0x42, 1), 0, 'an address that nobody has mapped');
});

test('Windows: a version that lacks a function is told by name', () => {
  assert.throws(() => boot(new FakeWindows(['CreateEventW'])), {
    name: 'PlatformError',
    message: /CreateEventW\(\).*Windows 10/,
  });
});
