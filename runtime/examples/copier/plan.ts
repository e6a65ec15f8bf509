// What has to be copied: every file, folder and link below the source, found before the first byte is written.
import { isUtf8 } from 'node:buffer';
import fs from 'node:fs/promises';
import path from 'node:path';

export interface FileEntry {
  /** Relative to the source, as all paths of a plan. */
  path: string;
  /** Bytes. */
  size: number;
  /** Permission bits. */
  mode: number;
}

export interface TreePlan {
  files: FileEntry[];
  /** Parents before their children. */
  folders: { path: string; mode: number }[];
  /** Links are copied as links, wherever they point to: a copy neither follows nor breaks them. */
  links: { path: string; target: string }[];
  /** What no copy can be made of, and why: sockets, devices, names that are no text. */
  leftOut: { path: string; why: string }[];
  /** Sum over the files. */
  bytes: number;
}

export async function planTree(source: string): Promise<TreePlan> {
  const plan: TreePlan = { files: [], folders: [], links: [], leftOut: [], bytes: 0 };
  await addFolder(plan, source, '');
  return plan;
}

async function addFolder(plan: TreePlan, source: string, folder: string): Promise<void> {
  // As bytes: a name that is not UTF-8 would come back as another name, which does not exist.
  const names = await fs.readdir(path.join(source, folder), { encoding: 'buffer' });
  for (const bytes of names.sort((a, b) => a.compare(b))) {
    const entry = path.join(folder, bytes.toString('utf8'));
    if (isUtf8(bytes)) await addEntry(plan, source, entry);
    else plan.leftOut.push({ path: entry, why: 'its name is not UTF-8' });
  }
}

async function addEntry(plan: TreePlan, source: string, entry: string): Promise<void> {
  const stats = await fs.lstat(path.join(source, entry));
  const mode = stats.mode & 0o777;
  if (stats.isFile()) {
    plan.files.push({ path: entry, size: stats.size, mode });
    plan.bytes += stats.size;
  } else if (stats.isDirectory()) {
    plan.folders.push({ path: entry, mode });
    await addFolder(plan, source, entry);
  } else if (stats.isSymbolicLink()) {
    plan.links.push({ path: entry, target: await fs.readlink(path.join(source, entry)) });
  } else {
    plan.leftOut.push({ path: entry, why: 'it is neither a file, a folder nor a link' });
  }
}
