import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { CJS, ESM, linkLibrary, newerNode, runs, sandbox } from './sandbox.js';
import { DEADLINE, run } from './support.js';

const require = createRequire(import.meta.url);
const tsx = pathToFileURL(require.resolve('tsx')).href;
const newer = newerNode();
const stripping = 'typescript' in process.features ? process.execPath : newer;

/** Programs that print 6, `double(3)` in a worker. */
async function prints6(args: readonly string[], options: Parameters<typeof run>[1] = {}): Promise<void> {
  const { code, stdout, stderr } = await run(args, options);
  assert.deepEqual([stdout, code], ['6\n', 0], stderr);
}

describe('the modules that functions come from', { timeout: DEADLINE * 3 }, () => {
  const place = sandbox('manycore modules');

  const TS = ESM.replace('double(x)', 'double(x: number): number').replace('main()', 'main(): Promise<void>');
  const CTS = `import manycore = require('manycore');\nconst { isMain, Pool } = manycore;\nfunction double(x: number): number { return 2 * x; }\nmodule.exports = { double };\n${runs('double', 'isMain(module)')}`;
  for (const [file, text] of [
    ['plain.ts', TS],
    ['module.mts', TS],
    ['common.cts', CTS],
  ] as const)
    test(`${file} by tsx`, async () => {
      await prints6(['--import', tsx, place.write(`tsx/${file}`, text)]);
    });

  for (const file of ['plain.ts', 'module.mts'])
    test(`${file} by Node itself, without an option`, async t => {
      if (stripping === undefined) return t.skip('no Node here strips types');
      place.write('strip/package.json', '{"type":"module"}');
      await prints6([place.write(`strip/${file}`, TS)], { node: stripping });
    });

  test('common.cts by Node itself, without an option', async t => {
    if (stripping === undefined) return t.skip('no Node here strips types');
    const erasable = CTS.replace(/import manycore.*\n/, '').replace('= manycore', "= require('manycore')");
    await prints6([place.write('strip/common.cts', erasable)], { node: stripping });
  });

  const odd = ['a space', 'ha#sh', 'per%cent', 'per%20cent', 'que?stion', 'ünï 漢字', `quo'te`, '[brackets]', 'a;b&c'];
  test('test_basic_script: in folders and files of any name', async () => {
    for (const name of process.platform === 'win32' ? odd.filter(each => !each.includes('?')) : odd) {
      await prints6([place.write(`${name}/m ${name}.mjs`, ESM)]);
      await prints6([place.write(`${name}/m ${name}.cjs`, CJS)]);
    }
  });

  test('through symbolic links to a file and to a folder, kept or followed', async () => {
    place.write('real/m.mjs', ESM);
    fs.symlinkSync(path.join(place.dir, 'real'), path.join(place.dir, 'linked'));
    fs.symlinkSync(path.join(place.dir, 'real/m.mjs'), path.join(place.dir, 'link.mjs'));
    for (const file of ['linked/m.mjs', 'link.mjs'])
      for (const options of [[], ['--preserve-symlinks', '--preserve-symlinks-main']])
        await prints6([...options, path.join(place.dir, file)]);
  });

  test('test_package: the main file of a package that is started as a folder, ES module and CommonJS', async () => {
    place.write('esm/package.json', '{"name":"esm","type":"module","main":"./src/m.js","exports":"./src/m.js"}');
    place.write('esm/src/m.js', ESM);
    place.write('cjs/package.json', '{"name":"cjs","main":"./lib/m.js"}');
    place.write('cjs/lib/m.js', CJS.replace('require.main === module', 'isMain(module)'));
    for (const folder of ['esm', 'cjs']) await prints6([path.join(place.dir, folder)]);
  });

  test('test_venv_multiprocessing: a package in node_modules as pnpm and workspaces lay it, with classes', async () => {
    const store = 'venv/node_modules/.pnpm/dep@1.0.0/node_modules/dep';
    place.write(`${store}/package.json`, '{"name":"dep","type":"module","exports":"./i.js"}');
    place.write(
      `${store}/i.js`,
      `export class Box { constructor(v) { this.v = v; } static double(box) { return new Box(2 * box.v); } }`,
    );
    const modules = path.join(place.dir, 'venv/node_modules');
    fs.symlinkSync('.pnpm/dep@1.0.0/node_modules/dep', path.join(modules, 'dep'));
    linkLibrary(modules);
    const file = place.write(
      'venv/app/m.mjs',
      `import { isMain, Pool } from 'manycore';\nimport { Box } from 'dep';\nif (isMain(import.meta)) {
        const pool = new Pool(1);
        const box = await pool.apply(Box.double, [new Box(3)]);
        console.log(box instanceof Box ? box.v : 'another class');
        pool.close();
        await pool.join();
      }`,
    );
    for (const options of [[], ['--preserve-symlinks']]) await prints6([...options, file]);
  });

  test('any kind of export of an ES module: renamed, default, re-exported, static, arrow, reassigned, in an object', async () => {
    place.write('kinds/data.json', '{"k":3}');
    place.write(
      'kinds/lib.mjs',
      `function f(x) { return x + 1; }
      export { f as g, f as h };
      export default function (x) { return x * 10; }
      export class K { static s(x) { return x + 100; } static async t(x) { return x + 200; } static arrow = x => x + 300; }
      export const holder = { m(x) { return x - 1; } };
      export let live = x => x;
      live = x => x * 7;`,
    );
    place.write(
      'kinds/re.mjs',
      `export * from './lib.mjs';\nexport { default as ten } from './lib.mjs';\nexport * as all from './lib.mjs';\n`,
    );
    const file = place.write(
      'kinds/main.mjs',
      `import { isMain, Pool } from 'manycore';
      import data from './data.json' with { type: 'json' };
      import ten, * as lib from './lib.mjs';
      import * as re from './re.mjs';
      import versioned from './lib.mjs?version=2#part';
      if (isMain(import.meta)) {
        const pool = new Pool(1);
        const { K, holder } = re;
        for (const f of [re.g, lib.h, ten, re.ten, K.s, K.t, K.arrow, holder.m, re.live, re.all.g, versioned])
          console.log(await pool.apply(f, [data.k]));
        pool.close();
        await pool.join();
      }`,
    );
    const { stdout, stderr } = await run(['--no-warnings', file]);
    assert.equal(stdout, '4\n4\n30\n30\n103\n203\n303\n2\n21\n4\n30\n', stderr);
  });

  test('any kind of export of a CommonJS module: the whole, a property, a getter, static, spread into another', async () => {
    place.write(
      'kinds/lib.cjs',
      `function f(x) { return x + 1; }
      f.K = class K { static s(x) { return x + 100; } };
      module.exports = f;
      module.exports.also = f;
      Object.defineProperty(f, 'lazy', { enumerable: true, get: () => lazy });
      function lazy(x) { return x + 5; }`,
    );
    place.write('kinds/re.cjs', `module.exports = { ...require('./lib.cjs'), f: require('./lib.cjs') };`);
    const file = place.write(
      'kinds/main.cjs',
      `const { isMain, Pool } = require('manycore');
      const f = require('./lib.cjs');
      const re = require('./re.cjs');
      async function main() {
        const pool = new Pool(1);
        for (const each of [f, f.also, f.lazy, f.K.s, re.f, re.K.s]) console.log(await pool.apply(each, [3]));
        pool.close();
        await pool.join();
      }
      if (isMain(module)) main();`,
    );
    const { stdout, stderr } = await run([file]);
    assert.equal(stdout, '4\n4\n8\n103\n4\n103\n', stderr);
  });

  const inline = `import { Process } from 'manycore'; export function f() {}; new Process({ target: f }).start();`;
  const plain = `const { Process } = require('manycore'); function f() {}; new Process({ target: f }).start();`;
  for (const [what, args, stdin] of [
    ['-e', ['-e', plain], undefined],
    ['-p', ['-p', plain], undefined],
    ['-e, as an ES module', ['--input-type=module', '-e', inline], undefined],
    ['stdin', ['-'], plain],
    ['stdin, as an ES module', ['--input-type=module', '-'], inline],
    ['the REPL', ['-i'], plain],
  ] as const)
    test(`test_ipython_workaround: a function from ${what} is refused with the way out`, async () => {
      const { stdout, stderr } = await run(args, { cwd: place.dir, ...(stdin === undefined ? {} : { stdin }) });
      assert.match(
        stdout + stderr,
        /cannot send function 'f' to another process: it was made by eval, the REPL or a command line, not by a module\. Put it into a file/,
      );
    });

  test('a program from the command line runs functions of files', async () => {
    place.write('kinds/double.mjs', 'export const double = x => 2 * x;');
    const text = `import { Pool } from 'manycore'; import { double } from './kinds/double.mjs';
      const pool = new Pool(1); console.log(await pool.apply(double, [3])); pool.close(); await pool.join();`;
    await prints6(['--input-type=module', '-e', text], { cwd: place.dir });
  });

  test('a worker thread of the program starts processes and pools', async () => {
    const file = place.write(
      'thread.mjs',
      `import { Worker, isMainThread } from 'node:worker_threads';
      import { isMain, Pool } from 'manycore';
      export const double = x => 2 * x;
      if (isMain(import.meta)) new Worker(new URL(import.meta.url));
      else if (!isMainThread) {
        const pool = new Pool(1);
        console.log(await pool.apply(double, [3]));
        pool.close();
        await pool.join();
      }`,
    );
    await prints6([file]);
  });
});
