import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { OSError } from '../errors.js';
import { loadKoffi } from './koffi.js';
import { plainly } from './plainly.js';
import type { Mapping, Platform } from './platform.js';

const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MAP_FIXED_ANONYMOUS = 0x10 | 0x22 | 0x4000; // fixed, private + anonymous, no reserve
const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;
const SYS_FUTEX: Partial<Record<NodeJS.Architecture, number>> = { x64: 202, arm64: 98, riscv64: 98, loong64: 98 };
const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;
const F_SETFD = 2;
const FD_CLOEXEC = 1;
const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;

/** futex(2), mmap(2), flock(2), mkfifo(3) and friends, called straight from the C library. */
export function createLinuxPlatform(): Platform {
  const koffi = loadKoffi();
  const libc = koffi.load(null);
  const mmap = libc.func('intptr_t mmap(intptr_t addr, size_t len, int prot, int flags, int fd, int64_t off)');
  const syscall = libc.func(
    'long syscall(long n, intptr_t addr, int op, uint32_t val, intptr_t ts, intptr_t addr2, uint32_t val3)',
  );
  const posixFallocate = libc.func('int posix_fallocate(int fd, int64_t off, int64_t len)');
  const flock = libc.func('int flock(int fd, int op)');
  const fcntl = libc.func('int fcntl(int fd, int cmd, int arg)');
  const mkfifo = libc.func('int mkfifo(const char *path, uint32_t mode)');
  const prctl = libc.func('int prctl(int option, ulong arg)');
  const futexNumber = SYS_FUTEX[process.arch];
  if (futexNumber === undefined) throw new OSError('ENOSYS', `manycore does not know futex(2) on ${process.arch}`);

  // One timespec in memory of its own: futex(2) reads it by address.
  const timespecAddress = Number(mmap(0, 4096, PROT_READ_WRITE, 0x22, -1, 0));
  const timespec = new BigInt64Array(koffi.view(BigInt(timespecAddress), 16));

  const errno = (call: string): OSError => {
    const name = errorName(koffi.errno());
    return new OSError(name, `${call} failed: ${name}`);
  };

  return {
    name: 'linux',

    programsRoot() {
      const given = process.env['MANYCORE_DIR'];
      return given ? path.resolve(given) : `/dev/shm/manycore-${process.getuid?.() ?? 0}`;
    },

    reserve(fd, byteLength) {
      // A sparse file would be a SIGBUS at first touch once the file system is full: take the room now.
      let result: number;
      do result = posixFallocate(fd, 0, byteLength) as number;
      while (result === os.constants.errno.EINTR);
      if (result === 0) return;
      const name = errorName(result);
      const way = name === 'ENOSPC' ? ` It is full: free some, mount it larger, or set MANYCORE_DIR to another.` : '';
      const message = `cannot reserve ${byteLength} bytes of shared memory in ${this.programsRoot()}: ${name}.${way}`;
      throw plainly(() => new OSError(name, message));
    },

    map(fd, byteLength): Mapping {
      const address = Number(mmap(0, byteLength, PROT_READ_WRITE, MAP_SHARED, fd, 0));
      if (address === -1) throw errno(`mmap of ${byteLength} bytes`);
      const buffer = koffi.view(BigInt(address), byteLength);
      let released = false;
      return {
        address,
        byteLength,
        buffer,
        release() {
          if (released) return;
          released = true;
          mmap(address, byteLength, PROT_READ_WRITE, MAP_FIXED_ANONYMOUS, -1, 0);
        },
      };
    },

    waitOnWord(address, expected, ms) {
      timespec[0] = BigInt(Math.floor(ms / 1000));
      timespec[1] = BigInt(Math.floor((ms % 1000) * 1e6));
      syscall(futexNumber, address, FUTEX_WAIT, expected >>> 0, timespecAddress, 0, 0);
    },

    wakeWord(address, count) {
      return Number(syscall(futexNumber, address, FUTEX_WAKE, count, 0, 0, 0));
    },

    tryLockFile: fd => flock(fd, LOCK_EX | LOCK_NB) === 0,

    isFileLocked(fd) {
      // A shared lock, so that two processes asking at the same moment do not take each other for the holder.
      if (flock(fd, LOCK_SH | LOCK_NB) !== 0) return true;
      flock(fd, LOCK_UN);
      return false;
    },

    closeOnExec(fd) {
      fcntl(fd, F_SETFD, FD_CLOEXEC);
    },

    createDoorbell(path) {
      if (mkfifo(path, 0o600) !== 0) throw errno(`mkfifo ${path}`);
      // Read and write: with a writer of its own the FIFO never reports end of file.
      return fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
    },

    openDoorbell: path => fs.openSync(path, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK),

    dieWithParent() {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
    },
  };
}

const errorName = (errno: number): string =>
  Object.entries(os.constants.errno).find(([, value]) => value === errno)?.[0] ?? `E${errno}`;
