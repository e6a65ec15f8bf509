import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { build, type BuildOptions } from 'esbuild';
import { koffiBinary, sandbox, type Sandbox } from './sandbox.js';
import { DEADLINE, privateRoot, run } from './support.js';

/** `freezeSupport` behind the guard is how Python's programs have it. */
const APP = `
import { currentProcess, expose, freezeSupport, isMain, Pool, Process, Queue } from 'manycore';
import { triple } from './lib.js';
freezeSupport();
class Task { constructor(x) { this.x = x; } static run(task) { return [task instanceof Task, task.x]; } }
class Counter extends Process {
  constructor(queue) { super(); this.queue = queue; }
  async run() { await this.queue.put('a subclass: ' + (this instanceof Counter)); }
}
const put = (queue, text) => queue.put(text + currentProcess().name);
async function nest(queue) {
  const child = new Process({ target: put, args: [queue, 'grand'], name: 'child' });
  child.start();
  await child.join();
}
expose(import.meta, { Task, Counter, put, nest });
if (isMain(import.meta)) {
  const queue = new Queue();
  const pool = new Pool(2);
  pool.map(triple, [1, 2, 3]).then(async tripled => {
    console.log(JSON.stringify(tripled));
    console.log(JSON.stringify(await pool.apply(Task.run, [new Task(7)])));
    pool.close();
    await pool.join();
    for (const process of [new Process({ target: nest, args: [queue] }), new Counter(queue)]) {
      process.start();
      await process.join();
      console.log(process.exitCode, await queue.get());
    }
  });
}
`;
const LIB = `import { expose } from 'manycore';\nexport const triple = x => 3 * x;\nexpose(import.meta, { triple });\n`;
const PRINTS = '[3,6,9]\n[true,7]\n0 grandchild\n0 a subclass: true\n';

const formats = [
  { format: 'cjs', file: 'app.cjs' },
  { format: 'esm', file: 'app.mjs' },
] as const;

