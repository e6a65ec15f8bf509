import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';

// This file runs from test/dist/package.
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** The files in a zip file, from its central directory (PKWARE APPNOTE 4.3.7, 4.3.12, 4.3.16). */
function readZip(file: string): Map<string, () => Buffer> {
  const zip = fs.readFileSync(file);
  const files = new Map<string, () => Buffer>();
  let at = zip.readUInt32LE(zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1')) + 16);
  while (zip.readUInt32LE(at) === 0x02014b50) {
    const [method, size, local] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20), zip.readUInt32LE(at + 42)];
    const [name, extra, comment] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32)];
    files.set(zip.toString('utf8', at + 46, at + 46 + name), () => {
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const bytes = zip.subarray(start, start + size);
      return method === 0 ? bytes : inflateRawSync(bytes);
    });
    at += 46 + name + extra + comment;
  }
  return files;
}

const hostStands = fs.existsSync(
  path.join(process.env['MANYCORE_HOST_CACHE'] ?? path.join(root, '.vscode-host'), 'ready.json'),
);
const canPack = Number(process.versions.node.split('.')[0]) >= 22 || hostStands;

describe(
  'The packed extension',
  { skip: !canPack && 'packing needs Node 22, or the host of the extension tests' },
  () => {
    let dir = '';
    let names: string[] = [];

    before(() => {
      dir = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-package-'));
      const file = path.join(dir, 'manycore.vsix');
      execFileSync(process.execPath, [path.join(root, 'client', 'package-vsix.mjs'), file], { stdio: 'pipe' });
      const files = readZip(file);
      names = [...files.keys()];
      for (const [name, read] of files) {
        if (name.endsWith('/')) continue;
        fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
        fs.writeFileSync(path.join(dir, name), read());
      }
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
        'extension/client/dist/THIRD-PARTY.txt',
        'extension/server/dist/THIRD-PARTY.txt',
        'extension/runtime/dist/THIRD-PARTY.txt',
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

    test('has all that its library needs to run a pool in a folder where nothing is installed', () => {
      const program = path.join(dir, 'program.mjs');
      fs.writeFileSync(
        program,
        "import { Pool, isMain } from 'manycore';\n" +
          'export const double = x => 2 * x;\n' +
          'if (isMain(import.meta)) {\n' +
          '  const pool = new Pool(2);\n' +
          '  console.log(JSON.stringify(await pool.map(double, [1, 2, 3])));\n' +
          '  pool.close();\n  await pool.join();\n}\n',
      );
      const preload = path.join(dir, 'extension', 'client', 'dist', 'bundledLibrary.cjs');
      const printed = execFileSync(process.execPath, ['--require', preload, program], {
        encoding: 'utf8',
        timeout: 60_000,
      });
      assert.equal(printed.trim(), '[2,4,6]');
    });

    test('has all that its checker needs', () => {
      const file = path.join(dir, 'flawed.ts');
      fs.writeFileSync(file, "import { Pool } from 'manycore';\nconst pool = new Pool(2);\nawait pool.join();\n");
      const cli = path.join(dir, 'extension', 'server', 'dist', 'cli.cjs');
      const { stdout } = spawnSync(process.execPath, [cli, '--format', 'json', file], {
        encoding: 'utf8',
        timeout: 60_000,
      });
      assert.match(stdout, /MC004/);
    });
  },
);
