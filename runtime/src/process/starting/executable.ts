import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { OSError } from '../../errors.js';

let chosen: string | undefined;

/** What children are started with. */
export const executable = (): string => chosen ?? process.execPath;

/**
 * Chooses the Node that this process starts its children with (Python: `multiprocessing.set_executable`), as a path, a
 * `file:` URL or a path's bytes; `null` for the one it runs in itself, which is what children of children use too. It
 * counts for processes and pools started from now on, of whatever context.
 *
 * Throws TypeError for anything else, OSError when there is no such file (`ENOENT`) or it may not be run (`EACCES`).
 * Whether it is a Node shows at the first start: a process that ends without having become one says so.
 */
export function setExecutable(file: string | URL | Uint8Array | null): void {
  chosen = file === null ? undefined : check(pathOf(file));
}

function pathOf(file: unknown): string {
  if (typeof file === 'string') return file;
  if (file instanceof URL) return fileURLToPath(file);
  if (file instanceof Uint8Array) return Buffer.from(file).toString();
  throw new TypeError(`setExecutable takes a path, a file: URL, a path's bytes or null, not ${typeof file}`);
}

function check(file: string): string {
  if (file === '' || file.includes('\0')) throw new TypeError('setExecutable: the path is empty or has a zero in it');
  const code = reasonAgainst(file);
  if (code !== undefined) throw new OSError(code, `setExecutable: ${explain(code)}: ${file}`);
  return file;
}

/** The system's code for why a file cannot be run; undefined if it can. */
export function reasonAgainst(file: string): string | undefined {
  try {
    if (!fs.statSync(file).isFile()) return 'EACCES';
    fs.accessSync(file, fs.constants.X_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'EIO';
  }
}

function explain(code: string): string {
  if (code === 'ENOENT') return 'there is no such file';
  return code === 'EACCES' ? 'it is no file that this user may run' : `it cannot be looked at (${code})`;
}
