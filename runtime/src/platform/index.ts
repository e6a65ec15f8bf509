import { PlatformError } from '../errors.js';
import { loadKoffi } from './koffi.js';
import { createLinuxPlatform } from './linux.js';
import type { Platform } from './platform.js';

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
    default:
      throw new PlatformError(
        `manycore does not run on ${process.platform} yet: shared memory, wake-ups and doorbells are written for Linux so far.`,
      );
  }
}
