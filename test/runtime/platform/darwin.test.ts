import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { internals } from '../internals.js';
import { FakeKoffi } from './fakeKoffi.js';

/** macOS, as far as a table of functions can be it. Numbers are those of its headers, not of this system's. */
const { createDarwinPlatform } = internals;
const { errno } = os.constants;

function fakeMac(
  functions: ConstructorParameters<typeof FakeKoffi>[0] = {},
  missing: readonly string[] = [],
): FakeKoffi {
  let next = 0x1_0000_0000;
  const all: ConstructorParameters<typeof FakeKoffi>[0] = {
    mmap: (address: number) => (address === 0 ? (next += 0x10000) : address),
    flock: () => 0,
    fcntl: () => 0,
    mkfifo: () => 0,
    os_sync_wait_on_address_with_timeout: () => 0,
    os_sync_wake_by_address_any: () => 0,
    os_sync_wake_by_address_all: () => 0,
    __ulock_wait: () => 0,
    __ulock_wake: () => 0,
    ...functions,
  };
  return new FakeKoffi(Object.fromEntries(Object.entries(all).filter(([name]) => !missing.includes(name))));
}

function tempFile(t: test.TestContext): string {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-darwin-'));
  t.after(() => fs.rmSync(dir, { recursive: true }));
  return path.join(dir, 'file');
}

test('macOS: memory is preallocated in one piece, given its size, and mapped shared', t => {
  const seen: unknown[] = [];
  const fake = fakeMac({
    fcntl: ((fd: number, command: number, type: string, address: number) => {
      const fstore = new DataView(fake.at(address));
      seen.push(command, type, fstore.getUint32(0, true), fstore.getInt32(4, true));
      seen.push(fstore.getBigInt64(8, true), fstore.getBigInt64(16, true), fs.fstatSync(fd).size);
      return 0;
    }) as never,
  });
  const file = tempFile(t);
  const mapping = createDarwinPlatform(fake.koffi).createMemory(file, 100_000);
  // F_PREALLOCATE of a fstore_t: F_ALLOCATEALL, F_PEOFPOSMODE, from 0, so many bytes; the file is still empty.
  assert.deepEqual(seen, [42, 'intptr_t', 4, 3, 0n, 100_000n, 0]);
  assert.equal(fs.statSync(file).size, 100_000);
  const [, shared] = fake.callsOf('mmap');
  assert.deepEqual(shared?.slice(0, 4), [0, 100_000, 3, 1]);
  assert.equal(mapping.byteLength, 100_000);
});

test('macOS: released memory becomes zeroed memory of its own at the same address', t => {
  const fake = fakeMac();
  const mapping = createDarwinPlatform(fake.koffi).createMemory(tempFile(t), 4096);
  const before = fake.calls.length;
  mapping.release();
  mapping.release();
  // MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE | MAP_ANON
  assert.deepEqual(fake.calls.slice(before), [['mmap', mapping.address, 4096, 3, 0x2 | 0x10 | 0x40 | 0x1000, -1, 0]]);
});

test('macOS: a full disk is an error that says the way out, and leaves no file', t => {
  const fake: FakeKoffi = fakeMac({ fcntl: () => fake.fail(errno.ENOSPC) });
  const file = tempFile(t);
  assert.throws(() => createDarwinPlatform(fake.koffi).createMemory(file, 4096), {
    name: 'OSError',
    code: 'ENOSPC',
    message: /4096 bytes .*MANYCORE_DIR/,
  });
  assert.equal(fs.existsSync(file), false);
});

test('macOS: preallocation that is interrupted is tried again', t => {
  let tries = 0;
  const fake: FakeKoffi = fakeMac({ fcntl: () => (++tries < 3 ? fake.fail(errno.EINTR) : 0) });
  createDarwinPlatform(fake.koffi).createMemory(tempFile(t), 4096);
  assert.equal(tries, 3);
});

test('macOS: a file system that cannot preallocate gets zeros', t => {
  const fake: FakeKoffi = fakeMac({ fcntl: () => fake.fail(errno.ENOTSUP) });
  const file = tempFile(t);
  createDarwinPlatform(fake.koffi).createMemory(file, 3_000_001);
  const stat = fs.statSync(file);
  assert.equal(stat.size, 3_000_001);
  assert.ok(stat.blocks * 512 >= 3_000_001, 'the file is sparse');
});

test('macOS: a mapping that fails is an error with its name, and leaves no file', t => {
  const fake: FakeKoffi = fakeMac({ mmap: (() => fake.fail(errno.ENOMEM)) as never });
  const file = tempFile(t);
  assert.throws(() => createDarwinPlatform(fake.koffi).createMemory(file, 4096), { code: 'ENOMEM', message: /mmap/ });
  assert.equal(fs.existsSync(file), false);
});

