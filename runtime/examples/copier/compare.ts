// Are two folder trees the same, byte for byte?
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { type TreePlan, planTree } from './plan.js';

/** The path of the first thing that is not the same in both trees, or null. Permissions do not count. */
export async function firstDifference(one: string, other: string): Promise<string | null> {
  const [a, b] = await Promise.all([planTree(one), planTree(other)]);
  const [outlineA, outlineB] = [outline(a), outline(b)];
  for (const [entry, what] of outlineA) if (outlineB.get(entry) !== what) return entry;
  for (const entry of outlineB.keys()) if (!outlineA.has(entry)) return entry;
  for (const file of a.files) {
    if (!(await sameBytes(path.join(one, file.path), path.join(other, file.path)))) return file.path;
  }
  return null;
}

function outline(plan: TreePlan): Map<string, string> {
  return new Map([
    ...plan.folders.map(folder => [folder.path, 'folder'] as const),
    ...plan.links.map(link => [link.path, `link to ${link.target}`] as const),
    ...plan.files.map(file => [file.path, `file of ${file.size} bytes`] as const),
    ...plan.leftOut.map(entry => [entry.path, entry.why] as const),
  ]);
}

/** Both files have the same size, and a stream fills its blocks: equal files give equal blocks. */
async function sameBytes(one: string, other: string): Promise<boolean> {
  const options = { highWaterMark: 256 * 1024 };
  const others = createReadStream(other, options)[Symbol.asyncIterator]();
  for await (const block of createReadStream(one, options) as AsyncIterable<Buffer>) {
    const next = await others.next();
    if (next.done === true || !block.equals(next.value as Buffer)) {
      await others.return?.();
      return false;
    }
  }
  return (await others.next()).done === true;
}
