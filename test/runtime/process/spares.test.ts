import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, test } from 'node:test';
import { setForkserverPreload } from 'manycore';
import { DEADLINE, fixture, isRunning, lineOf, privateRoot, run, until } from './support.js';

const program = (name: string): string => fixture(`programs/${name}`);
const module = (name: string): string => fixture(`preloads/${name}.js`);

/** What `programs/preloads.js` says of its processes, and what was printed. */
async function preload(onError: string, count: number, modules: string[], env: NodeJS.ProcessEnv = {}) {
  using root = privateRoot();
  const args = [program('preloads.js'), onError, String(count), ...modules];
  const { code, stdout, stderr } = await run(args, { env: { ...root.env, ...env } });
  assert.equal(code, 0, stderr);
  assert.deepEqual(root.left(), []);
  const lines = stdout.trim().split('\n');
  return { told: JSON.parse(lines.at(-1) ?? '') as unknown[], printed: lines.slice(0, -1), stderr };
}

describe('spares and the program they belong to', { timeout: DEADLINE * 4 }, () => {
  for (const [how, exitCode] of [
    ['end', 0],
    ['exit', 3],
    ['throw', 1],
  ] as const)
    test(`a program that ends (${how}) takes its spares and its files along`, async () => {
      using root = privateRoot();
      const { code, stdout, stderr } = await run([program('spares.js'), how], { env: root.env });
      assert.equal(code, exitCode, stderr);
      const spares = stdout.match(/\d+/g) ?? [];
      assert.equal(spares.length, 2);
      assert.deepEqual(spares.map(Number).filter(isRunning), []);
      assert.deepEqual(root.left(), []);
    });

  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT'] as const)
    test(`a program that is ended by ${signal} leaves no spare, and no files once another one starts`, async () => {
      using root = privateRoot();
      const env = { ...process.env, ...root.env };
      const main = spawn(process.execPath, [program('spares.js'), 'hang'], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const spares = (await lineOf(main.stdout)).match(/\d+/g)?.map(Number) ?? [];
      assert.equal(spares.filter(isRunning).length, 2);
      main.kill(signal);
      await until(() => !spares.some(isRunning), 'the spares have ended');
      assert.equal((await run([program('who.js')], { env: root.env })).code, 0);
      assert.deepEqual(root.left(), []);
    });

  test('a process that was a spare finishes its work although its parent leaves at once', async () => {
    using root = privateRoot();
    for (let i = 0; i < 3; i++) {
      const { code, stdout } = await run([program('spares.js'), 'outlived'], { env: root.env });
      assert.equal(code, 0);
      const [, a, b, child] = /ready (\d+) (\d+)\nchild (\d+)\n/.exec(stdout) ?? [];
      assert.ok(child !== undefined && [a, b].includes(child));
      assert.match(stdout, /work done/);
      await until(() => root.left().length === 0, 'the folder is gone');
    }
  });

  test('a daemon that was a spare ends with its parent', async () => {
    using root = privateRoot();
    const { code, stdout } = await run([program('spares.js'), 'daemon'], { env: root.env });
    assert.equal(code, 0);
    assert.doesNotMatch(stdout, /work done/);
    assert.equal(isRunning(Number(/child (\d+)/.exec(stdout)?.[1])), false);
    assert.deepEqual(root.left(), []);
  });

  test('a main module without a guard: each process is told so, spare or not, and there are no others', async () => {
    using root = privateRoot();
    const { code, stdout, stderr } = await run([program('unguarded-spares.js')], { env: root.env });
    assert.equal(code, 42, stderr);
    assert.equal(stdout, '');
    assert.deepEqual(
      stderr.split('\n').filter(line => line.startsWith('Process ')),
      ['Process unguarded-0:', 'Process unguarded-1:', 'Process unguarded-2:'],
    );
    assert.equal(stderr.match(/RuntimeError: .*without a guard/g)?.length, 3, stderr);
    assert.deepEqual(root.left(), []);
  });
});

describe('what is preloaded', { timeout: DEADLINE * 4 }, () => {
  test('test_context_check_module_types: what is no list of strings is refused', () => {
    for (const wrong of [[1, 2, 3], 'name', undefined, [null]])
      assert.throws(() => setForkserverPreload(wrong as unknown as string[]), {
        name: 'TypeError',
        message: 'setForkserverPreload takes an array of strings, the modules to import',
      });
    assert.throws(
      () => setForkserverPreload([], { onError: 'never' as 'fail' }),
      /^ValueError: onError must be 'ignore'/,
    );
    assert.throws(() => setForkserverPreload([], { spares: -1 }), /^ValueError: spares must be/);
    assert.throws(() => setForkserverPreload([], { spares: 1.5 }), /^TypeError: spares must be/);
    assert.throws(() => setForkserverPreload([], { on_error: 'fail' } as object), /Did you mean 'onError'/);
  });

  test('test_forkserver_preload_imports_sys_path: found from the main module, in each process, spare or not', async () => {
    for (const named of ['../preloads/sets.js', module('sets'), `file://${module('sets')}`]) {
      const { told, stderr } = await preload('fail', 2, [named]);
      assert.deepEqual([told, stderr], [['set', 'set', 'warm'], '']);
    }
    const { told } = await preload('fail', 2, ['manycore', 'node:zlib', '__main__']);
    assert.deepEqual(told, [null, null, 'warm']);
  });

  test('test_preload_resources: a module that holds a lock, and one that waits at its top level', async () => {
    assert.deepEqual((await preload('fail', 2, [module('locks')])).told, ['with a lock', 'with a lock', 'warm']);
    assert.deepEqual((await preload('fail', 2, [module('waits')])).told, ['after a while', 'after a while', 'warm']);
  });

  test('test_std_streams_flushed_after_preload: what a module prints is printed by each process, by no spare', async () => {
    const { told, printed, stderr } = await preload('fail', 3, [module('prints')]);
    assert.deepEqual(told, [null, null, 'warm', null, 'warm']);
    assert.deepEqual(printed, Array(3).fill('stdout of the module'));
    assert.equal(stderr, 'stderr of the module\n'.repeat(3));
  });

  test('much that is printed while a module is imported: no spare, and nothing is lost', async () => {
    const { told, printed } = await preload('fail', 2, [module('chatters')], { WAIT: '500' });
    assert.deepEqual(told, [null, null]);
    assert.equal(printed.length, 600);
    assert.ok(printed.every(line => line.length === 8191));
  });

  test('a module that cannot be imported: ignored, warned of, or the reason why nothing starts', async () => {
    const ignored = await preload('ignore', 2, [module('throws'), module('sets')]);
    assert.deepEqual(ignored.told, ['set', 'set', 'warm']);
    assert.equal(ignored.stderr, '');
    const warned = await preload('warn', 3, [module('throws')]);
    assert.deepEqual(warned.told, [null, null, 'warm', null, 'warm']);
    // By the first process, which was no spare, and by this one, which then knows.
    const warnings = warned.stderr.match(
      /ForkserverPreloadWarning: '.*throws\.js', .* this module cannot be imported/g,
    );
    assert.equal(warnings?.length, 2, warned.stderr);
    const failed = await preload('fail', 2, [module('throws')], { WAIT: '1500' });
    assert.equal(failed.told[0], 1);
    assert.match(
      String(failed.told[1]),
      /^RuntimeError: '.*throws\.js', which setForkserverPreload names, cannot be im/,
    );
    assert.match(failed.stderr, /^Process child:\nRuntimeError: '.*throws\.js'.*this module cannot be imported/);
    const missing = await preload('fail', 2, ['no-such-package-at-all'], { WAIT: '1500' });
    assert.match(String(missing.told[1]), /'no-such-package-at-all', .*Cannot find package/);
  });

  test('a module that starts processes: told as what it is, whatever is to be ignored', async () => {
    const { told, stderr } = await preload('ignore', 2, [module('starts')], { WAIT: '500' });
    assert.deepEqual(told, [1, 1]);
    assert.equal(stderr.match(/RuntimeError: .*without a guard/g)?.length, 2, stderr);
  });

  for (const [name, codes] of [
    ['neverSettles', [13, 13]],
    ['exits', [9, 9]],
  ] as const)
    test(`a module that ends its process (${name}): processes end so, and spares are made no more`, async () => {
      const { told } = await preload('ignore', 2, [module(name)], { WAIT: '1500' });
      assert.deepEqual(told, codes);
    });

  test('a module whose spares fail later, while they wait: processes start all the same', async () => {
    const { told } = await preload('ignore', 3, [module('failsLater')], { WAIT: '300' });
    const ends = told.filter(each => each !== 'warm');
    assert.equal(ends.length, 3);
    // One may be taken in the very moment in which it fails: no start can know.
    assert.ok(ends.filter(each => each !== null).length <= 1, String(ends));
  });
});
