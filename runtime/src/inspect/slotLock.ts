import fs from 'node:fs';

/** open(2) of macOS: take a shared lock of the file in the same step. */
const O_SHLOCK = 0x10;

/**
 * Whether somebody holds the lock of a slot, which the process in it does from before its first instruction to its
 * death: asked with nothing but an attempt to open the file. Undefined where that says nothing: on Linux, where the
 * process table of the system does, or when the file may not be opened.
 *
 * On macOS the attempt takes a shared lock for the moment, which waits for nobody; on Windows the holder has the file
 * open in a way that lets nobody else open it for writing.
 */
export function isSlotLocked(file: string, system = process.platform, open = fs.openSync): boolean | undefined {
  if (system !== 'darwin' && system !== 'win32') return undefined;
  const flags = system === 'darwin' ? fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | O_SHLOCK : 'r+';
  try {
    fs.closeSync(open(file, flags));
    return false;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    return code === (system === 'darwin' ? 'EAGAIN' : 'EBUSY') ? true : undefined;
  }
}
