import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { getContext, OSError, setExecutable } from 'manycore';
import { newerNode, sandbox } from './sandbox.js';
import { DEADLINE, privateRoot, run } from './support.js';

describe('the executable that children are started with', { timeout: DEADLINE * 2 }, () => {
  const place = sandbox('manycore executable ü');
  const program = place.write(
    'program.mjs',
    `import { isMain, Pool, Process, Queue, setExecutable } from 'manycore';
    export const tell = q => q.put([process.version, process.execPath]);
    export const version = () => process.version;
    export async function nest(q) { const p = new Process({ target: tell, args: [q] }); p.start(); await p.join(); }
    if (isMain(import.meta)) {
      const [what, file] = process.argv.slice(2);
      const q = new Queue();
      const start = async (target, options) => {
        const p = new Process({ target, args: [q], ...options });
        p.start();
        await p.join();
        console.log(p.exitCode);
      };
      if (file !== undefined) setExecutable(what === 'url' ? new URL(file) : what === 'bytes' ? Buffer.from(file) : file);
      if (what === 'gone') (await import('node:fs')).rmSync(file);
      if (what === 'options') await start(tell, { execArgv: ['--no-such-option'] });
      else if (what === 'pool') console.log(await new Pool(1).apply(version));
      else {
        await start(what === 'nest' ? nest : tell);
        if (!q.empty()) console.log(JSON.stringify(await q.get()));
        if (what === 'back') { setExecutable(null); await start(tell); console.log(JSON.stringify(await q.get())); }
      }
    }`,
  );
  /** Another name for this Node, which a child can be known by: it says where it lies itself. */
  const copy = path.join(place.dir, 'other node');
  fs.copyFileSync(process.execPath, copy);
  const copyUsed = JSON.stringify([process.version, copy]);

  for (const [form, value] of [
    ['path', copy],
    ['url', pathToFileURL(copy).href],
    ['bytes', copy],
  ] as const)
    test(`test_set_executable: given as ${form}`, async () => {
      const { stdout, stderr } = await run([program, form, value]);
      assert.equal(stdout, `0\n${copyUsed}\n`, stderr);
    });

  test('children of children use it, too', async () => {
    assert.equal((await run([program, 'nest', copy])).stdout, `0\n${copyUsed}\n`);
  });

  test('null takes the choice back', async () => {
    const own = JSON.stringify([process.version, process.execPath]);
    assert.equal((await run([program, 'back', copy])).stdout, `0\n${copyUsed}\n0\n${own}\n`);
  });

  test('a Node of another version makes processes and workers, too', async t => {
    const newer = newerNode();
    if (newer === undefined) return t.skip('there is none on this machine');
    const { stdout, stderr } = await run([program, 'path', newer]);
    assert.match(stdout, /^0\n\["v2[4-9]/, stderr);
    assert.match((await run([program, 'pool', newer])).stdout, /^v2[4-9]/);
  });

  test('what is no file, or may not be run, is refused at the call', () => {
    const missing = path.join(place.dir, 'no such file');
    assert.throws(() => setExecutable(missing), { name: 'OSError', code: 'ENOENT', message: new RegExp(missing) });
    const plain = place.write('plain', '');
    if (process.platform !== 'win32') {
      assert.throws(() => setExecutable(plain), { name: 'OSError', code: 'EACCES', message: new RegExp(plain) });
    }
    assert.throws(() => setExecutable(place.dir), { code: 'EACCES' });
    for (const wrong of ['', 'a\0b']) assert.throws(() => setExecutable(wrong), TypeError);
    assert.throws(() => setExecutable(7 as never), { name: 'TypeError', message: /not number/ });
    assert.throws(() => setExecutable(new URL('https://example.org/node')), TypeError);
    assert.ok(getContext('spawn').setExecutable === setExecutable);
    assert.ok(OSError.prototype instanceof Error);
  });

  test('one that is gone by the time of the start is an OSError that names it', async () => {
    const file = path.join(place.dir, 'vanishing');
    fs.copyFileSync(process.execPath, file);
    using root = privateRoot();
    const { code, stderr } = await run([program, 'gone', file], { env: root.env });
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`OSError: the system refused to start a process: there is no ${file}`));
    assert.deepEqual(root.left(), []);
  });

  test('one that is no Node, and is content, makes no process that has done its work', async () => {
    using root = privateRoot();
    const { stdout, stderr } = await run([program, 'path', '/bin/true'], { env: root.env });
    assert.equal(stdout, '1\n');
    assert.match(
      stderr,
      /^Process Process-1:\nRuntimeError: '\/bin\/true' ended with exit code 0 before it had become/,
    );
    assert.deepEqual(root.left(), []);
  });

  test('a pool whose workers cannot become any is broken, and the executable is named', async () => {
    const { code, stderr } = await run([program, 'pool', '/bin/true']);
    assert.equal(code, 1);
    assert.match(stderr, /BrokenPoolError: the workers of this pool end while they start/);
    assert.match(stderr, /^Process PoolWorker-1:\nRuntimeError: '\/bin\/true' ended/m);
  });

  test('an option that Node does not know is named with the executable', async () => {
    const { stdout, stderr } = await run([program, 'options']);
    assert.equal(stdout, '9\n');
    assert.match(stderr, /bad option: --no-such-option/);
    assert.match(stderr, /RuntimeError: '.*--no-such-option' ended with exit code 9 before it had become this process/);
  });

  test('test_spawn_sys_executable_none_allows_import', async () => {
    const text = `Object.defineProperty(process, 'execPath', { value: '' });
      const { Process } = require('manycore');
      console.log('imported');
      try { new Process().start(); } catch (error) { console.log(error.name, error.message); }`;
    const { stdout, stderr } = await run(['-e', text], { cwd: place.dir });
    assert.match(stdout, /^imported\nOSError process\.execPath is empty: setExecutable\(\) says what to start/, stderr);
  });
});
