import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { newerNode, sandbox } from './sandbox.js';
import { DEADLINE, run } from './support.js';

describe('what children take over from their parent', { timeout: DEADLINE * 3 }, () => {
  const place = sandbox('manycore flags');
  place.write('preload.cjs', 'globalThis.preloads = (globalThis.preloads ?? 0) + 1;');
  place.write('preload.mjs', 'globalThis.preloads = (globalThis.preloads ?? 0) + 1;');
  /** Prints what a grandchild and a worker see. */
  const program = place.write(
    'program.mjs',
    `import { expose, isMain, Pool, Process, Queue } from 'manycore';
    export const look = () => [globalThis.preloads ?? 0, process.execArgv, process.env.FOO ?? null];
    export const tell = q => q.put(look());
    export async function nest(q) { const p = new Process({ target: tell, args: [q] }); p.start(); await p.join(); }
    expose(import.meta, { look, tell, nest });
    if (isMain(import.meta)) {
      process.env.FOO = 'changed';
      const q = new Queue();
      const p = new Process({ target: nest, args: [q], ...JSON.parse(process.argv[2] ?? '{}') });
      p.start();
      console.log(JSON.stringify(await q.get()));
      await p.join();
      const pool = new Pool(1);
      console.log(JSON.stringify(await pool.apply(look)));
      pool.close();
      await pool.join();
    }`,
  );
  const seen = (...values: unknown[]): string => `${JSON.stringify(values)}\n`;

  test('test_flags: options of Node reach grandchildren and workers, those for one process do not', async () => {
    const flags = ['--max-old-space-size=100', '--no-warnings', '--stack-trace-limit=7'];
    const { stdout, stderr } = await run([...flags, '--inspect=0', '--title=x', program], { cwd: place.dir });
    const kept = [...flags, '--title=x'];
    assert.equal(stdout, seen(0, kept, 'changed').repeat(2), stderr);
  });

  for (const flag of ['--require', '--import'])
    test(`what ${flag} loads is loaded once in each process`, async () => {
      const flags = [flag, flag === '--require' ? './preload.cjs' : './preload.mjs'];
      const { stdout, stderr } = await run([...flags, program], { cwd: place.dir });
      assert.equal(stdout, seen(1, flags, 'changed').repeat(2), stderr);
    });

  test('NODE_OPTIONS counts for children, and is not given twice', async () => {
    const env = { NODE_OPTIONS: `--require=${JSON.stringify(path.join(place.dir, 'preload.cjs'))}` };
    const { stdout, stderr } = await run([program], { env });
    assert.equal(stdout, seen(1, [], 'changed').repeat(2), stderr);
  });

  test('NODE_PATH counts for children', async () => {
    place.write('elsewhere/far/index.js', 'exports.double = x => 2 * x;');
    const file = place.write(
      'far.cjs',
      `const { isMain, Pool } = require('manycore'); const { double } = require('far');
      if (isMain(module)) { const pool = new Pool(1); pool.apply(double, [3]).then(x => { console.log(x); pool.close(); }); }`,
    );
    const { stdout, stderr } = await run([file], { env: { NODE_PATH: path.join(place.dir, 'elsewhere') } });
    assert.equal(stdout, '6\n', stderr);
  });

  test('env and execArgv of a process take the place of what it would take over, for its children as well', async () => {
    const own = { execArgv: ['--no-warnings'], env: { FOO: 'own', MANYCORE_DIR: process.env['MANYCORE_DIR'] } };
    const { stdout, stderr } = await run(['--stack-trace-limit=7', program, JSON.stringify(own)]);
    assert.equal(stdout, seen(0, ['--no-warnings'], 'own') + seen(0, ['--stack-trace-limit=7'], 'changed'), stderr);
  });

  test('test_child_sys_path: a child looks for modules where its parent does', async () => {
    const file = place.write(
      'paths.cjs',
      `const { isMain, Process, Queue } = require('manycore');
      const tell = q => q.put([process.cwd(), require('node:module').globalPaths, require.resolve.paths('x')]);
      module.exports = { tell };
      async function main() {
        process.chdir(require('node:os').tmpdir());
        const q = new Queue();
        const p = new Process({ target: tell, args: [q] });
        p.start();
        const here = JSON.stringify([process.cwd(), require('node:module').globalPaths, require.resolve.paths('x')]);
        console.log(JSON.stringify(await q.get()) === here);
        await p.join();
      }
      if (isMain(module)) main();`,
    );
    const { stdout, stderr } = await run([file], { cwd: place.dir });
    assert.equal(stdout, 'true\n', stderr);
  });

  describe("under Node's permissions", () => {
    const newer = newerNode();
    const nodes = [
      { which: 'this Node', node: process.execPath as string | undefined },
      { which: 'a newer Node', node: newer },
    ];
    const all = ['--allow-fs-read=*', '--allow-fs-write=*', '--allow-addons', '--allow-child-process'];
    const without = (flag: string): string[] => all.filter(each => !each.startsWith(flag));
    const flagOf = (node: string): string =>
      node === newer || process.allowedNodeEnvironmentFlags.has('--permission')
        ? '--permission'
        : '--experimental-permission';

    for (const { which, node } of nodes) {
      test(`${which}: all that is needed makes processes, grandchildren and workers of exposed functions`, async t => {
        if (node === undefined) return t.skip('there is none on this machine');
        const { stdout, stderr } = await run(['--no-warnings', flagOf(node), ...all, program], { node });
        assert.equal(stdout.match(/"changed"/g)?.length, 2, stderr);
      });

      for (const [missing, told] of [
        ['--allow-addons', /PlatformError: .*may not load native code: .*--allow-addons/],
        [
          '--allow-fs-write',
          /OSError: .*which Node's permissions close to this process \(--allow-fs-read=.* --allow-fs-write=/,
        ],
        [
          '--allow-child-process',
          /OSError: Node's permissions do not let this process start others\. .*--allow-child-process/,
        ],
      ] as const)
        test(`${which}: without ${missing} the error names it`, async t => {
          if (node === undefined) return t.skip('there is none on this machine');
          const { code, stderr } = await run(['--no-warnings', flagOf(node), ...without(missing), program], { node });
          assert.equal(code, 1);
          assert.match(stderr, told);
        });
    }
  });

  test('--no-addons is named', async () => {
    const { code, stderr } = await run(['--no-addons', program]);
    assert.equal(code, 1);
    assert.match(stderr, /PlatformError: .*may not load native code: start Node without --no-addons\./);
  });
});
