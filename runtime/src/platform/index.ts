import { PlatformError } from '../errors.js';
import { createDarwinPlatform } from './darwin.js';
import { loadKoffi } from './koffi.js';
import { createLinuxPlatform } from './linux.js';
import { createWin32Platform } from './win32.js';
import type { Platform } from './platform.js';

export { binaryFile } from './koffi.js';
export { plainly } from './plainly.js';
export type { Doorbell, FileLock, LockProbe, Mapping, Platform, Ringer } from './platform.js';

let current: Platform | undefined;

/** The operating system this process runs on; loaded at first use, so that importing the library costs nothing. */
export function platform(): Platform {
  return (current ??= create());
}

function create(): Platform {
  switch (process.platform) {
    case 'linux':
      return createLinuxPlatform(loadKoffi());
    case 'darwin':
      return createDarwinPlatform(loadKoffi());
    case 'win32':
      return createWin32Platform(loadKoffi());
    default:
      throw new PlatformError(`manycore runs on Linux, macOS and Windows; this is ${process.platform}.`);
  }
}
