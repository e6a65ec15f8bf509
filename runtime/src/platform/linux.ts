import { OSError } from '../errors.js';
import type { Koffi } from './koffi.js';
import { CUT, Lifeline } from './lifeline.js';
import type { Platform } from './platform.js';
import { Posix } from './posix.js';
import { bind, bindIfThere } from './symbols.js';

const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;
const SYS_FUTEX: Partial<Record<NodeJS.Architecture, number>> = { x64: 202, arm64: 98, riscv64: 98, loong64: 98 };
const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;
const MREMAP_MAYMOVE = 1;
/** For shared memory since Linux 5.13. */
const MREMAP_DONTUNMAP = 4;
const M_TRIM_THRESHOLD = -1;
const M_MMAP_THRESHOLD = -3;

/** futex(2), posix_fallocate(3), prctl(2), and what all POSIX systems have, straight from the C library. */
export function createLinuxPlatform(koffi: Koffi): Platform {
  const libc = koffi.load(null);
  const syscall = bind(
    libc,
    'long syscall(long n, intptr_t addr, int op, uint32_t val, intptr_t ts, intptr_t addr2, uint32_t val3)',
  );
  const posixFallocate = bind(libc, 'int posix_fallocate(int fd, int64_t off, int64_t len)');
  const prctl = bind(libc, 'int prctl(int option, ulong arg)');
  const mremap = once(() =>
    bindIfThere(libc, 'intptr_t mremap(intptr_t addr, size_t len, size_t newLen, int flags, intptr_t to)'),
  );
  const posix = new Posix('linux', koffi, libc, {
    mapAnonymous: 0x20,
    mapNoReserve: 0x4000,
    // A sparse file would be a SIGBUS at first touch once the file system is full: take the room now.
    takeRoom: (fd, byteLength) => Number(posixFallocate(fd, 0, byteLength)),
    movePages: (address, byteLength) => {
      // The old addresses stay taken until they are mapped anew, so that nothing else comes to lie there in between.
      const flags = MREMAP_MAYMOVE | MREMAP_DONTUNMAP;
      const there = Number(mremap()?.(address, byteLength, byteLength, flags, 0) ?? -1);
      return there === -1 ? undefined : there;
    },
  });
  const futexNumber = SYS_FUTEX[process.arch];
  if (futexNumber === undefined) throw new OSError('ENOSYS', `manycore does not know futex(2) on ${process.arch}`);

  // One timespec in memory of its own: futex(2) reads it by address.
  const timespecAddress = posix.anonymous(4096);
  const timespec = new BigInt64Array(koffi.view(BigInt(timespecAddress), 16));

  const lifeline = new Lifeline(libc);
  return Object.assign(posix, {
    lifeline: {
      hold: (path: string) => lifeline.hold(path),
      catch: (path: string) => lifeline.catch(path),
      cut: (pid: number) => void process.kill(pid, CUT),
      holds: (pid: number) => lifeline.isHeldBy(pid),
    },

    waitOnWord(address: number, expected: number, ms: number) {
      timespec[0] = BigInt(Math.floor(ms / 1000));
      timespec[1] = BigInt(Math.floor((ms % 1000) * 1e6));
      syscall(futexNumber, address, FUTEX_WAIT, expected >>> 0, timespecAddress, 0, 0);
    },

    wakeWord: (address: number, count: number) => Number(syscall(futexNumber, address, FUTEX_WAKE, count, 0, 0, 0)),

    keepFreedMemory(byteLength: number) {
      // Whoever runs the program may have decided otherwise.
      const { MALLOC_MMAP_THRESHOLD_, MALLOC_TRIM_THRESHOLD_, GLIBC_TUNABLES = '' } = process.env;
      if (MALLOC_MMAP_THRESHOLD_ ?? MALLOC_TRIM_THRESHOLD_ ?? /malloc\.(mmap|trim)_/.exec(GLIBC_TUNABLES)) return;
      // Only glibc has it; musl keeps what it likes.
      const mallopt = bindIfThere(libc, 'int mallopt(int param, int value)');
      mallopt?.(M_MMAP_THRESHOLD, byteLength);
      mallopt?.(M_TRIM_THRESHOLD, byteLength);
    },

    dieWithParent() {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      return true;
    },

    outliveParent() {
      prctl(PR_SET_PDEATHSIG, 0);
    },
  });
}

/** What few processes need is looked up when it is needed. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
