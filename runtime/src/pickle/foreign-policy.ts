import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { UnpicklingError } from '../errors.js';
import { programEntry } from '../memory/index.js';
import { isPure } from './builtins.js';
import { describeReference, exposedAs, type Reference } from './reference.js';
import { isModuleLoaded, type ReferencePolicy } from './resolve.js';

/**
 * What messages of other programs may name besides what they may by default: modules (absolute paths, `file:` or `node:`
 * URLs; a folder, ending in a slash, stands for every module below it), or a function that is asked.
 */
export type AllowModules = readonly (string | URL)[] | ReferencePolicy;

/** Files that Node runs as JavaScript: naming another kind (a native addon) gives nobody a function. */
const SOURCE = /\.[cm]?[jt]sx?$/;

/**
 * Which functions and classes a message of another program may name here. By default: what this process has loaded
 * anyway; modules below the folder of the program's own package, its `node_modules` left out; and functions of the
 * language and of Node that do nothing but compute. Naming a module that is allowed has it imported.
 */
export class ForeignPolicy {
  readonly #asked: ReferencePolicy;
  readonly #approved = new WeakSet<Reference>();

  /** Throws `TypeError` for an entry that names no module. */
  constructor(allow: AllowModules = []) {
    this.#asked = typeof allow === 'function' ? allow : listed(allow);
  }

  /** Throws `UnpicklingError` that names the reference and the ways to allow it. Loads nothing. */
  readonly check = (reference: Reference): void => {
    if (this.#approved.has(reference)) return;
    const refusal = this.#refusalOf(reference);
    if (refusal !== null) {
      throw new UnpicklingError(
        `cannot read a message from another program: it names ${describeReference(reference)}, ${refusal}`,
      );
    }
    this.#approved.add(reference);
  };

  #refusalOf({ kind, url, name, member }: Reference): string | null {
    if (kind === 'library') return null;
    if (kind === 'global' || kind === 'node') {
      if (isPure(kind === 'global' ? '' : url, name, member) || (kind === 'node' && this.#asked(url, name)))
        return null;
      return kind === 'global'
        ? 'a global function that does more than compute. Send it by a name of your own, an exported function.'
        : `and that module of Node does more than compute. ${allowance(url)}`;
    }
    if (kind === 'exposed' && exposedAs(url, name) !== undefined) return null;
    if (!url.startsWith('file:')) return 'which is no file.';
    const file = plainFile(url);
    if (file === null) {
      // Such a spelling is nobody's import, unless this process itself imported it so (a query, say).
      return isModuleLoaded(url) ? null : 'which is not how that file is spelled, so it is not imported.';
    }
    if (this.#asked(url, name) || isModuleLoaded(url)) return null;
    const folder = packageFolder();
    if (folder !== null && isBelow(folder, file) && isOwnSource(folder, file)) return null;
    const where = folder === null ? '' : ` and which is no source file of its package (${folder})`;
    return `which this process has not loaded${where}. Import that module first, or allow it: ${allowance(url)}`;
  }
}

const allowance = (url: string): string => `{ allowModules: [${JSON.stringify(url)}] }.`;

function listed(entries: readonly (string | URL)[]): ReferencePolicy {
  const urls = entries.map(urlOf);
  return url => urls.some(each => (each.endsWith('/') ? isBelowUrl(each, url) : plain(each) === plain(url)));
}

function urlOf(entry: string | URL): string {
  if (entry instanceof URL) return entry.href;
  if (entry.startsWith('node:')) return entry;
  if (entry.startsWith('file:///')) return new URL(entry).href;
  if (!path.isAbsolute(entry)) {
    throw new TypeError(`allowModules: '${entry}' is neither an absolute path nor a file: or node: URL`);
  }
  return pathToFileURL(entry).href;
}

function isBelowUrl(folder: string, url: string): boolean {
  const file = plainFile(url);
  return file !== null && isBelow(realFolder(fileURLToPath(folder)), file) && isReal(file);
}

/** Versions of Node differ in whether these characters of a path are escaped in its URL. */
const plain = (url: string): string => url.replace(/%(?:5B|5D|5E|7C|7E)/gi, decodeURIComponent);

/**
 * The file that a URL names in the one way that Node spells it: no query, no `..` in any escape, and no other machine
 * (on Windows, looking such a file up would send it our credentials). Null for all other spellings.
 */
function plainFile(url: string): string | null {
  if (!url.startsWith('file:///')) return null;
  try {
    const file = fileURLToPath(url);
    return plain(pathToFileURL(file).href) === plain(url) ? file : null;
  } catch {
    return null;
  }
}

/** By the letters alone: nothing outside of the folder is ever looked at. */
function isBelow(folder: string, file: string): boolean {
  const inside = path.relative(folder, file);
  // path.relative takes other cases of letters for the same file on Windows: the file's own spelling decides.
  return inside !== '' && !path.isAbsolute(inside) && inside.split(path.sep)[0] !== '..' && file.endsWith(inside);
}

function isOwnSource(folder: string, file: string): boolean {
  const inside = path.relative(folder, file).split(path.sep);
  // A colon names a hidden stream of a file on Windows.
  return !inside.includes('node_modules') && SOURCE.test(file) && !inside.join('').includes(':') && isReal(file);
}

/** Spelled as the file system has it: no symbolic link that leads elsewhere, no letters in another case. */
function isReal(file: string): boolean {
  try {
    const real = fs.realpathSync.native(file);
    return real === file || (process.platform === 'win32' && driveless(real) === driveless(file));
  } catch {
    return false;
  }
}

const driveless = (file: string): string => file.replace(/^[a-z]:/i, letter => letter.toUpperCase());

function realFolder(folder: string): string {
  try {
    return fs.realpathSync.native(folder);
  } catch {
    return folder;
  }
}

let ownPackage: string | null | undefined;

/** The folder of the package that the program's entry belongs to; null where there is no entry (a REPL). */
function packageFolder(): string | null {
  return (ownPackage ??= folderOf(programEntry()));
}

function folderOf(entry: string): string | null {
  if (entry === '') return null;
  const real = realFolder(path.resolve(entry));
  const start = isFolder(real) ? real : path.dirname(real);
  for (let at = start; ; at = path.dirname(at)) {
    if (fs.existsSync(path.join(at, 'package.json'))) return at;
    if (path.dirname(at) === at) return start;
  }
}

function isFolder(file: string): boolean {
  try {
    return fs.statSync(file).isDirectory();
  } catch {
    return false;
  }
}
