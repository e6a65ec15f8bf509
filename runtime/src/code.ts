import fs from 'node:fs';
import path from 'node:path';

/** What the loader gives the library, which it has compiled by hand. */
export interface Host {
  /** The library's code as V8 compiled it, for another process's loader. */
  compiled(): Buffer;
  import(url: string): Promise<unknown>;
}

/** There is none where a bundler has taken the loader away. */
declare const manycoreHost: Host | undefined;
const host = typeof manycoreHost === 'undefined' ? undefined : manycoreHost;

/** Imports a module of the user's. */
export const importModule = (url: string): Promise<unknown> => host?.import(url) ?? import(url);

/** The file of a program's folder in which its children find the library compiled. */
export const CODE_FILE = 'code';

let shared = false;

/**
 * Lays this process's compiled code into the program's folder, once. It is called when a child has just been started
 * and takes its time to boot; renamed into place, so that nobody reads half of it.
 */
export function shareCode(dir: string): void {
  if (shared || host === undefined) return;
  shared = true;
  const file = path.join(dir, CODE_FILE);
  if (fs.existsSync(file)) return;
  try {
    fs.writeFileSync(`${file}-${process.pid}`, host.compiled(), { mode: 0o600 });
    fs.renameSync(`${file}-${process.pid}`, file);
  } catch {
    // No room for it: children compile for themselves.
  }
}
