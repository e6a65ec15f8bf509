import fs from 'node:fs';
import path from 'node:path';
import { programsRoot } from '../platform/programsRoot.js';

export { programsRoot };

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
