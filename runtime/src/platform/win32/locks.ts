import path from 'node:path';
import { nap } from '../nap.js';
import type { FileLock, HandOver, LockProbe } from '../platform.js';
import {
  ERROR_SHARING_VIOLATION,
  FILE_ATTRIBUTE_NORMAL,
  FILE_SHARE_DELETE,
  FILE_SHARE_READ,
  FILE_SHARE_WRITE,
  GENERIC_READ_WRITE,
  INVALID_HANDLE,
  OPEN_ALWAYS,
  OPEN_EXISTING,
  THIS_PROCESS,
  type Api,
} from './api.js';

const PROCESS_DUP_HANDLE = 0x40;
const DUPLICATE_SAME_ACCESS = 2;
const HANDLE_BYTES = 8;

/**
 * Locks that outlive whoever took them, as long as somebody has them: a file that is open and that nobody else may
 * open for writing. It belongs to the open file, not to the process (as a lock of LockFileEx would): a duplicate of the
 * handle in another process holds it, too. Windows closes all handles of a process at its end, whatever end that is.
 *
 * How a child gets the lock of its slot, so that at no moment a living child is without it:
 *
 * 1. The parent opens the file (`lockFile`) and starts the child.
 * 2. `giveTo` duplicates the handle into the child, which does nothing for it; the parent writes the child's pid into
 *    the table, then closes its own handle.
 * 3. The child waits at its start (`receiveLock`) until its pid is in the table.
 *
 * The parent may die after any step. Before the duplication its handle was the only one: the child sees the lock free,
 * and ends. After it and before the pid: the lock is held and the parent, whose own slot is free, is not who holds it,
 * so the child does. The handle cannot be inherited: no grandchild keeps a dead process alive.
 */
export class Win32Locks {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  take(file: string): FileLock | undefined {
    const api = this.#api;
    // Others may remove the file: that is how the program's folder goes while its main process still runs.
    const handle = this.#open(file, FILE_SHARE_READ | FILE_SHARE_DELETE, OPEN_ALWAYS);
    if (handle === INVALID_HANDLE) {
      if (api.lastError() === ERROR_SHARING_VIOLATION) return undefined;
      throw api.failure(`open ${file}`);
    }
    return {
      inherited: 'ignore',
      giveTo: pid => this.#give(handle, pid),
      drop: () => void api.CloseHandle(handle),
    };
  }

  /** A file that exists; `undefined` when it does not. It is opened anew for each question, and closed at once. */
  probe(file: string): LockProbe | undefined {
    if (this.#isHeld(file) === undefined) return undefined;
    return { isLocked: () => this.#isHeld(file) === true, close: () => undefined };
  }

  receive(file: string, { isGiven, isGiverDead }: HandOver): boolean {
    while (!isGiven()) {
      if (isGiverDead()) return this.#isHeld(file) === true;
      nap(1);
    }
    return true;
  }

  /** Undefined when there is no such file. */
  #isHeld(file: string): boolean | undefined {
    const handle = this.#open(file, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, OPEN_EXISTING);
    if (handle !== INVALID_HANDLE) {
      this.#api.CloseHandle(handle);
      return false;
    }
    if (this.#api.lastError() === ERROR_SHARING_VIOLATION) return true;
    const error = this.#api.failure(`open ${file}`);
    // Access is denied to a file whose removal waits for its last handle: its folder has gone with its program.
    if (error.code === 'ENOENT' || error.code === 'EACCES') return undefined;
    throw error;
  }

  #open(file: string, share: number, disposition: number): number {
    const name = path.toNamespacedPath(file);
    return Number(this.#api.CreateFileW(name, GENERIC_READ_WRITE, share, 0, disposition, FILE_ATTRIBUTE_NORMAL, 0));
  }

  #give(handle: number, pid: number): void {
    const api = this.#api;
    const child = Number(api.OpenProcess(PROCESS_DUP_HANDLE, 0, pid));
    if (child === 0) return; // it has ended already
    api.DuplicateHandle(THIS_PROCESS, handle, child, Buffer.alloc(HANDLE_BYTES), 0, 0, DUPLICATE_SAME_ACCESS);
    api.CloseHandle(child);
  }
}
