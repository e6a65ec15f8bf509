import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import fs from 'node:fs';
import path from 'node:path';
import { DEADLINE, fixture, isRunning, privateRoot, run, until } from './support.js';

const program = (name: string): string => fixture(`programs/${name}`);

describe('whole programs', { timeout: DEADLINE * 4 }, () => {
  for (const [name, guard, line] of [
    ['unguarded.js', 'if (isMain(import.meta)) {', 'p.start()'],
    ['unguarded-later.js', 'if (isMain(import.meta)) {', 'p.start()'],
    ['unguarded-cjs.cjs', 'if (require.main === module) {', 'p.start()'],
    ['unguarded-helped.js', 'if (isMain(import.meta)) {', 'startAndJoin(target)'],
  ] as const) {
    test(`test_noforkbomb: ${name} is told where it starts a process without a guard`, async () => {
      using root = privateRoot();
      const file = program(name);
      const { code, stdout, stderr } = await run([file], { env: root.env });
      assert.equal(code, 42, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, /^Process Process-1:\nRuntimeError: /);
      const at =
        fs
          .readFileSync(file, 'utf8')
          .split('\n')
          .findIndex(each => each.includes(line)) + 1;
      assert.ok(stderr.includes(`${file}:${at}:`), stderr);
      assert.ok(stderr.includes(guard), stderr);
      assert.equal(stderr.match(/RuntimeError/g)?.length, 1, stderr);
      assert.deepEqual(root.left(), []);
    });
  }

  for (const METHOD of ['spawn', 'forkserver'])
    test(`test_noforkbomb: a module that sets the start method without a guard is told where (${METHOD})`, async () => {
      using root = privateRoot();
      const file = program('unguarded-method.js');
      const set = await run([file], { env: { ...root.env, METHOD } });
      assert.deepEqual([set.code, set.stdout], [42, ''], set.stderr);
      assert.match(set.stderr, /RuntimeError: context has already been set: /);
      assert.match(set.stderr, /unguarded-method\.js:\d+:\d+ sets the start method without a guard/);
      assert.ok(set.stderr.includes('if (isMain(import.meta)) {'), set.stderr);
      // Who catches that goes on, to the next thing that lacks one.
      const started = await run([file], { env: { ...root.env, METHOD, CATCHES: '1' } });
      assert.deepEqual([started.code, started.stdout], [42, ''], started.stderr);
      assert.match(started.stderr, /unguarded-method\.js:\d+:\d+ starts a process without a guard/);
      assert.deepEqual(root.left(), []);
    });

  test('a main process that comes to its end waits for its children and ends its daemons', async () => {
    using root = privateRoot();
    const { code, stdout } = await run([program('daemons.js')], { env: root.env });
    assert.equal(code, 0);
    assert.match(stdout, /worker done/);
    assert.doesNotMatch(stdout, /survived/);
    assert.equal(isRunning(Number(/daemon (\d+)/.exec(stdout)?.[1])), false);
    assert.deepEqual(root.left(), []);
  });

  test('process.exit() in the main process ends daemons at once and leaves others to finish', async () => {
    using root = privateRoot();
    const { code, stdout } = await run([program('daemons.js'), 'exit'], { env: root.env });
    assert.equal(code, 5);
    assert.match(stdout, /worker done/);
    assert.doesNotMatch(stdout, /daemon/);
    assert.deepEqual(root.left(), []);
  });

  test('a grandchild whose parent was killed is not waited for, finishes its work, and takes the files along', async () => {
    using root = privateRoot();
    const { code, stdout, stderr } = await run([program('orphan.js')], { env: root.env });
    assert.deepEqual([code, stdout, stderr], [0, 'main ends\ngrandchild done\n', '']);
    await until(() => root.left().length === 0, 'the folder is gone');
  });

  test('a program whose main process is killed leaves no process, and no files once another one starts', async () => {
    using root = privateRoot();
    const env = { ...process.env, ...root.env };
    const main = spawn(process.execPath, [program('daemons.js'), 'hang'], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    main.stdout.setEncoding('utf8').on('data', text => (said += String(text)));
    await until(() => /daemon \d+/.test(said) && /worker \d+/.test(said), 'both children run');
    const pids = [...said.matchAll(/\d+/g)].map(Number);
    main.kill('SIGKILL');
    await until(() => !pids.some(isRunning), 'the children have ended');
    assert.equal((await run([program('who.js')], { env: root.env })).code, 0);
    assert.deepEqual(root.left(), []);
  });

  test('Ctrl-C ends the whole family, and nobody says a word', async () => {
    using root = privateRoot();
    const env = { ...process.env, ...root.env };
    const main = spawn(process.execPath, [program('daemons.js'), 'hang'], { env, detached: true, stdio: 'pipe' });
    let said = '';
    let complaints = '';
    main.stdout.on('data', text => (said += String(text)));
    main.stderr.on('data', text => (complaints += String(text)));
    await until(() => /daemon \d+/.test(said) && /worker \d+/.test(said), 'both children run');
    process.kill(-(main.pid ?? 0), 'SIGINT'); // what a terminal does: to every process of the group
    await once(main, 'close', { signal: AbortSignal.timeout(DEADLINE) });
    assert.equal(main.signalCode, 'SIGINT');
    assert.equal(complaints, '');
    assert.deepEqual([...said.matchAll(/\d+/g)].map(Number).filter(isRunning), []);
  });

  test('a module that cannot be imported is told with the name of the process and the place', async () => {
    const { code, stderr } = await run([program('broken-import.js')]);
    assert.equal(code, 1);
    assert.match(stderr, /^Process importer:\n/);
    assert.match(stderr, /cannot import file:\/\/.*broken-import\.js/);
    assert.match(stderr, /TypeError: not importable\n +at .*broken-import\.ts:\d+/);
  });

  test('paths with spaces, percent signs and letters of any script', async () => {
    using root = privateRoot();
    const dir = fs.mkdtempSync(fixture('a path, 100% ünïcödé 漢字 '));
    try {
      for (const name of ['who.js', 'who-cjs.cjs']) {
        const file = path.join(dir, `mäin ${name}`);
        fs.copyFileSync(program(name), file);
        const { stdout, stderr } = await run([file], { env: root.env });
        assert.equal(stdout, 'import true true\nimport false false\nrun false false\n', stderr);
      }
    } finally {
      fs.rmSync(dir, { recursive: true });
    }
  });

  test('isMain knows the main module without its extension, as a folder, and through links', async () => {
    const dir = fs.mkdtempSync(fixture('main-'));
    const expected = 'import true true\nimport false false\nrun false false\n';
    try {
      fs.copyFileSync(program('who.js'), path.join(dir, 'index.js'));
      fs.writeFileSync(path.join(dir, 'package.json'), '{ "type": "module", "main": "index.js" }');
      fs.symlinkSync(path.join(dir, 'index.js'), path.join(dir, 'link.js'));
      fs.copyFileSync(program('who-cjs.cjs'), path.join(dir, 'plain.cjs'));
      for (const [cwd, entry] of [
        [dir, 'index'],
        [dir, '.'],
        [dir, './link.js'],
        [path.dirname(dir), path.basename(dir)],
        [dir, 'plain.cjs'],
      ] as const) {
        const { stdout, stderr } = await run([entry], { cwd });
        assert.equal(stdout, expected, `${entry}: ${stderr}`);
      }
    } finally {
      fs.rmSync(dir, { recursive: true });
    }
  });
});
