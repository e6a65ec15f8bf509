/**
 * What the library needs of an operating system. Everything above this folder is the same everywhere; everything that
 * differs between systems is behind this interface. Files go by their paths, because what a system makes of an open
 * file (a descriptor, a handle) is its own affair.
 */
export interface Platform {
  readonly name: 'linux' | 'darwin' | 'win32';

  /**
   * Whether files hold on to their names while they are open or mapped: then they may not be removed, nor their folder
   * be renamed, and `lockFile` makes a file and locks it in one step, so that nobody ever sees it free.
   */
  readonly pinsFiles: boolean;

  /** The folder under which every program of this user keeps one folder; private to the user. */
  programsRoot(): string;

  /**
   * Says which program and which place in it this process has. Sleeping and waking need it where the system cannot put
   * threads of several processes to sleep on a word by itself; does nothing elsewhere.
   */
  joinProgram(dir: string, slot: number): void;

  /** Gives back what `joinProgram` took, so that the program's folder can be removed. Nobody sleeps after it. */
  leaveProgram(): void;

  /**
   * Makes a file of shared memory, zeroed, with all its room taken, so that no later touch can fail; and maps it.
   * Throws OSError (`EEXIST`, `ENOSPC`, `EFBIG`, …).
   */
  createMemory(path: string, byteLength: number): Mapping;

  /** Maps the whole of a file that another process made. Throws OSError or Node's error of that name (`ENOENT`, …). */
  openMemory(path: string): Mapping;

  /**
   * Removes the file's name; who has it mapped keeps the memory. Where the system refuses to remove the name of what
   * is mapped, it goes with the program's folder. Never throws.
   */
  removeMemory(path: string): void;

  /**
   * Asks the C library to keep large blocks of memory that this process frees for the next ones it needs, up to
   * `byteLength` in all: taking fresh memory costs more than filling it. Absent where the system offers no such thing.
   */
  keepFreedMemory?(byteLength: number): void;

  /**
   * Sleeps while the 32-bit word at `address` holds `expected`, at most `ms` milliseconds. May return early: the caller
   * looks at the word again. Blocks the thread; signal handlers do not run meanwhile, so keep `ms` at 100 or less.
   */
  waitOnWord(address: number, expected: number, ms: number): void;

  /**
   * Wakes up to `count` threads of any process that sleep on the word. Returns 0 when it found nobody asleep, else how
   * many it woke, or 1 where the system does not count.
   */
  wakeWord(address: number, count: number): number;

  /**
   * Takes the exclusive lock of a file, which is made if there is none, without waiting; undefined when somebody has
   * it, or is just asking about it. Throws what the system says when the file cannot be opened.
   */
  lockFile(path: string): FileLock | undefined;

  /** Opens a file to ask about its lock; undefined when there is no such file, so that nobody can hold it. */
  probeLock(path: string): LockProbe | undefined;

  /**
   * In a child, at its start: sees that the lock which the parent took for it is its own, and that its children will
   * not inherit it. `fd` is where `FileLock.inherited` has come to. Returns false when the lock will never come, because
   * the parent died just now.
   */
  receiveLock(path: string, fd: number, handOver: HandOver): boolean;

  /** Makes this process's doorbell at `path`; `rung` gets what was written, in turns of the event loop. */
  listen(path: string, rung: (bytes: Buffer) => void): Doorbell;

  /** Opens somebody's doorbell for ringing. Throws (`ENOENT`, `ENXIO`) when nobody listens. */
  openRinger(path: string): Ringer;

  /**
   * Asks the system to kill this process when its parent dies. Returns false where the system cannot: the process has
   * to look itself.
   */
  dieWithParent(): boolean;

  /** Takes that back; absent where the system cannot be asked. */
  outliveParent?(): void;

  /** What ends processes together with the main one; absent where the system has no such thing. See lifeline.ts. */
  readonly lifeline?: {
    /** In the main process: makes it at `path`, and holds it for life. */
    hold(path: string): void;
    /**
     * In a child: makes it ready for `cut`; what is answered then has the system kill it when the main process dies
     * (false: it has been cut before). Undefined when it cannot.
     */
    catch(path: string): (() => boolean) | undefined;
    /** In the main process: the child lives on without it, once it has heard. Only for who has said that it is ready. */
    cut(pid: number): void;
    /** In the main process: whether the child has not heard of `cut` yet; false where nobody can tell. */
    holds(pid: number): boolean;
  };
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
  /**
   * As `release`, but the memory stays mapped in this process, at other addresses: the new mapping, which has no page
   * to be faulted in anew. Undefined, and nothing has happened, where the system cannot; absent where it never can.
   */
  moveAway?(): Mapping | undefined;
  /**
   * After `release`: the addresses may be used for something else. Only for who knows that no view lives on; absent
   * where the system does not need to be told.
   */
  forget?(): void;
}

/** A file's exclusive lock. The system drops it when the last process that holds it has died, however it died. */
export interface FileLock {
  /** What a child started by Node gets as a descriptor of its own (an entry of `stdio`), so that it holds the lock too. */
  readonly inherited: number | 'ignore';
  /**
   * To be called once the child runs, before anybody is told its pid: from now on the child holds the lock, too. If it
   * cannot be (the child has ended already), the lock goes with this process's `drop`, and the child, if it lives, ends.
   */
  giveTo(pid: number): void;
  /** This process holds the lock no longer; who was given it does. */
  drop(): void;
}

/** How far the handing over of a lock has come, as a child sees it. */
export interface HandOver {
  /** Whether the parent has written that the child has the lock. */
  isGiven(): boolean;
  isGiverDead(): boolean;
}

/** Asks about a file's lock, as often as one likes. */
export interface LockProbe {
  isLocked(): boolean;
  close(): void;
}

/** What wakes this process's event loop. Made without holding the process. */
export interface Doorbell {
  /** While it holds the process, the event loop does not end. */
  ref(): void;
  unref(): void;
}

/** Somebody's doorbell, opened for ringing. */
export interface Ringer {
  /** Writes `what`, without waiting. Throws when nobody listens any more; a full bell has been rung, that is enough. */
  ring(what: Buffer): void;
  close(): void;
}
