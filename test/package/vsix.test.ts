import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

// This file runs from test/dist/package.
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** The names in a zip file, from its central directory (PKWARE APPNOTE 4.3.12, 4.3.16). */
function namesInZip(file: string): string[] {
  const zip = fs.readFileSync(file);
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const names: string[] = [];
  let at = zip.readUInt32LE(end + 16);
  while (zip.readUInt32LE(at) === 0x02014b50) {
    const [name, extra, comment] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32)];
    names.push(zip.toString('utf8', at + 46, at + 46 + name));
    at += 46 + name + extra + comment;
  }
  return names;
}

const hostStands = fs.existsSync(
  path.join(process.env['MANYCORE_HOST_CACHE'] ?? path.join(root, '.vscode-host'), 'ready.json'),
);
const canPack = Number(process.versions.node.split('.')[0]) >= 22 || hostStands;

describe(
  'The packed extension',
  { skip: !canPack && 'packing needs Node 22, or the host of the extension tests' },
  () => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-package-'));
    let names: string[] = [];

    before(() => {
      const file = path.join(dir, 'manycore.vsix');
      execFileSync(process.execPath, [path.join(root, 'client', 'package-vsix.mjs'), file], { stdio: 'pipe' });
      names = namesInZip(file);
    });
    after(() => fs.rmSync(dir, { recursive: true }));

    test('holds the extension, the language server and the library with its types', () => {
      const wanted = [
        'extension/package.json',
        'extension/client/dist/extension.cjs',
        'extension/client/dist/runner.cjs',
        'extension/client/dist/bundledLibrary.cjs',
        'extension/server/dist/server.cjs',
        'extension/server/docs/rules/main-guard.md',
        'extension/runtime/package.json',
        'extension/runtime/dist/runtime.cjs',
        'extension/runtime/dist/index.cjs',
        'extension/runtime/dist/index.js',
        'extension/runtime/dist/types/index.d.ts',
      ];
      assert.deepEqual(
        wanted.filter(name => !names.includes(name)),
        [],
      );
    });

    test('holds koffi and the binaries of this platform only', () => {
      const modules = names.filter(name => name.startsWith('extension/runtime/node_modules/'));
      assert.ok(modules.includes('extension/runtime/node_modules/koffi/index.cjs'));
      const binaries = modules.filter(name => name.endsWith('.node'));
      assert.ok(binaries.length > 0);
      const ours = `/@koromix/koffi-${process.platform}-${process.arch}/`;
      assert.deepEqual(
        binaries.filter(name => !name.includes(ours)),
        [],
      );
    });

    test('holds no sources, no tests and no maps', () => {
      const stray = names.filter(name =>
        /^extension\/(test|client\/src|server\/src|runtime\/src)\/|\.map$|(?<!\.d)\.ts$/.test(name),
      );
      assert.deepEqual(stray, []);
    });
  },
);