describe('programs bundled into one file', { timeout: DEADLINE * 3 }, () => {
  const place = sandbox('manycore bundles ü#%');
  place.write('app.js', APP);
  place.write('lib.js', LIB);
  place.write('package.json', '{"type":"module"}');
  fs.copyFileSync(koffiBinary(), path.join(place.dir, 'koffi.node'));

  /** Into a folder where nothing but koffi's binary is found. */
  async function bundle(into: Sandbox, file: string, options: BuildOptions, entry = 'app.js'): Promise<string> {
    const common: BuildOptions = { bundle: true, platform: 'node', target: 'node20', logLevel: 'error' };
    const outfile = path.join(into.dir, file);
    await build({ ...common, entryPoints: [path.join(place.dir, entry)], outfile, ...options });
    return outfile;
  }

  for (const { format, file } of formats)
    for (const minify of [false, true])
      test(`${format}${minify ? ', minified' : ''}, with the library and its binary: pools, processes, subclasses, grandchildren`, async () => {
        using root = privateRoot();
        const into = sandbox('manycore out', { library: false });
        fs.copyFileSync(koffiBinary(), path.join(into.dir, 'koffi.node'));
        const { code, stdout, stderr } = await run([await bundle(into, file, { format, minify })], { env: root.env });
        assert.equal(stdout, PRINTS, stderr);
        assert.deepEqual([code, stderr, root.left()], [0, '', []]);
      });

  for (const { format, file } of formats)
    test(`${format}, with the library left outside`, async () => {
      const outfile = await bundle(place, file, { format, minify: true, external: ['manycore'] });
      const { stdout, stderr } = await run([outfile]);
      assert.equal(stdout, PRINTS, stderr);
    });

  test('with processes that have been started ahead of time', async () => {
    using root = privateRoot();
    const start = "freezeSupport();\nif (isMain(import.meta)) setStartMethod('forkserver');";
    place.write('ahead.js', APP.replace('freezeSupport();', start).replace('Queue }', 'Queue, setStartMethod }'));
    const { stdout, stderr } = await run([await bundle(place, 'ahead.mjs', { format: 'esm' }, 'ahead.js')], {
      env: root.env,
    });
    assert.equal(stdout, PRINTS, stderr);
    assert.deepEqual(root.left(), []);
  });

  for (const { format, file } of formats)
    test(`${format}, minified: an executor of manycore/futures is one library with the rest`, async () => {
      place.write(
        'futures.js',
        `import { expose, freezeSupport, isMain, TimeoutError } from 'manycore';
        import { ProcessPoolExecutor, TimeoutError as Late } from 'manycore/futures';
        freezeSupport();
        const double = x => 2 * x;
        expose(import.meta, { double });
        async function main() {
          const executor = new ProcessPoolExecutor({ maxWorkers: 1 });
          console.log(await executor.submit(double, 3).result(), Late === TimeoutError);
          await executor.shutdown();
        }
        if (isMain(import.meta)) void main();`,
      );
      const { stdout, stderr } = await run([await bundle(place, file, { format, minify: true }, 'futures.js')]);
      assert.equal(stdout, '6 true\n', stderr.slice(-2000));
    });

  test('split into several files, of which one has the library', async () => {
    const into = sandbox('manycore split', { library: false });
    fs.copyFileSync(koffiBinary(), path.join(into.dir, 'koffi.node'));
    place.write('second.js', `import './lib.js';`);
    const entryPoints = ['app.js', 'second.js'].map(file => path.join(place.dir, file));
    const options: BuildOptions = { bundle: true, platform: 'node', target: 'node20', format: 'esm', splitting: true };
    await build({ ...options, entryPoints, outdir: into.dir, outExtension: { '.js': '.mjs' } });
    const { stdout, stderr } = await run([path.join(into.dir, 'app.mjs')]);
    assert.equal(stdout, PRINTS, stderr);
  });

  test("koffi's binary of another system beside the bundle is named, with the one that is wanted", async () => {
    const into = sandbox('manycore odd binary', { library: false });
    fs.writeFileSync(path.join(into.dir, 'koffi.node'), 'of another system');
    const { code, stdout, stderr } = await run([await bundle(into, 'app.cjs', { format: 'cjs' })]);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(
      stderr,
      /PlatformError: manycore cannot load .*koffi\.node: .*\. Koffi has one binary for each system/,
    );
    assert.match(stderr, new RegExp(`@koromix/koffi-${process.platform}-${process.arch}`));
  });

  for (const { format, file } of formats)
    test(`${format}: a program that starts processes without freezeSupport() is told so before anything is started`, async () => {
      place.write('forgot.js', APP.replace('freezeSupport();', ''));
      using root = privateRoot();
      const outfile = await bundle(place, file, { format }, 'forgot.js');
      const { code, stdout, stderr } = await run([outfile], { env: root.env });
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, /RuntimeError: this program is bundled \(into .*app\.[cm]js\)/);
      assert.match(stderr, /has not called freezeSupport\(\)/);
      assert.deepEqual(root.left(), []);
    });

  for (const { format, file } of formats)
    for (const later of [false, true])
      test(`test_noforkbomb: ${format}, without a guard${later ? ', after the modules have been evaluated' : ''}`, async () => {
        const start = `const p = new Process({ target: f, name: 'first' }); p.start(); p.join().then(() => { process.exitCode = p.exitCode + 40; });`;
        place.write(
          'unguarded.js',
          `import { expose, freezeSupport, Process } from 'manycore';\nfreezeSupport();\nconst f = () => console.log('never');\n` +
            `expose(import.meta, { f });\n${later ? `setTimeout(() => { ${start} }, 1);` : start}`,
        );
        const outfile = await bundle(place, file, { format, minify: true }, 'unguarded.js');
        const { code, stdout, stderr } = await run([outfile]);
        if (!later) assert.deepEqual([code, stdout], [41, ''], stderr);
        assert.match(stderr, /^Process first:\nRuntimeError: .*app\.[cm]js:\d+:\d+ starts a process without a guard/);
        assert.match(stderr, /freezeSupport\(\);/);
        assert.equal(stderr.match(/RuntimeError/g)?.length, 1, stderr);
      });

  test('two modules of a bundle that expose one name for two functions are told so', async () => {
    place.write(
      'twice.js',
      `import './lib.js';\nimport { expose } from 'manycore';\nexpose(import.meta, { triple: x => x });\n`,
    );
    const { stderr } = await run([await bundle(place, 'twice.mjs', { format: 'esm' }, 'twice.js')]);
    assert.match(stderr, /ValueError: expose: .* has exposed another 'triple' before/);
  });

  test('a function that was not exposed is refused with the way out', async () => {
    place.write('not.js', APP.replace('Counter, put, nest', 'Counter, put'));
    const { stdout, stderr } = await run([await bundle(place, 'not.mjs', { format: 'esm' }, 'not.js')]);
    assert.equal(stdout, '[3,6,9]\n[true,7]\n');
    assert.match(stderr, /PicklingError: cannot send function 'nest'/);
  });

  test('without koffi a bundle is told where to put it', async () => {
    const into = sandbox('manycore bare', { library: false });
    const { code, stderr } = await run([await bundle(into, 'app.cjs', { format: 'cjs' })]);
    assert.equal(code, 1);
    assert.match(stderr, /PlatformError: .*Copy node_modules\/@koromix\/koffi-.*koffi\.node to .*koffi\.node/);
  });

  test('an entry that cannot be evaluated in children is told under the name of the process', async () => {
    const main = APP.replace(
      'freezeSupport();',
      `freezeSupport();\nif (!isMain(import.meta)) throw new Error('only in children');`,
    );
    place.write('failing.js', main.replace('new Pool(2)', 'new Pool(1)'));
    const { code, stderr } = await run([await bundle(place, 'failing.mjs', { format: 'esm' }, 'failing.js')]);
    assert.equal(code, 1);
    assert.match(stderr, /^Process PoolWorker-1:\nError: only in children/m);
    assert.match(stderr, /BrokenPoolError: the workers of this pool end while they start/);
  });
});
