import fs from 'node:fs';
import type { Library } from './koffi.js';
import { bindIfThere } from './symbols.js';

const F_SETFL = 4;
const F_SETOWN = 8;
const F_SETSIG = 10;
const F_DUPFD_CLOEXEC = 1030;
const O_ASYNC = 0x2000;
const SIGKILL = 9;
const { O_RDONLY, O_RDWR, O_NONBLOCK } = fs.constants;

/**
 * A real-time signal, and the descriptor by which a process hangs on the lifeline. They are one number because the
 * signal's handler is close(2) itself, which is given the signal's number: so a process lets go of the lifeline also
 * while it is deep in JavaScript that never returns.
 */
export const CUT = 63;

/**
 * What ends processes with the main one, whatever they are doing, unless it has told them that they may go on: a FIFO
 * that the main process holds open. The system sends who has asked for it a signal when the last holder is gone, and
 * that signal is SIGKILL. (To die with the parent, see `dieWithParent`, is another thing: a process outlives a parent
 * that was terminated, and nobody could call that off.)
 */
export class Lifeline {
  readonly #libc: Library;
  #held: number | undefined;

  constructor(libc: Library) {
    this.#libc = libc;
  }

  /** In the main process, which holds it until its end. Nothing happens where the system has no room for it. */
  hold(path: string): void {
    if (this.#held !== undefined) return;
    const mkfifo = bindIfThere(this.#libc, 'int mkfifo(const char *path, uint32_t mode)');
    try {
      // Read and write: who only writes would wait for a reader.
      if (mkfifo?.(path, 0o600) === 0) this.#held = fs.openSync(path, O_RDWR | O_NONBLOCK);
    } catch {
      // Then processes look by themselves whether the main one lives.
    }
  }

  /** Whether a process hangs on it still; false as well where that cannot be told, for want of /proc. */
  isHeldBy(pid: number): boolean {
    if (this.#held === undefined) return false;
    try {
      const own = fs.fstatSync(this.#held);
      const { dev, ino } = fs.statSync(`/proc/${pid}/fd/${CUT}`);
      return dev === own.dev && ino === own.ino;
    } catch {
      return false;
    }
  }

  /**
   * In a child: from the return of this on it is ready for the signal `CUT`, and from the call of what is answered it
   * hangs on the lifeline, unless that has been cut meanwhile. Undefined where it cannot.
   */
  catch(path: string): (() => boolean) | undefined {
    const fcntl = bindIfThere(this.#libc, 'int fcntl(int fd, int command, int argument)');
    const dlsym = bindIfThere(this.#libc, 'intptr_t dlsym(intptr_t library, const char *name)');
    const signal = bindIfThere(this.#libc, 'intptr_t signal(int number, intptr_t handler)');
    if (fcntl === undefined || dlsym === undefined || signal === undefined) return undefined;
    const close = dlsym(0, 'close');
    if (Number(close) === 0 || !openAs(CUT, path, fcntl)) return undefined;
    signal(CUT, close);
    if (fcntl(CUT, F_SETSIG, SIGKILL) !== 0 || fcntl(CUT, F_SETOWN, process.pid) !== 0) return undefined;
    return () => fcntl(CUT, F_SETFL, O_NONBLOCK | O_ASYNC) === 0;
  }
}

/** Opens a FIFO as the descriptor of this very number; false if that is taken, or there is no FIFO. */
function openAs(fd: number, path: string, fcntl: (...args: readonly unknown[]) => number | bigint): boolean {
  let opened: number;
  try {
    opened = fs.openSync(path, O_RDONLY | O_NONBLOCK);
  } catch {
    return false;
  }
  const got = Number(fcntl(opened, F_DUPFD_CLOEXEC, fd));
  fs.closeSync(opened);
  if (got !== fd && got >= 0) fs.closeSync(got);
  return got === fd;
}
