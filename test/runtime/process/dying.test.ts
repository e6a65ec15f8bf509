import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Pool, Process, SystemExit } from 'manycore';
import * as dying from './fixtures/dying.js';
import { DEADLINE, lineOf, outputOf } from './support.js';

const piped = { stdio: 'pipe' } as const;
const lines = (which: string, count: number): string =>
  Array.from({ length: count }, (_, i) => `${which} ${i}\n`).join('');

async function endOf(process: Process<never[]> | Process): Promise<[exitCode: number | null, stderr: string]> {
  const { stderr } = await outputOf(process);
  return [process.exitCode, stderr];
}

describe('SystemExit', { timeout: DEADLINE * 2 }, () => {
  for (const [status, exitCode, said] of [
    [8, 8, ''],
    [0, 0, ''],
    [undefined, 0, ''],
    [null, 0, ''],
    [true, 1, ''],
    [false, 0, ''],
    [300, 44, ''],
    [-1, 255, ''],
    [2 ** 40 + 7, 7, ''],
    [258n, 2, ''],
    [1.5, 1, '1.5\n'],
    ['too little room', 1, 'too little room\n'],
    ['', 1, '\n'],
    [[1, 2, 3], 1, '[ 1, 2, 3 ]\n'],
    [{ why: 'so' }, 1, "{ why: 'so' }\n"],
  ] as const) {
    test(`test_sys_exit: ${typeof status} ${String(status)} ends the process with ${exitCode}`, async () => {
      assert.deepEqual(await endOf(new Process({ target: dying.exitBy, args: [status], ...piped })), [exitCode, said]);
    });
  }

  test('wherever it is thrown: in an async target, in run, in a timer, in a rejection nobody handles', async () => {
    for (const target of [dying.exitByLater, dying.exitByInTimer, dying.exitByRejection])
      assert.deepEqual(await endOf(new Process({ target, args: [7], ...piped })), [7, '']);
    assert.deepEqual(await endOf(new dying.Quitter(piped)), [1, 'from run\n']);
  });

  test('test_exit_during_func_exec_on_worker: a task that throws it fails with it, and its worker goes on', async () => {
    await using pool = new Pool(1);
    for (const status of [3, 'text']) {
      await assert.rejects(pool.apply(dying.exitBy, [status]), (error: unknown) => {
        assert.ok(error instanceof SystemExit);
        assert.deepEqual([error.status, error.code], [status, 'ERR_MANYCORE_SYSTEM_EXIT']);
        return true;
      });
    }
    assert.equal(await pool.apply(Math.abs, [-3]), 3);
  });
});

describe('the error a process dies of', { timeout: DEADLINE * 2 }, () => {
  for (const [which, ...expected] of [
    ['a throwing getter of the stack', /Uncaught Error: hidden/],
    ['a throwing inspect', /Uncaught RangeError: seen all the same/],
    ['a proxy that refuses', /Uncaught/],
    ['a null', /Uncaught null/],
    ['an object', /Uncaught { reason: 'this' }/],
    ['causes of causes', /Error: outer/, /Error: middle/, /Error: inner\n/, /Error: innermost\n +at /],
    ['an AggregateError', /AggregateError: many/, /Error: first of all\n +at .*dying/, /Error: second of all/],
    ['a huge message', /^Error: begin x{1000}/m, /x{1000} end\n +at .*dying/],
    ['a cycle', /Error: round/, /\[Circular \*1\]/],
  ] as const) {
    test(`is told whatever it is like: ${which}`, async () => {
      const [exitCode, stderr] = await endOf(
        new Process({ target: dying.throwOdd, args: [which], name: 'odd', ...piped }),
      );
      assert.equal(exitCode, 1, stderr);
      assert.ok(stderr.startsWith('Process odd:\n'));
      for (const each of expected) assert.match(stderr, each);
      if (which === 'a huge message') assert.ok(stderr.length > 8 << 20);
    });
  }

  test('an error that ends the process while it is being shown ends it', async () => {
    const p = new Process({ target: dying.throwOdd, args: ['an inspect that ends the process'], ...piped });
    assert.deepEqual(await endOf(p), [5, '']);
  });

  test('an exit handler that throws is told, at an exit and at the natural end', async () => {
    for (const how of ['exit', 'return']) {
      const p = new Process({ target: dying.throwInExitHandler, args: [how], name: 'leaver', ...piped });
      const [exitCode, stderr] = await endOf(p);
      assert.equal(exitCode, 1);
      assert.match(stderr, /^Process leaver:\nError: in the exit handler\n +at process\.<anonymous>.*dying\.ts:\d+/);
    }
  });
});

describe('what a process has printed', { timeout: DEADLINE * 2 }, () => {
  const { signals } = os.constants;
  for (const [how, exitCode] of [
    ['return', 0],
    ['exit', 3],
    ['throw', 1],
    ['abort', -signals.SIGABRT],
    ['SIGTERM', -signals.SIGTERM],
    ['SIGKILL', -signals.SIGKILL],
  ] as const) {
    test(`thousands of lines arrive whole, however it ends: ${how}`, async () => {
      const p = new Process({ target: dying.printAndDie, args: [5000, how], ...piped });
      const { stdout, stderr } = await outputOf(p);
      assert.equal(p.exitCode, exitCode);
      assert.equal(stdout, lines('out', 5000));
      assert.ok(stderr.startsWith(lines('err', 5000)));
      if (how === 'throw') assert.match(stderr, /Process Process-\d+:\nError: the last line of all\n/);
    });
  }

  test('is read to its end after a terminate from outside', async () => {
    const p = new Process({ target: dying.printAndStay, args: [5000], ...piped });
    p.start();
    let stdout = '';
    for await (const chunk of p.stdout ?? []) {
      stdout += String(chunk);
      if (stdout.endsWith('out 4999\n')) p.terminate();
      p.stderr?.resume();
    }
    await p.join();
    assert.deepEqual([p.exitCode, stdout], [-signals.SIGTERM, lines('out', 5000)]);
  });

  for (const when of ['at once', 'at the end'])
    test(`test_error_on_stdio_flush_2: a process that closes its descriptors 1 and 2 ${when} ends well`, async () => {
      for (const stdio of ['pipe', 'prefix', 'ignore'] as const) {
        const p = new Process({ target: dying.closeDescriptors, args: [when], stdio });
        p.start();
        if (when === 'at the end' && stdio === 'pipe') assert.equal(await lineOf(p.stdout), 'last words');
        assert.equal(await p.join({ timeout: DEADLINE }), true);
        assert.equal(p.exitCode, 0);
      }
    });

  for (const how of ['console.log', 'write'])
    test(`goes nowhere when nobody reads any more, and the work is done all the same: ${how}`, async () => {
      const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-nobody-'));
      const file = path.join(dir, 'end');
      const p = new Process({ target: dying.printToNobody, args: [how, file], ...piped });
      p.start();
      p.stdout?.destroy();
      p.stderr?.destroy();
      await p.join();
      assert.deepEqual([p.exitCode, fs.existsSync(file)], [0, true]);
      fs.rmSync(dir, { recursive: true });
    });
});
