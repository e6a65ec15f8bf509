import path from 'node:path';
import { os } from '../lazyNode.js';

/**
 * The folder that has one folder for every running program of this user: below `/dev/shm` on Linux, which is memory and
 * nothing else; in the user's folder for temporary files on macOS and Windows, whose systems have no such place.
 * `MANYCORE_DIR` names another one. Needs no foreign functions: readers of the process table ask, too.
 */
export function programsRoot(): string {
  const given = process.env['MANYCORE_DIR'];
  if (given) return path.resolve(given);
  if (process.platform === 'linux') return `/dev/shm/manycore-${process.getuid?.() ?? 0}`;
  return path.join(os().tmpdir(), `manycore-${process.getuid?.() ?? userName()}`);
}

/** Names may hold what a path may not. */
function userName(): string {
  try {
    return os()
      .userInfo()
      .username.replace(/[^\w.-]/g, '_');
  } catch {
    return 'user';
  }
}
