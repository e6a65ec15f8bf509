import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isRunning, lineOf, privateRoot, run, until } from '../process/support.js';
import { DEADLINE } from './support.js';

const here = path.dirname(fileURLToPath(import.meta.url));
const program = (name: string): string => path.join(here, 'fixtures/programs', name);

describe('programs with a pool', { timeout: DEADLINE * 4 }, () => {
  test('test_worker_finalization_via_atexit_handler_of_multiprocessing: a pool left open does not hold the program', async () => {
    using root = privateRoot();
    const { code, stdout, stderr } = await run([program('idle.js')], { env: root.env });
    assert.equal(code, 0, stderr);
    const [squares = '', pids = ''] = stdout.split('\n');
    assert.equal(squares, '[1,4,9]');
    assert.ok((JSON.parse(pids) as number[]).every(pid => !isRunning(pid)));
    assert.equal(stderr, '');
    assert.deepEqual(root.left(), []);
  });

  test('an error that nobody catches is printed once, with the stack of the worker', async () => {
    using root = privateRoot();
    const { code, stderr } = await run([program('failing.js')], { env: root.env });
    assert.equal(code, 1);
    assert.equal(stderr.match(/raised 42/g)?.length, 1, stderr);
    assert.equal(stderr.match(/tasks\.ts:\d+/g)?.length, 1, stderr);
    assert.match(stderr, /\[cause\]: \[RemoteTraceback: the stack above is that of the worker\]\n/);
    assert.doesNotMatch(stderr, /tb:|REMOTE_TRACEBACK/);
    assert.deepEqual(root.left(), []);
  });

  test('a program stays until the answer to its last task has come', async () => {
    using root = privateRoot();
    const { code, stdout } = await run([program('pending.js')], { env: root.env });
    assert.equal(code, 0);
    assert.equal(stdout, 'answer 49\n');
    assert.deepEqual(root.left(), []);
  });

  for (const kind of ['daemons', 'free']) {
    test(`process.exit() in the middle of the work takes the workers along (${kind})`, async () => {
      using root = privateRoot();
      const { code, stdout } = await run([program('leaving.js'), 'exit', kind], { env: root.env });
      assert.equal(code, 3);
      assert.equal(isRunning(Number(/worker (\d+)/.exec(stdout)?.[1])), false);
      assert.deepEqual(root.left(), []);
    });

    test(`a program that is killed takes its workers along (${kind})`, async () => {
      using root = privateRoot();
      const env = { ...process.env, ...root.env };
      const main = spawn(process.execPath, [program('leaving.js'), 'hang', kind], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(main, 'exit');
      const pid = Number(/worker (\d+)/.exec(await lineOf(main.stdout))?.[1]);
      main.kill('SIGKILL');
      await ended;
      await until(() => !isRunning(pid), 'the end of the worker');
    });
  }

  test('a pool made without a guard is told so, and nothing hangs', async () => {
    using root = privateRoot();
    const { code, stdout, stderr } = await run([program('unguarded.js')], { env: root.env });
    assert.notEqual(code, 0);
    assert.equal(stdout, '');
    assert.match(stderr, /without a guard/);
    assert.match(stderr, /unguarded\.js/);
    assert.deepEqual(root.left(), []);
  });

  for (const how of ['at-once', 'lazily', 'late']) {
    test(`an async main() without a guard breaks the pool, and is told once (${how})`, async () => {
      using root = privateRoot();
      const { code, stdout, stderr } = await run([program('unguardedMain.js'), how], { env: root.env });
      assert.equal(code, 1);
      assert.equal(stdout, '');
      assert.match(
        stderr,
        /^BrokenPoolError: no worker can go on: RuntimeError: .*unguardedMain\.js:\d+:\d+ starts a/m,
      );
      assert.doesNotMatch(stderr, /^Process PoolWorker/m);
      assert.deepEqual(root.left(), []);
    });
  }

  test('test_resource_warning: a pool that was dropped and never closed is named in a warning', async () => {
    using root = privateRoot();
    const { code, stdout } = await run(['--expose-gc', program('dropped.js')], { env: root.env });
    assert.equal(code, 0);
    assert.match(stdout, /ResourceWarning: unclosed running multiprocessing pool/);
  });
});
