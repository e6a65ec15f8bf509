import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { moduleUrl } from '../callSites.js';
import { isBundled, singleExecutable } from '../home.js';
import { nodeModule, workerThreads } from '../lazyNode.js';
import { isChildProcess } from './current.js';

const EXTENSIONS = ['', '.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '.tsx', '.jsx'];

/**
 * Whether the module is the one that was started, in the process that was started: the guard for what a program does
 * when it is run rather than imported (Python: `if __name__ == '__main__'`). Give it `import.meta`, or `module` in
 * CommonJS. False in every process that this library started, and in worker threads.
 */
export function isMain(meta: ImportMeta | NodeModule): boolean {
  if (isChildProcess() || !workerThreads().isMainThread) return false;
  if (singleExecutable() !== null) return true;
  if ('main' in meta && typeof meta.main === 'boolean') return meta.main;
  if ('filename' in meta && 'paths' in meta && !isBundled) return require.main === meta;
  const url = moduleUrl(meta, isMain);
  return url?.startsWith('file:') === true && isEntry(url);
}

/** Compares files, not names: the entry may be given without its extension, as a folder, or through a link. */
function isEntry(url: string): boolean {
  const entry = process.argv[1];
  if (entry === undefined) return false;
  const file = fileURLToPath(url);
  return entry === file || entryFiles(entry).some(each => each === file || each === realPath(file));
}

function entryFiles(entry: string): string[] {
  const absolute = path.resolve(entry);
  for (const extension of EXTENSIONS) {
    const file = absolute + extension;
    if (fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true) return [file, realPath(file)];
  }
  try {
    // A folder: the `main` of its package.json, or its index.
    const file = nodeModule().createRequire(path.join(absolute, 'package.json')).resolve(absolute);
    return [file, realPath(file)];
  } catch {
    return [];
  }
}

function realPath(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return file;
  }
}
