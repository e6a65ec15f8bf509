import fs from 'node:fs';
import { OSError } from '../errors.js';
import { net, os } from '../lazyNode.js';
import type { Koffi, Library } from './koffi.js';
import { plainly } from './plainly.js';
import type { Doorbell, FileLock, LockProbe, Mapping, Ringer } from './platform.js';
import { programsRoot } from './programsRoot.js';
import { bind, type Native } from './symbols.js';

const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const MAP_FIXED = 0x10;
const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;
const F_SETFD = 2;
const FD_CLOEXEC = 1;
const EINTR = 4;

/** What differs between one POSIX system and another. */
export interface Differences {
  readonly mapAnonymous: number;
  readonly mapNoReserve: number;
  /** Gives the empty file its size and its room; returns 0 or the errno. */
  takeRoom(fd: number, byteLength: number): number;
  /** Moves the pages of shared memory to other addresses, and leaves the old ones mapped; undefined when it cannot. */
  movePages?(address: number, byteLength: number): number | undefined;
}

/** What Linux and macOS have in common: mmap(2), flock(2), mkfifo(3), with the numbers that are the same on both. */
export class Posix {
  readonly name: 'linux' | 'darwin';
  readonly pinsFiles = false;
  readonly #koffi: Koffi;
  readonly #differences: Differences;
  readonly #libc: Library;
  readonly #mmap;
  readonly #flock;
  readonly #fcntl;
  readonly #mkfifo;
  #munmap: Native | undefined;

  constructor(name: 'linux' | 'darwin', koffi: Koffi, libc: Library, differences: Differences) {
    this.name = name;
    this.#koffi = koffi;
    this.#differences = differences;
    this.#libc = libc;
    this.#mmap = bind(libc, 'intptr_t mmap(intptr_t addr, size_t len, int prot, int flags, int fd, int64_t off)');
    this.#flock = bind(libc, 'int flock(int fd, int op)');
    this.#fcntl = bind(libc, 'int fcntl(int fd, int cmd, ...)');
    this.#mkfifo = bind(libc, 'int mkfifo(const char *path, uint32_t mode)');
  }

  programsRoot = programsRoot;

  joinProgram(): void {
    // The kernel knows a shared word wherever it is mapped.
  }

  leaveProgram(): void {
    // Nothing was taken.
  }

  createMemory(path: string, byteLength: number): Mapping {
    const fd = fs.openSync(path, 'wx+', 0o600);
    try {
      this.#reserve(fd, byteLength);
      return this.#map(fd, byteLength);
    } catch (error) {
      fs.rmSync(path, { force: true });
      throw error;
    } finally {
      fs.closeSync(fd);
    }
  }

  openMemory(path: string): Mapping {
    const fd = fs.openSync(path, 'r+');
    try {
      return this.#map(fd, fs.fstatSync(fd).size);
    } finally {
      fs.closeSync(fd);
    }
  }

  removeMemory(path: string): void {
    try {
      fs.rmSync(path, { force: true });
    } catch {
      // It goes with the program's folder.
    }
  }

  lockFile(path: string): FileLock | undefined {
    const fd = fs.openSync(path, 'a+', 0o600);
    if (this.#lock(fd, LOCK_EX | LOCK_NB)) {
      return { inherited: fd, giveTo: () => undefined, drop: () => fs.closeSync(fd) };
    }
    fs.closeSync(fd);
    return undefined;
  }

  probeLock(path: string): LockProbe | undefined {
    let fd: number;
    try {
      fd = fs.openSync(path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const isLocked = (): boolean => {
      // A shared lock, so that two processes asking at the same moment do not take each other for the holder.
      if (!this.#lock(fd, LOCK_SH | LOCK_NB)) return true;
      this.#flock(fd, LOCK_UN);
      return false;
    };
    return { isLocked, close: () => fs.closeSync(fd) };
  }

  /** The descriptor came with the lock. A grandchild that inherited it, too, would keep a dead process alive. */
  receiveLock(_path: string, fd: number): boolean {
    this.#fcntl(fd, F_SETFD, 'int', FD_CLOEXEC);
    return true;
  }

  listen(path: string, rung: (bytes: Buffer) => void): Doorbell {
    fs.rmSync(path, { force: true }); // left by a process that was killed
    if (this.#mkfifo(path, 0o600) !== 0) throw this.failure(`mkfifo ${path}`);
    // Read and write: with a writer of its own the FIFO never reports end of file.
    const fd = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
    const socket = new (net().Socket)({ fd, readable: true, writable: false });
    socket.on('data', rung);
    socket.unref();
    process.on('exit', () => fs.rmSync(path, { force: true }));
    return { ref: () => void socket.ref(), unref: () => void socket.unref() };
  }

  openRinger(path: string): Ringer {
    const fd = fs.openSync(path, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
    const ring = (what: Buffer): void => {
      try {
        fs.writeSync(fd, what);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      }
    };
    return { ring, close: () => fs.closeSync(fd) };
  }

  /** Memory of this process alone, zeroed, at `address` (0: anywhere). */
  anonymous(byteLength: number, address = 0): number {
    const { mapAnonymous, mapNoReserve } = this.#differences;
    const flags = MAP_PRIVATE | mapAnonymous | (address === 0 ? 0 : MAP_FIXED | mapNoReserve);
    return Number(this.#mmap(address, byteLength, PROT_READ_WRITE, flags, -1, 0));
  }

  failure(call: string): OSError {
    const name = errorName(this.#koffi.errno());
    return new OSError(name, `${call} failed: ${name}`);
  }

  #reserve(fd: number, byteLength: number): void {
    let result: number;
    do result = this.#differences.takeRoom(fd, byteLength);
    while (result === EINTR);
    if (result === 0) return;
    const name = errorName(result);
    const way = name === 'ENOSPC' ? ` It is full: free some, mount it larger, or set MANYCORE_DIR to another.` : '';
    const message = `cannot reserve ${byteLength} bytes of shared memory in ${programsRoot()}: ${name}.${way}`;
    throw plainly(() => new OSError(name, message));
  }

  #map(fd: number, byteLength: number): Mapping {
    const address = Number(this.#mmap(0, byteLength, PROT_READ_WRITE, MAP_SHARED, fd, 0));
    if (address === -1) throw this.failure(`mmap of ${byteLength} bytes`);
    return this.#mapping(address, byteLength);
  }

  #mapping(address: number, byteLength: number): Mapping {
    let released = false;
    return {
      address,
      byteLength,
      buffer: this.#koffi.view(BigInt(address), byteLength),
      release: () => {
        if (released) return;
        released = true;
        this.anonymous(byteLength, address);
      },
      moveAway: () => {
        const there = released ? undefined : this.#differences.movePages?.(address, byteLength);
        if (there === undefined) return undefined;
        released = true;
        this.anonymous(byteLength, address);
        return this.#mapping(there, byteLength);
      },
      forget: () => {
        this.#munmap ??= bind(this.#libc, 'int munmap(intptr_t addr, size_t len)');
        this.#munmap(address, byteLength);
      },
    };
  }

  #lock(fd: number, operation: number): boolean {
    while (this.#flock(fd, operation) !== 0) {
      if (this.#koffi.errno() !== EINTR) return false;
    }
    return true;
  }
}

const errorName = (errno: number): string =>
  Object.entries(os().constants.errno).find(([, value]) => value === errno)?.[0] ?? `E${errno}`;
