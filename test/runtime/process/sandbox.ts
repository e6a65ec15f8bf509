import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../..');

/** A folder outside of the repository, with the library in its node_modules, for programs that a test writes. */
export interface Sandbox {
  readonly dir: string;
  /** Writes a file, its folder with it, and answers its path. */
  write(file: string, text: string): string;
}

/** It is removed after the file's tests. `name` becomes part of its path. */
export function sandbox(name: string, options: { library?: boolean } = {}): Sandbox {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), `${name}-`));
  after(() => fs.rmSync(dir, { recursive: true, force: true }));
  if (options.library !== false) {
    linkLibrary(path.join(dir, 'node_modules'));
  }
  return {
    dir,
    write(file, text) {
      const at = path.join(dir, file);
      fs.mkdirSync(path.dirname(at), { recursive: true });
      fs.writeFileSync(at, text);
      return at;
    },
  };
}

const libraryFolder = path.dirname(require.resolve('manycore/package.json'));

/** The library and its binary in a folder of modules, by links. */
export function linkLibrary(modules: string): void {
  fs.mkdirSync(modules, { recursive: true });
  fs.symlinkSync(libraryFolder, path.join(modules, 'manycore'));
  // From a link that is kept, the way up leads nowhere else.
  fs.symlinkSync(path.resolve(koffiBinary(), '../../..'), path.join(modules, '@koromix'));
}

/** The file of koffi's binary for this machine. */
export function koffiBinary(): string {
  const { platform, arch } = process;
  const loader = createRequire(path.join(libraryFolder, 'package.json')).resolve(`@koromix/koffi-${platform}-${arch}`);
  return path.join(path.dirname(loader), `${platform}_${arch}`, 'koffi.node');
}

/** A newer Node, if the machine has the one that the tests of the extension use; else undefined. */
export function newerNode(): string | undefined {
  const cache = process.env['MANYCORE_HOST_CACHE'] ?? path.join(root, '.vscode-host');
  const name = process.platform === 'win32' ? 'node.exe' : 'bin/node';
  const file = path.join(cache, `node_modules/node-${process.platform}-${process.arch}`, name);
  return fs.existsSync(file) ? file : undefined;
}

/** A pool of one that runs `f(3)` if the guard holds, and prints what it gives. */
export const runs = (f: string, guard: string): string => `
async function main() {
  const pool = new Pool(1);
  console.log(await pool.apply(${f}, [3]));
  pool.close();
  await pool.join();
}
if (${guard}) void main();
`;

export const ESM = `import { isMain, Pool } from 'manycore';\nexport function double(x) { return 2 * x; }\n${runs('double', 'isMain(import.meta)')}`;
export const CJS = `const { isMain, Pool } = require('manycore');\nmodule.exports = { double };\nfunction double(x) { return 2 * x; }\n${runs('double', 'require.main === module')}`;
