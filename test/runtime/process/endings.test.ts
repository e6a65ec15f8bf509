import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Process } from 'manycore';
import * as targets from './fixtures/targets.js';
import { DEADLINE, lineOf, outputOf } from './support.js';

const endOf = async (
  process: Process<never[]> | Process,
): Promise<{ exitCode: number | null; stderr: string; stdout: string }> => {
  const output = await outputOf(process);
  return { exitCode: process.exitCode, ...output };
};
const piped = { stdio: 'pipe' } as const;

describe('how a process ends', { timeout: DEADLINE * 4 }, () => {
  test('test_terminate: -15, and once more does nothing', async () => {
    const p = new Process({ target: targets.runForEver, stdio: 'ignore', daemon: true });
    p.start();
    p.terminate();
    await p.join();
    assert.equal(p.exitCode, -15);
    p.terminate();
    p.kill();
  });

  test('test_kill: a process that ignores SIGTERM dies of SIGKILL', async () => {
    const p = new Process({ target: targets.ignoreSigterm, ...piped });
    p.start();
    await lineOf(p.stdout);
    p.terminate();
    assert.equal(await p.join({ timeout: 200 }), false);
    p.kill();
    await p.join();
    assert.equal(p.exitCode, -9);
  });

  test('test_interrupt_no_handler: -2, without a word', async () => {
    const p = new Process({ target: targets.runForEver, ...piped });
    p.start();
    await lineOf(p.stdout);
    p.interrupt();
    await p.join();
    assert.equal(p.exitCode, -2);
    assert.equal(await lineOf(p.stderr), '');
  });

  test('test_sys_exit: the exit code is the number given, cut to a byte', async () => {
    for (const [given, expected] of [
      [0, 0],
      [8, 8],
      [300, 44],
      [-1, 255],
    ] as const) {
      assert.equal(
        (await endOf(new Process({ target: targets.exitWith, args: [given], ...piped }))).exitCode,
        expected,
      );
    }
    assert.equal((await endOf(new Process({ target: targets.exitInTimer, args: [5], ...piped }))).exitCode, 5);
    assert.equal((await endOf(new Process({ target: targets.setExitCode, args: [6], ...piped }))).exitCode, 6);
  });

  test('test_stderr_flush: an uncaught error is told whole, under the name of the process', async () => {
    const thrown = await endOf(new Process({ target: targets.throwError, args: ['oh no'], name: 'thrower', ...piped }));
    assert.equal(thrown.exitCode, 1);
    assert.match(thrown.stderr, /^Process thrower:\nRangeError: oh no\n {4}at throwError \(.*targets\.ts:\d+:\d+\)\n$/);
    const rejected = await endOf(new Process({ target: targets.rejectLater, name: 'later', ...piped }));
    assert.equal(rejected.exitCode, 1);
    assert.match(rejected.stderr, /^Process later:\nRangeError: rejected later\n/);
  });

  test('an unhandled rejection ends the process like an uncaught error', async () => {
    const { exitCode, stderr } = await endOf(
      new Process({ target: targets.rejectUnhandled, name: 'careless', ...piped }),
    );
    assert.equal(exitCode, 1);
    assert.match(stderr, /^Process careless:\nError: nobody handles this\n/);
  });

  test('what is thrown need not be an error', async () => {
    const { exitCode, stderr } = await endOf(new Process({ target: targets.throwString, name: 'odd', ...piped }));
    assert.equal(exitCode, 1);
    assert.equal(stderr, "Process odd:\nUncaught 'just text'\n");
  });

  test("a process's own handler of uncaught errors decides", async () => {
    const { exitCode, stdout } = await endOf(new Process({ target: targets.handleOwnErrors, ...piped }));
    assert.equal(exitCode, 0);
    assert.equal(stdout, '"handled here"\n');
  });

  test('test_wait_for_threads: work that is pending is waited for, what is unreferenced is not', async () => {
    const { exitCode, stdout } = await endOf(new Process({ target: targets.leaveWork, ...piped }));
    assert.equal(exitCode, 0);
    assert.equal(stdout, '"late"\n');
  });

  test('work that waits for what can never come is told, with the exit code of Node', async () => {
    const { exitCode, stderr } = await endOf(new Process({ target: targets.waitForNothing, name: 'stuck', ...piped }));
    assert.equal(exitCode, 13);
    assert.match(stderr, /^Process stuck:\nit ended while its work was still waiting/);
  });

  test('test_atexit: exit handlers run', async () => {
    assert.equal((await endOf(new Process({ target: targets.exitHandlers, ...piped }))).stdout, '{"exit":0}\n');
  });

  test('a mebibyte on stdout and stderr arrives whole, also before process.exit()', async () => {
    for (const exit of [false, true]) {
      const bytes = 1 << 20;
      const { stdout, stderr } = await endOf(new Process({ target: targets.writeMuch, args: [bytes, exit], ...piped }));
      assert.deepEqual([stdout.length, stderr.length], [bytes, bytes]);
    }
  });

  test('test_many_processes: a hundred that end by themselves, a hundred that are terminated right after the start', async () => {
    const quick = Array.from({ length: 100 }, () => new Process({ target: targets.nothing }));
    for (const p of quick) p.start();
    await Promise.all(quick.map(p => p.join()));
    assert.deepEqual(new Set(quick.map(p => p.exitCode)), new Set([0]));
    const slow = Array.from({ length: 100 }, () => new Process({ target: targets.runForEver, stdio: 'ignore' }));
    for (const p of slow) p.start();
    for (const p of slow) p.terminate();
    await Promise.all(slow.map(p => p.join()));
    assert.deepEqual(new Set(slow.map(p => p.exitCode)), new Set([-15]));
  });
});
