import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { activeChildren, Pipe, Process, Queue } from 'manycore';
import * as ported from './fixtures/ported.js';
import * as targets from './fixtures/targets.js';
import { DEADLINE, fixture, isRunning, lineOf, outputOf, privateRoot, run, textOf, until } from './support.js';

const piped = { stdio: 'pipe' } as const;

/** What is no longer reachable is gone after some of these. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise(resolve => setImmediate(resolve));
  }
}

describe("ports of Python's tests of processes", { timeout: DEADLINE * 4 }, () => {
  test('test_daemon_argument: the flag is inherited', async () => {
    for (const daemon of [true, false]) {
      const p = new Process({ target: ported.tellInheritedDaemon, daemon, ...piped });
      assert.equal((await outputOf(p)).stdout, `${daemon}\n`);
    }
  });

  test('test_interrupt: a process may take an interrupt as a wish', async () => {
    const p = new Process({ target: ported.swallowInterrupt, ...piped });
    p.start();
    await lineOf(p.stdout);
    p.interrupt();
    assert.equal(await p.join({ timeout: DEADLINE }), true);
    assert.equal(p.exitCode, 0);
  });

  test('test_lose_target_ref: what a process was given can be collected once it has been started', async () => {
    let argument: { big: number[] } | undefined = { big: [1, 2, 3] };
    const seen = new WeakRef(argument);
    const p = new Process({ target: targets.tellArgs, args: [argument], stdio: 'ignore' });
    argument = undefined;
    p.start();
    await p.join();
    await collectGarbage();
    assert.equal(seen.deref(), undefined);
    assert.equal(p.exitCode, 0);
    assert.throws(() => p.run(), { name: 'AssertionError', message: /has been handed to the process/ });
  });

  test('test_error_on_stdio_flush_1: a parent without streams has children that end well', async () => {
    const p = new Process({ target: ported.startWithoutStreams, ...piped });
    await outputOf(p);
    assert.equal(p.exitCode, 0);
  });

  for (const how of ['removed', 'destroyed']) {
    test(`test_error_on_stdio_flush_2: a process ends well when its streams are ${how}`, async () => {
      for (const stdio of ['pipe', 'ignore'] as const) {
        const p = new Process({ target: ported.closeStreams, args: [how], stdio });
        p.start();
        assert.equal(await p.join({ timeout: 10_000 }), true);
        assert.deepEqual([p.exitCode, await textOf(p.stderr)], [0, '']);
      }
    });
  }

  test('test_child_sys_path: a process has the working directory of its parent and finds the same modules', async () => {
    const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-path-')));
    const before = process.cwd();
    try {
      fs.writeFileSync(path.join(dir, 'only-here.js'), "module.exports = 'found';");
      process.chdir(dir);
      const env = { ...process.env, NODE_PATH: dir };
      const { stdout } = await outputOf(
        new Process({ target: ported.tellPlace, args: ['only-here.js'], env, ...piped }),
      );
      assert.deepEqual(JSON.parse(stdout), { cwd: dir, found: 'found' });
    } finally {
      process.chdir(before);
      fs.rmSync(dir, { recursive: true });
    }
  });

  test('test_poll_eintr: join survives signals', async () => {
    let caught = 0;
    const count = (): void => void caught++;
    process.on('SIGUSR2', count);
    try {
      const p = new Process({ target: ported.signalParent, args: [20], stdio: 'ignore' });
      p.start();
      assert.equal(await p.join({ timeout: DEADLINE }), true);
      assert.equal(p.exitCode, 0);
      await until(() => caught > 0, 'a signal has come');
    } finally {
      process.off('SIGUSR2', count);
    }
  });

  test('test_queue_in_process, test_nested_startmethod: a queue is passed on down the family', async () => {
    const queue = new Queue<string>();
    for (const depth of [0, 1]) {
      const p = new Process({ target: ported.passOn, args: [queue, `from ${depth}`, depth] });
      p.start();
      assert.equal(await queue.get({ timeout: DEADLINE }), `from ${depth}`);
      await p.join();
      assert.equal(p.exitCode, 0);
    }
  });

  test('test_global_named_resource_spawn: a semaphore of the main module is no leak', async () => {
    using root = privateRoot();
    const { code, stderr } = await run([fixture('programs/global-semaphore.js')], { env: root.env });
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(root.left(), []);
  });

  test('test_subclassing: an instance works with pipes of its own', async () => {
    const [here, there] = Pipe<string | null>();
    const p = new ported.UpperCaser(there);
    p.start();
    there.close();
    for (const text of ['hello', 'world']) {
      await here.send(text);
      assert.equal(await here.recv({ timeout: DEADLINE }), text.toUpperCase());
    }
    await here.send(null);
    await p.join();
    assert.equal(p.exitCode, 0);
  });

  test('test_sys_exit: an end without exit handlers, and one by abort', async () => {
    const left = new Process({ target: ported.leaveAtOnce, args: [77], ...piped });
    assert.equal((await outputOf(left)).stdout, '');
    assert.equal(left.exitCode, 77);
    const aborted = new Process({ target: ported.abort, ...piped });
    await outputOf(aborted);
    assert.equal(aborted.exitCode, -os.constants.signals.SIGABRT);
  });

  test('ps and process.title show the name of a process', { skip: process.platform === 'win32' }, async () => {
    for (const [name, shown] of [
      ['résumé reader', 'manycore: résumé reader'],
      [`odd\0\n${'x'.repeat(300)}`, `manycore: odd  ${'x'.repeat(95)}`],
    ] as const) {
      await using p = new Process({ target: ported.tellTitle, name, ...piped });
      p.start();
      const { execPath } = process;
      assert.deepEqual(JSON.parse(await lineOf(p.stdout)), { title: shown, exec: execPath, argv: execPath });
      const { stdout } = spawnSync('ps', ['-o', 'args=', '-ww', '-p', String(p.pid)], {
        encoding: 'utf8',
        env: { ...process.env, LC_ALL: 'C.UTF-8' },
      });
      assert.ok(stdout.startsWith(`${shown} `), stdout);
    }
  });

  test('terminate leaves the children of the process alone', async () => {
    const p = new Process({ target: ported.startAndStay, ...piped });
    p.start();
    const grandchild = Number(await lineOf(p.stdout));
    p.terminate();
    await p.join();
    assert.equal(p.exitCode, -os.constants.signals.SIGTERM);
    assert.equal(isRunning(grandchild), true);
    process.kill(grandchild, 'SIGKILL');
    await until(() => !isRunning(grandchild), 'the grandchild has ended');
  });

  test('the exit code is there as soon as the process is seen to have ended, without a join', async () => {
    const ends = [
      [new Process({ target: targets.exitWith, args: [300] }), 44],
      [new Process({ target: ported.leaveAtOnce, args: [77] }), 77],
      [new Process({ target: ported.abort, stdio: 'ignore' }), -os.constants.signals.SIGABRT],
    ] as const;
    for (const [p, exitCode] of ends) {
      p.start();
      // The event loop of this process, which Node tells of its children's ends, does not turn.
      const deadline = Date.now() + DEADLINE;
      while (p.isAlive()) assert.ok(Date.now() < deadline);
      assert.equal(p.exitCode, exitCode);
      assert.ok(!activeChildren().includes(p as never));
      await p.join();
      assert.equal(p.exitCode, exitCode);
    }
  });
});
