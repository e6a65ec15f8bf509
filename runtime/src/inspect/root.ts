import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The folder that has one folder for every running program of this user. */
export function programsRoot(): string {
  const given = process.env['MANYCORE_DIR'];
  if (given) return path.resolve(given);
  if (process.platform === 'linux') return `/dev/shm/manycore-${process.getuid?.() ?? 0}`;
  return path.join(os.tmpdir(), `manycore-${process.getuid?.() ?? os.userInfo().username}`);
}

/** The programs' folders; none when the root is missing or somebody else's. */
export function programDirs(): string[] {
  const root = programsRoot();
  const stat = fs.lstatSync(root, { throwIfNoEntry: false });
  const uid = process.getuid?.();
  if (stat?.isDirectory() !== true || (uid !== undefined && stat.uid !== uid)) return [];
  return fs
    .readdirSync(root, { withFileTypes: true })
    .filter(entry => entry.isDirectory() && !entry.name.startsWith('.')) // a dot: it is being made
    .map(entry => path.join(root, entry.name));
}
