/**
 * What the library needs of an operating system. Everything above this folder is the same everywhere; everything that
 * differs between systems is behind this interface.
 */
export interface Platform {
  readonly name: 'linux' | 'darwin' | 'win32';

  /** The folder under which every program of this user keeps one folder; private to the user (0700). */
  programsRoot(): string;

  /** Gives the file its size and its room, so that no later touch can fail. Throws OSError (`ENOSPC`, `EFBIG`). */
  reserve(fd: number, byteLength: number): void;

  /** Maps the whole file, shared with every process that maps it. The file descriptor may be closed afterwards. */
  map(fd: number, byteLength: number): Mapping;

  /**
   * Sleeps while the 32-bit word at `address` holds `expected`, at most `ms` milliseconds. May return early: the caller
   * looks at the word again. Blocks the thread; signal handlers do not run meanwhile, so keep `ms` at 100 or less.
   */
  waitOnWord(address: number, expected: number, ms: number): void;

  /** Wakes up to `count` threads of any process that sleep on the word; returns how many it found asleep. */
  wakeWord(address: number, count: number): number;

  /** Takes the file's exclusive lock without waiting. The system drops it when the last holder of `fd` dies. */
  tryLockFile(fd: number): boolean;

  /** Whether somebody holds the exclusive lock of the file behind this other descriptor of it. */
  isFileLocked(fd: number): boolean;

  /** Children started from now on do not inherit the descriptor. */
  closeOnExec(fd: number): void;

  /** Makes a doorbell at `path`, and opens it for listening: readable when somebody has rung. Returns a descriptor. */
  createDoorbell(path: string): number;

  /** Opens somebody's doorbell for ringing: write one byte. Throws `ENOENT`/`ENXIO` when nobody listens. */
  openDoorbell(path: string): number;

  /** Asks the system to kill this process when its parent dies; does nothing where the system cannot. */
  dieWithParent(): void;
}

/** A piece of shared memory as this process sees it. */
export interface Mapping {
  readonly address: number;
  readonly byteLength: number;
  readonly buffer: ArrayBuffer;
  /**
   * Gives the memory back to the system. Views of it that live on read zeros instead of crashing the process; what
   * other processes see is not touched.
   */
  release(): void;
}
