import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { koffiBinary, newerNode, sandbox } from './sandbox.js';
import { DEADLINE, privateRoot, run } from './support.js';

const execute = promisify(execFile);
const postject = createRequire(import.meta.url).resolve('postject/dist/cli.js');
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

const APP = `
import { currentProcess, expose, freezeSupport, isMain, Pool, Process, Queue } from 'manycore';
freezeSupport();
const square = x => x * x;
const put = queue => queue.put(currentProcess().name + ' ' + process.argv.slice(2).join());
async function nest(queue) {
  const child = new Process({ target: put, args: [queue], name: 'child' });
  child.start();
  await child.join();
}
expose(import.meta, { square, put, nest });
async function main() {
  const pool = new Pool(2);
  console.log(JSON.stringify(await pool.map(square, [1, 2, 3])));
  pool.close();
  await pool.join();
  const queue = new Queue();
  const process = new Process({ target: nest, args: [queue] });
  process.start();
  await process.join();
  console.log(process.exitCode, await queue.get());
}
if (isMain(import.meta)) void main();
`;

/** Fingers off where Node for this system cannot be copied and changed: macOS wants a signature. */
const unable = process.platform === 'darwin' ? 'the changed executable would have to be signed' : false;

describe('single executable applications', { timeout: DEADLINE * 3, skip: unable }, () => {
  /** The program as one executable, with koffi's binary inside, or not. */
  async function executable(source: string, node: string, assets: object): Promise<string> {
    const place = sandbox('manycore sea ü', { library: false });
    const [entry, config] = [place.write('app.js', source), path.join(place.dir, 'sea.json')];
    const common = { bundle: true, platform: 'node', target: 'node20', format: 'cjs', logLevel: 'error' } as const;
    const from = sandbox('manycore sea library');
    fs.copyFileSync(entry, path.join(from.dir, 'app.js'));
    const main = path.join(place.dir, 'app.cjs');
    await build({ ...common, entryPoints: [path.join(from.dir, 'app.js')], outfile: main, minify: true });
    const output = path.join(place.dir, 'app.blob');
    fs.writeFileSync(config, JSON.stringify({ main, output, disableExperimentalSEAWarning: true, assets }));
    await execute(node, ['--experimental-sea-config', config]);
    const file = path.join(place.dir, process.platform === 'win32' ? 'app.exe' : 'app');
    fs.copyFileSync(node, file);
    await execute(process.execPath, [postject, file, 'NODE_SEA_BLOB', output, '--sentinel-fuse', FUSE]);
    for (const used of [entry, config, main, output]) fs.rmSync(used);
    return file;
  }

  const nodes = { 'this Node': process.execPath, 'a newer Node': newerNode() };
  for (const [which, node] of Object.entries(nodes))
    test(`pools, processes and grandchildren run in copies of the executable itself: ${which}`, async t => {
      if (node === undefined) return t.skip('there is none on this machine');
      using root = privateRoot();
      const file = await executable(APP, node, { 'koffi.node': koffiBinary() });
      const { code, stdout, stderr } = await run(['a', '--b'], { node: file, env: root.env });
      assert.equal(stdout, '[1,4,9]\n0 child a,--b\n', stderr);
      assert.deepEqual([code, stderr, root.left()], [0, '', []]);
    });

  test('koffi may lie beside the executable; where it is not, the error says where to put it', async () => {
    const file = await executable(APP, process.execPath, {});
    const without = await run([], { node: file });
    assert.equal(without.code, 1);
    assert.match(without.stderr, /PlatformError: .*koffi\.node among the "assets".*or put it beside the executable/);
    fs.copyFileSync(koffiBinary(), path.join(path.dirname(file), 'koffi.node'));
    assert.equal((await run(['x'], { node: file })).stdout, '[1,4,9]\n0 child x\n');
  });

  test('without freezeSupport() it is told so before anything is started', async () => {
    const file = await executable(APP.replace('freezeSupport();', ''), process.execPath, {
      'koffi.node': koffiBinary(),
    });
    const { code, stdout, stderr } = await run([], { node: file });
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /RuntimeError: this program is a single executable, and has not called freezeSupport\(\)/);
  });

  test('test_noforkbomb: guarded by require.main, which is true in its children, it is told to use isMain', async () => {
    const source = APP.replace('if (isMain(import.meta))', 'if (require.main === module)');
    const file = await executable(source, process.execPath, { 'koffi.node': koffiBinary() });
    const { code, stdout, stderr } = await run([], { node: file });
    assert.notEqual(code, 0);
    assert.equal(stdout, '');
    assert.match(stderr, /Process PoolWorker-\d+:\nRuntimeError: .* starts a process without a guard/);
    assert.match(stderr, /not require\.main === module, which is true in its children, too/);
  });
});
