import fs from 'node:fs';
import { os } from '../lazyNode.js';
import type { Koffi, Library } from './koffi.js';
import { nap } from './nap.js';
import type { Platform } from './platform.js';
import { Posix } from './posix.js';
import { bind, bindIfThere } from './symbols.js';

/** fcntl(2) with F_PREALLOCATE takes a `fstore_t`: flags, mode, offset, length, and how much was got. */
const F_PREALLOCATE = 42;
const F_ALLOCATEALL = 4;
const F_PEOFPOSMODE = 3;
const FSTORE_BYTES = 32;

const WORD_BYTES = 4;
/** The flags of os_sync_wait_on_address(3) and os_sync_wake_by_address_any(3) for memory that processes share. */
const SHARED = 1;
const OS_CLOCK_MACH_ABSOLUTE_TIME = 32;
/** What macOS before 14.4 does the same with. */
const UL_COMPARE_AND_WAIT_SHARED = 3;
const ULF_WAKE_ALL = 0x100;
const ULOCK_SINCE = 'macOS 10.12 or newer';

/** Above this many it is cheaper to wake everybody; who need not have woken looks and sleeps again. */
const MOST_SINGLE_WAKES = 16;

/** Sleeping and waking; what they return is negative, with errno, when it did not work. */
interface WordWaits {
  wait(address: number, expected: number, microseconds: number): number;
  wakeOne(address: number): number;
  wakeAll(address: number): number;
}

/** macOS: waits on addresses in shared memory, preallocation, and what all POSIX systems have. */
export function createDarwinPlatform(koffi: Koffi): Platform {
  const libc = koffi.load(null);
  const waits = osSync(libc) ?? ulock(libc);
  const fcntl = bind(libc, 'int fcntl(int fd, int cmd, ...)');
  let fstore: DataView | undefined;
  let fstoreAddress = 0;

  const posix = new Posix('darwin', koffi, libc, {
    mapAnonymous: 0x1000,
    mapNoReserve: 0x40,
    takeRoom(fd, byteLength) {
      if (fstore === undefined) {
        fstoreAddress = posix.anonymous(FSTORE_BYTES);
        fstore = new DataView(koffi.view(BigInt(fstoreAddress), FSTORE_BYTES));
      }
      fstore.setUint32(0, F_ALLOCATEALL, true);
      fstore.setInt32(4, F_PEOFPOSMODE, true);
      fstore.setBigInt64(8, 0n, true);
      fstore.setBigInt64(16, BigInt(byteLength), true);
      try {
        if (Number(fcntl(fd, F_PREALLOCATE, 'intptr_t', fstoreAddress)) === -1) {
          if (!cannotPreallocate(koffi.errno())) return koffi.errno();
          writeZeros(fd, byteLength);
        }
        // Preallocation takes the blocks and leaves the size as it is.
        fs.ftruncateSync(fd, byteLength);
        return 0;
      } catch (error) {
        return Math.abs((error as NodeJS.ErrnoException).errno ?? os().constants.errno.EIO);
      }
    },
  });

  return Object.assign(posix, {
    waitOnWord(address: number, expected: number, ms: number) {
      // A timeout of 0 is refused by one of the two functions and means for ever to the other.
      const microseconds = Math.floor(ms * 1000);
      if (microseconds < 1 || waits.wait(address, expected >>> 0, microseconds) >= 0) return;
      const why = koffi.errno();
      // The page was just not there, or the like: the caller must not spin meanwhile.
      if (why !== os().constants.errno.ETIMEDOUT && why !== os().constants.errno.EINTR) nap(Math.min(ms, 1));
    },

    wakeWord(address: number, count: number) {
      if (count > MOST_SINGLE_WAKES) return waits.wakeAll(address) >= 0 ? 1 : 0;
      let woken = 0;
      while (woken < count && waits.wakeOne(address) >= 0) woken++;
      return woken;
    },

    // There is no such request on macOS: a process looks after its parent itself.
    dieWithParent: () => false,
  });
}

/** File systems that are not Apple's own. */
function cannotPreallocate(errno: number): boolean {
  const { ENOTSUP, EOPNOTSUPP, ENOTTY, EINVAL } = os().constants.errno;
  return [ENOTSUP, EOPNOTSUPP, ENOTTY, EINVAL].includes(errno);
}

function writeZeros(fd: number, byteLength: number): void {
  const zeros = Buffer.alloc(Math.min(byteLength, 1024 * 1024));
  for (let at = 0; at < byteLength; at += zeros.length) {
    fs.writeSync(fd, zeros, 0, Math.min(zeros.length, byteLength - at), at);
  }
}

/** Public since macOS 14.4. */
function osSync(libc: Library): WordWaits | undefined {
  const wait = bindIfThere(
    libc,
    'int os_sync_wait_on_address_with_timeout(intptr_t addr, uint64_t value, size_t size, uint32_t flags, uint32_t clock, uint64_t ns)',
  );
  const wakeAny = bindIfThere(libc, 'int os_sync_wake_by_address_any(intptr_t addr, size_t size, uint32_t flags)');
  const wakeAll = bindIfThere(libc, 'int os_sync_wake_by_address_all(intptr_t addr, size_t size, uint32_t flags)');
  if (wait === undefined || wakeAny === undefined || wakeAll === undefined) return undefined;
  return {
    wait: (address, expected, us) =>
      Number(wait(address, expected, WORD_BYTES, SHARED, OS_CLOCK_MACH_ABSOLUTE_TIME, us * 1000)),
    wakeOne: address => Number(wakeAny(address, WORD_BYTES, SHARED)),
    wakeAll: address => Number(wakeAll(address, WORD_BYTES, SHARED)),
  };
}

/** What the functions above are made of; in the system since 10.12, though in none of its headers for programs. */
function ulock(libc: Library): WordWaits {
  const wait = bind(
    libc,
    'int __ulock_wait(uint32_t operation, intptr_t addr, uint64_t value, uint32_t us)',
    ULOCK_SINCE,
  );
  const wake = bind(libc, 'int __ulock_wake(uint32_t operation, intptr_t addr, uint64_t value)', ULOCK_SINCE);
  return {
    wait: (address, expected, us) => Number(wait(UL_COMPARE_AND_WAIT_SHARED, address, expected, us)),
    wakeOne: address => Number(wake(UL_COMPARE_AND_WAIT_SHARED, address, 0)),
    wakeAll: address => Number(wake(UL_COMPARE_AND_WAIT_SHARED | ULF_WAKE_ALL, address, 0)),
  };
}
