import fs from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import { CODE_FILE, LENGTH_BYTES } from './code.js';
import type { Host } from './host.js';
import { VERSION } from './version.js';

/**
 * What `require('manycore')` loads, and what children are started with: a few lines that load the library, which is
 * the file beside this one. They are there for two reasons. Two copies in one process (a tool's and a project's) must
 * not be two libraries. And a child spends longer on compiling the library than on all else it does before its work,
 * so it takes the compiled code that its program's first process has laid into the program's folder.
 */
const registry = Symbol.for(`manycore@${VERSION}`);

type Factory = (
  exports: unknown,
  require: NodeJS.Require,
  module: NodeJS.Module,
  file: string,
  dir: string,
  host: unknown,
) => void;

function load(): void {
  const file = path.join(__dirname, 'core.cjs');
  let source: string;
  try {
    source = fs.readFileSync(file, 'latin1'); // the build writes nothing but ASCII
  } catch {
    // A bundler has put this file into another one: the library is in it too.
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- this is the form that bundlers follow
    Reflect.set(module, 'exports', require('./core.cjs'));
    return;
  }
  const wrapped = `(function (exports, require, module, __filename, __dirname, manycoreHost) {${source}\n})`;
  const shared = compiledCode();
  const script = new vm.Script(wrapped, { filename: file, cachedData: shared?.code });
  const factory = script.runInThisContext() as Factory;
  // Code that comes from a cache has no `import()` of its own.
  const host: Host = {
    compiled: () => script.createCachedData(),
    import: url => import(url),
    binary: shared?.binary,
    tookCode: shared !== undefined && script.cachedDataRejected === false,
  };
  factory(module.exports as unknown, require, module, file, __dirname, host);
}

/**
 * The code that another process of this program has compiled, and where it has found koffi; undefined in the main
 * process, or when there is none.
 */
function compiledCode(): { code: Buffer; binary: string | undefined } | undefined {
  const [, , flag, dir] = process.argv;
  if (require.main !== module || flag !== '--manycore-child' || dir === undefined) return undefined;
  try {
    const file = fs.readFileSync(path.join(dir, CODE_FILE));
    const end = file.length - LENGTH_BYTES;
    const start = end - file.readUInt32LE(end);
    return { code: file.subarray(0, start), binary: start === end ? undefined : file.toString('utf8', start, end) };
  } catch {
    return undefined;
  }
}

const loaded: unknown = Reflect.get(globalThis, registry);
if (loaded === undefined) {
  // Before the library runs: a child loads modules of the user's meanwhile, which may load another copy of it.
  Object.defineProperty(globalThis, registry, { configurable: true, get: () => module.exports as unknown });
  try {
    load();
  } catch (error) {
    Reflect.deleteProperty(globalThis, registry);
    throw error;
  }
} else Reflect.set(module, 'exports', loaded);
