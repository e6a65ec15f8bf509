import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** Makes a folder tree with everything that makes copying hard; `bigFile` is its largest file in bytes. */
export function makeOddTree(root: string, bigFile: number): void {
  const write = (name: string, content: string | Uint8Array, mode = 0o644) => {
    const file = path.join(root, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
    fs.chmodSync(file, mode);
  };
  write('big.bin', randomBytes(bigFile));
  write('block.bin', randomBytes(1024 * 1024)); // exactly one block of the copier
  write('empty', '');
  write('empty too.txt', '');
  write('script.sh', '#!/bin/sh\n', 0o755);
  write('read-only', 'do not touch', 0o444);
  write('.hidden/.config', 'x');
  for (const name of [
    'a b  c.txt',
    ' leading and trailing ',
    '[brackets](round){curly}',
    '用法.txt',
    'caf\u00e9',
    'cafe\u0301',
    '🐍→🟦',
    '-rf',
    'quotes \'" and `ticks`',
    'line\nbreak',
    'back\\slash',
    '100%_$HOME;&|*?~#',
    '__proto__',
    'n'.repeat(255),
  ]) {
    write(`names/${name}`, `content of ${name}`);
  }
  write(path.join(...Array.from({ length: 40 }, (_, i) => `level ${i}`), 'deep.txt'), 'deep');
  for (let i = 0; i < 150; i++) write(`many/${i}.txt`, `file ${i}`);
  fs.mkdirSync(path.join(root, 'empty folder/in an empty folder'), { recursive: true });
  fs.mkdirSync(path.join(root, 'closed'));
  write('closed/inside', 'a read-only folder is copied with what is in it');
  fs.chmodSync(path.join(root, 'closed'), 0o555);
  fs.symlinkSync('big.bin', path.join(root, 'link to a file'));
  fs.symlinkSync('.', path.join(root, 'link to its own folder'));
  fs.symlinkSync('/nowhere/at all', path.join(root, 'link to nothing'));
}

/** One line for everything in a tree: kind, permissions, and the hash of the bytes or where a link points. */
export function fingerprint(root: string, name = ''): string[] {
  const file = path.join(root, name);
  const stats = fs.lstatSync(file);
  const mode = (stats.mode & 0o777).toString(8);
  if (stats.isSymbolicLink()) return [`${name} -> ${fs.readlinkSync(file)}`];
  if (stats.isFile())
    return [`${name} file ${mode} ${createHash('sha256').update(fs.readFileSync(file)).digest('hex')}`];
  const inside = fs.readdirSync(file).sort();
  return [`${name} folder ${mode}`, ...inside.flatMap(entry => fingerprint(root, path.join(name, entry)))];
}
