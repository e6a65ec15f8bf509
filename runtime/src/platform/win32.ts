import type { Koffi } from './koffi.js';
import type { Platform } from './platform.js';
import { programsRoot } from './programsRoot.js';
import { loadApi } from './win32/api.js';
import { listen, openRinger } from './win32/doorbell.js';
import { Win32Locks } from './win32/locks.js';
import { Win32Memory } from './win32/memory.js';
import { Win32Sleepers } from './win32/sleepers.js';

/** Windows: mapped files, files that nobody else may write to, events, named pipes. */
export function createWin32Platform(koffi: Koffi): Platform {
  const api = loadApi(koffi);
  const memory = new Win32Memory(koffi, api);
  const locks = new Win32Locks(api);
  const sleepers = new Win32Sleepers(api, memory);
  return {
    name: 'win32',
    pinsFiles: true,
    programsRoot,
    joinProgram: (dir, slot) => sleepers.join(dir, slot),
    leaveProgram: () => sleepers.leave(),
    createMemory: (path, byteLength) => memory.create(path, byteLength),
    openMemory: path => memory.open(path),
    removeMemory: path => memory.remove(path),
    waitOnWord: (address, expected, ms) => sleepers.sleep(address, expected, ms),
    wakeWord: (address, count) => sleepers.wake(address, count),
    lockFile: path => locks.take(path),
    probeLock: path => locks.probe(path),
    receiveLock: (path, _fd, handOver) => locks.receive(path, handOver),
    listen,
    openRinger,
    // Node puts its children into a job that ends with it; who was started by something else looks by itself.
    dieWithParent: () => false,
  };
}
