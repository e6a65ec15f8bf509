import fs from 'node:fs';
import path from 'node:path';

/** What the loader gives the library, which it has compiled by hand. */
export interface Host {
  /** The library's code as V8 compiled it, for another process's loader. */
  compiled(): Buffer;
  import(url: string): Promise<unknown>;
  /** Where the program's first process has found the binary of koffi. */
  readonly binary: string | undefined;
  /** Whether this process goes by code that another one has compiled. */
  readonly tookCode: boolean;
}

/** There is none where a bundler has taken the loader away. */
declare const manycoreHost: Host | undefined;
const host = typeof manycoreHost === 'undefined' ? undefined : manycoreHost;

let untouched = false;

/** For the child's bootstrap: no module of the user's has been loaded yet, and none of Node's options loads one. */
export function noteUntouched(): void {
  const options = `${process.execArgv.join(' ')} ${process.env['NODE_OPTIONS'] ?? ''}`;
  // Node takes `--experimental_loader`, too.
  untouched = !LOADS_OR_HOOKS.test(options.replaceAll('_', '-')) && requireTakesAll();
}

/** Options by which modules run before all others: they may have changed how modules are found and read. */
const LOADS_OR_HOOKS = /(^|\s)(-r|--require|--import|--loader|--experimental-loader|--experimental-\S*config\S*)\b/;

/** Whether `require` takes ES modules, and says nothing about it. */
function requireTakesAll(): boolean {
  if (Reflect.get(process.features, 'require_module') !== true) return false;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const since: Readonly<Record<number, number>> = { 20: 19, 22: 13, 23: 5 };
  return major > 23 || minor >= (since[major] ?? Infinity);
}

/**
 * Whether the user's first modules may be loaded with `require`, which spares Node the setting up of all that `import()`
 * takes. True once: code of theirs that has run may have put hooks between.
 */
export function mayRequireAny(): boolean {
  const may = untouched;
  untouched = false;
  return may;
}

/** Imports a module of the user's. */
export function importModule(url: string): Promise<unknown> {
  untouched = false;
  return host?.import(url) ?? import(url);
}

/** The file of a program's folder in which its children find the library compiled. */
export const CODE_FILE = 'code';
/** It ends with the path of koffi's binary, and the length of that in so many bytes. */
export const LENGTH_BYTES = 4;

/** The path of koffi's binary, if a process before this one has looked for it. */
export const knownBinary = (): string | undefined => host?.binary;

let shared = false;

/**
 * Lays this process's compiled code into the program's folder, once. It is called when a child has just been started
 * and takes its time to boot; renamed into place, so that nobody reads half of it.
 */
export function shareCode(dir: string, binary: string): void {
  if (shared || host === undefined) return;
  shared = true;
  const file = path.join(dir, CODE_FILE);
  if (fs.existsSync(file)) return;
  lay(file, `${file}-${process.pid}`, binary);
}

/** How long a child is left alone before it shares what it has compiled, in milliseconds. */
const SETTLED = 1000;

/**
 * In a child: once for all of the program, when it has settled or ends, the code is laid down anew. What the first
 * process has compiled lacks all that only children do, which each of them would compile for itself.
 */
export function shareChildsCode(dir: string, binary: string): void {
  // Who could not take it has another Node, or other options of V8: the others could not take what it would share.
  if (host?.tookCode !== true) return;
  const file = path.join(dir, CODE_FILE);
  const mark = `${file}-of-child`;
  let done = false;
  const share = (): void => {
    if (done) return;
    done = true;
    if (!fs.existsSync(file) || fs.existsSync(mark)) return;
    try {
      // Whoever makes this file is the one; when it dies before it is through, nothing is lost.
      fs.closeSync(fs.openSync(mark, 'wx', 0o600));
    } catch {
      return; // another one is
    }
    lay(file, `${file}-${process.pid}`, binary);
  };
  setTimeout(share, SETTLED).unref();
  // Before this process says that it ends: whoever is the last then removes the folder.
  process.prependOnceListener('exit', share);
}

function lay(file: string, draft: string, binary: string): void {
  const place = Buffer.from(binary);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(place.length);
  try {
    if (host === undefined) return;
    fs.writeFileSync(draft, Buffer.concat([host.compiled(), place, length]), { mode: 0o600 });
    fs.renameSync(draft, file);
  } catch {
    // No room for it: children compile for themselves.
  }
}

/** Whether `require` here is Node's own: so it is where the loader has compiled the library. */
export const hasNodesRequire = host !== undefined;