test('macOS 14.4: threads sleep on an address in shared memory', () => {
  const fake = fakeMac();
  const platform = createDarwinPlatform(fake.koffi);
  platform.waitOnWord(0x5000, -2, 20.5);
  // address, value, size, OS_SYNC_WAIT_ON_ADDRESS_SHARED, OS_CLOCK_MACH_ABSOLUTE_TIME, nanoseconds
  assert.deepEqual(fake.callsOf('os_sync_wait_on_address_with_timeout'), [[0x5000, 0xffff_fffe, 4, 1, 32, 20_500_000]]);
  assert.equal(platform.wakeWord(0x5000, 1), 1);
  assert.deepEqual(fake.callsOf('os_sync_wake_by_address_any'), [[0x5000, 4, 1]]);
  assert.equal(platform.wakeWord(0x5000, 2 ** 31 - 1), 1);
  assert.deepEqual(fake.callsOf('os_sync_wake_by_address_all'), [[0x5000, 4, 1]]);
  assert.deepEqual(fake.callsOf('__ulock_wait'), []);
});

test('macOS before 14.4: the same by what lies below', () => {
  const fake = fakeMac({}, ['os_sync_wait_on_address_with_timeout', 'os_sync_wake_by_address_any']);
  const platform = createDarwinPlatform(fake.koffi);
  platform.waitOnWord(0x5000, 7, 100);
  // UL_COMPARE_AND_WAIT_SHARED, address, value, microseconds
  assert.deepEqual(fake.callsOf('__ulock_wait'), [[3, 0x5000, 7, 100_000]]);
  platform.wakeWord(0x5000, 1);
  platform.wakeWord(0x5000, 1000);
  // … | ULF_WAKE_ALL for everybody
  assert.deepEqual(fake.callsOf('__ulock_wake'), [
    [3, 0x5000, 0],
    [0x103, 0x5000, 0],
  ]);
});

test('macOS: a wake counts whom it finds, one by one, until nobody is left', () => {
  let asleep = 3;
  const fake: FakeKoffi = fakeMac({
    os_sync_wake_by_address_any: () => (asleep-- > 0 ? 0 : fake.fail(errno.ENOENT)),
    os_sync_wake_by_address_all: () => fake.fail(errno.ENOENT),
  });
  const platform = createDarwinPlatform(fake.koffi);
  assert.equal(platform.wakeWord(0x5000, 2), 2);
  assert.equal(platform.wakeWord(0x5000, 2), 1);
  assert.equal(platform.wakeWord(0x5000, 2), 0);
  assert.equal(platform.wakeWord(0x5000, 100), 0);
});

test('macOS: a wait that ends by timeout or signal comes back at once, one that cannot be had does not spin', () => {
  let error = errno.ETIMEDOUT;
  const fake: FakeKoffi = fakeMac({ os_sync_wait_on_address_with_timeout: () => fake.fail(error) });
  const platform = createDarwinPlatform(fake.koffi);
  const took = (): number => {
    const start = performance.now();
    for (let i = 0; i < 20; i++) platform.waitOnWord(0x5000, 0, 50);
    return performance.now() - start;
  };
  took(); // warm
  const [timeout, interrupted] = [took(), ((error = errno.EINTR), took())];
  error = errno.EFAULT;
  const refused = took();
  assert.ok(refused >= 20, `${refused} ms for 20 refused waits`);
  assert.ok(timeout < refused && interrupted < refused, `${timeout} ${interrupted} ${refused}`);
});

test('macOS: no wait is asked for without a time, which would be refused or last for ever', () => {
  const fake = fakeMac();
  const platform = createDarwinPlatform(fake.koffi);
  platform.waitOnWord(0x5000, 0, 0);
  platform.waitOnWord(0x5000, 0, 0.0001);
  assert.deepEqual(fake.callsOf('os_sync_wait_on_address_with_timeout'), []);
});

test('macOS: a system too old for any of it is told by name', () => {
  const missing = ['os_sync_wait_on_address_with_timeout', '__ulock_wait'];
  assert.throws(() => createDarwinPlatform(fakeMac({}, missing).koffi), {
    name: 'PlatformError',
    message: /__ulock_wait\(\).*macOS 10\.12/,
  });
});

test('macOS: a lock is tried again when a signal came, and is not had when somebody else has it', t => {
  const answers = [errno.EINTR, errno.EINTR, 0, errno.EWOULDBLOCK];
  const fake: FakeKoffi = fakeMac({
    flock: () => {
      const answer = answers.shift() ?? 0;
      return answer === 0 ? 0 : fake.fail(answer);
    },
  });
  const platform = createDarwinPlatform(fake.koffi);
  const file = tempFile(t);
  const lock = platform.lockFile(file);
  assert.ok(typeof lock?.inherited === 'number');
  assert.deepEqual(fake.callsOf('flock'), Array(3).fill([lock.inherited, 2 | 4]));
  const open = fs.readdirSync('/proc/self/fd').length;
  assert.equal(platform.lockFile(file), undefined);
  assert.equal(fs.readdirSync('/proc/self/fd').length, open);
  lock.drop();
});

test('macOS: the descriptor that brought the lock is not inherited any further', () => {
  const fake = fakeMac();
  const platform = createDarwinPlatform(fake.koffi);
  assert.equal(platform.receiveLock('', 3, { isGiven: () => false, isGiverDead: () => true }), true);
  // A variadic function: the type goes before the value.
  assert.deepEqual(fake.callsOf('fcntl'), [[3, 2, 'int', 1]]);
});

test('macOS: a process has to look after its parent itself', () => {
  assert.equal(createDarwinPlatform(fakeMac().koffi).dieWithParent(), false);
});
