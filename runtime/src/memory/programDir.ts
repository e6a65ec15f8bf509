import fs from 'node:fs';
import path from 'node:path';
import { OSError, PlatformError } from '../errors.js';
import { crypto } from '../lazyNode.js';
import { plainly, platform, type FileLock } from '../platform/index.js';

/** A folder that is being made carries a dot, so that nobody takes it for a program whose processes are all dead. */
const MAKING = '.';
const SLOT_FILE = /^slot-\d+$/;
/** Pid and eight hexadecimal digits, as `createProgramDir` names them. */
const PROGRAM = /^\.?\d+-[0-9a-f]{8}$/;

export const slotFile = (dir: string, slot: number): string => path.join(dir, `slot-${slot}`);

/**
 * Makes the folder of a new program, with the lock file of its first process taken, and clears away what programs
 * left behind that were killed. Returns the folder and the lock.
 */
export function createProgramDir(): { dir: string; lock: FileLock | undefined } {
  const root = ensureRoot();
  sweepStale(root);
  const id = `${process.pid}-${crypto().randomBytes(4).toString('hex')}`;
  const dir = path.join(root, id);
  const making = platform().pinsFiles ? dir : path.join(root, MAKING + id);
  try {
    makePrivate(making);
    const lock = platform().lockFile(slotFile(making, 0));
    if (making !== dir) fs.renameSync(making, dir);
    return { dir, lock };
  } catch (error) {
    removeHalfMade(making);
    throw error instanceof PlatformError ? error : unusableRoot(root, error);
  }
}

/** What stands in the way of that is the same that stood in the way of making it, which the caller tells. */
export function removeHalfMade(dir: string): void {
  try {
    fs.rmSync(dir, { recursive: true, force: true });
  } catch {
    // The next program clears it away.
  }
}

function ensureRoot(): string {
  const root = platform().programsRoot();
  try {
    // The mode once more: a umask may have taken away the user's own rights.
    if (fs.mkdirSync(root, { mode: 0o700, recursive: true }) !== undefined) fs.chmodSync(root, 0o700);
  } catch (error) {
    throw unusableRoot(root, error);
  }
  const stat = fs.lstatSync(root);
  const uid = process.getuid?.();
  // Somebody else may have made the folder first, to read what we share: refuse it. Windows has neither user ids nor
  // modes; there the folder is within the user's own one for temporary files, which nobody else may enter.
  const isOpen = uid !== undefined && (stat.uid !== uid || (stat.mode & 0o077) !== 0);
  if (!stat.isDirectory() || isOpen) {
    const message =
      `manycore keeps what processes share in ${root}, which must be a folder of this user alone (mode 0700). ` +
      `Remove it, or set MANYCORE_DIR to another folder.`;
    throw plainly(() => new PlatformError(message));
  }
  return root;
}

function makePrivate(dir: string): void {
  fs.mkdirSync(dir, { mode: 0o700 });
  if (process.getuid === undefined || (fs.lstatSync(dir).mode & 0o700) === 0o700) return;
  const message =
    `manycore cannot share files with its own processes: the umask (0${process.umask().toString(8)}) takes even the ` +
    `owner's rights from what this process makes. Set it to 077 or less.`;
  throw plainly(() => new PlatformError(message));
}

function unusableRoot(root: string, cause: unknown): Error {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'EIO';
  const why =
    {
      EROFS: 'is on a read-only file system',
      EACCES: 'may not be written by this user',
      ENOENT: 'does not exist and cannot be made',
      EEXIST: 'is a file, not a folder',
      ENOTDIR: 'lies below a file, which is no folder',
      ENOSPC: 'is on a file system that is full',
      ERR_ACCESS_DENIED: `Node's permissions close to this process (--allow-fs-read=${root} --allow-fs-write=${root})`,
    }[code] ?? `cannot be used (${code})`;
  const message =
    `manycore keeps what processes share in ${root}, which ${why}. ` +
    `Mend that, or set MANYCORE_DIR to a writable folder on a tmpfs.`;
  return plainly(() => new OSError(code, message, { cause }));
}

/**
 * Removes the folders of programs none of whose processes lives: their lock files are free. The root may be a folder
 * that somebody named in `MANYCORE_DIR` and keeps other things in: what does not look like ours is never touched.
 */
function sweepStale(root: string): void {
  for (const name of fs.readdirSync(root)) {
    if (!PROGRAM.test(name)) continue;
    const dir = path.join(root, name);
    try {
      if (!hasOnlyOurs(dir)) continue;
      if (name.startsWith(MAKING) ? isOld(dir) : !hasLivingProcess(dir)) {
        removeProgramDir(dir);
      }
    } catch {
      // Another program is sweeping too, or its owner has just removed it.
    }
  }
}

/**
 * Removes a program's folder. What cannot be removed because somebody has it mapped stays, and with it the first lock
 * file, by which the folder is known for a program's: the next program removes it.
 */
export function removeProgramDir(dir: string): void {
  if (platform().pinsFiles) {
    for (const name of fs.readdirSync(dir)) {
      if (name !== path.basename(slotFile(dir, 0))) fs.unlinkSync(path.join(dir, name));
    }
  }
  // Processes that end at the same time may remove it together, or lay something down there at the last moment.
  for (let left = 3; left > 0 && fs.existsSync(dir); left--) {
    try {
      fs.rmSync(dir, { recursive: true, force: true });
    } catch (error) {
      if (left === 1) throw error;
    }
  }
}

/** A program's folder has the lock file of its first process, unless its founder is about to make it or has died, and no folders in it. */
function hasOnlyOurs(dir: string): boolean {
  const entries = fs.readdirSync(dir, { withFileTypes: true });
  const hasFirst = entries.length === 0 || entries.some(entry => entry.name === 'slot-0');
  return hasFirst && entries.every(entry => !entry.isDirectory());
}

function isOld(dir: string): boolean {
  return Date.now() - fs.statSync(dir).mtimeMs > 60_000;
}

function hasLivingProcess(dir: string): boolean {
  const names = fs.readdirSync(dir);
  // Where the folder has its name from the start, its lock comes a moment later.
  if (names.length === 0 && platform().pinsFiles) return !isOld(dir);
  return names.some(name => {
    if (!SLOT_FILE.test(name)) return false;
    const probe = platform().probeLock(path.join(dir, name));
    try {
      return probe?.isLocked() === true;
    } finally {
      probe?.close();
    }
  });
}
