import fs from 'node:fs';
import path from 'node:path';
import { host } from './host.js';

/** The file of a program's folder in which its children find the library compiled. */
export const CODE_FILE = 'code';
/** It ends with the path of koffi's binary, and the length of that in so many bytes. */
export const LENGTH_BYTES = 4;

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
