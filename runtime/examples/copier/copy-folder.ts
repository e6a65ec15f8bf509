// Copies a folder with a pool of processes and shows how far it is:
//
//   copy-folder.ts <source> [<destination>]
//
// Without a destination the copy lies beside the source: photos -> photos[copy]. Exit code 0: the copy is whole.
import fs from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Empty, Pool, Queue, isMain } from 'manycore';
import { type Report, copyFile } from './copy-file.js';
import { Refusal, checkPlaces, defaultDestination } from './places.js';
import { type TreePlan, planTree } from './plan.js';
import { printable, showProgress } from './progress.js';

/** Copies the planned files, three at a time. Resolves to what failed. */
async function copyFiles(plan: TreePlan, source: string, destination: string): Promise<unknown[]> {
  const progress = showProgress({ files: plan.files.length, bytes: plan.bytes }, process.stdout);
  const reports = new Queue<Report>();
  await using pool = new Pool(3);
  const results = plan.files.map(file => {
    const job = {
      name: file.path,
      from: path.join(source, file.path),
      to: path.join(destination, file.path),
      mode: file.mode,
    };
    return pool.applyAsync(copyFile, [job, reports]);
  });
  pool.close();

  const over = new AbortController();
  const settled = Promise.allSettled(results.map(result => result.get())).finally(() => over.abort());
  for await (const report of reportsUntil(over.signal, reports)) progress.advance(report);
  progress.finish();
  return (await settled).flatMap(result => (result.status === 'rejected' ? [result.reason as unknown] : []));
}

/** Counting the reports would not do: a task that fails, or whose worker is killed, never sends its last one. */
async function* reportsUntil(over: AbortSignal, reports: Queue<Report>): AsyncGenerator<Report> {
  while (!over.aborted) {
    try {
      yield await reports.get({ signal: over });
    } catch (error) {
      if (!over.aborted) throw error;
    }
  }
  for (;;) {
    try {
      yield reports.getNowait();
    } catch (error) {
      if (error instanceof Empty) return;
      throw error;
    }
  }
}

async function copyFolder(source: string, destination: string): Promise<boolean> {
  if ((await checkPlaces(source, destination)) === 'same') {
    console.log(`'${destination}' is that copy already.`);
    return true;
  }
  const plan = await planTree(source);
  const folders = [{ path: '', mode: (await fs.stat(source)).mode & 0o777 }, ...plan.folders];
  for (const folder of folders) await fs.mkdir(path.join(destination, folder.path), { recursive: true });
  for (const link of plan.links) await fs.symlink(link.target, path.join(destination, link.path));
  const failures = plan.files.length === 0 ? [] : await copyFiles(plan, source, destination);
  // Last, and the deepest first: nothing can be put into a folder that is read-only.
  for (const folder of folders.reverse()) await fs.chmod(path.join(destination, folder.path), folder.mode);

  for (const failure of failures) console.error(failure instanceof Error ? failure.message : failure);
  for (const entry of plan.leftOut) console.error(`left out: '${printable(entry.path)}', ${entry.why}`);
  const copied = plan.files.length - failures.length;
  console.log(
    `Copied ${copied} of ${plan.files.length} files, ${plan.folders.length} folders and ${plan.links.length} links ` +
      `to '${destination}'.`,
  );
  return failures.length === 0 && plan.leftOut.length === 0;
}

async function askForSource(): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await terminal.question('Folder to copy: ');
  } finally {
    terminal.close();
  }
}

if (isMain(import.meta)) {
  const [source, destination, ...others] = process.argv.slice(2);
  if (others.length > 0 || (source === undefined && !process.stdin.isTTY)) {
    console.error('usage: copy-folder <source> [<destination>]');
    process.exit(2);
  }
  try {
    const from = source ?? (await askForSource());
    process.exitCode = (await copyFolder(from, destination ?? defaultDestination(from))) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    console.error(`copy-folder: ${error.message}`);
    process.exitCode = 2;
  }
}
