import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Lock, Process, SimpleQueue } from 'manycore';
import { keep } from './fixtures/programs/resources.js';
import { DEADLINE, fixture, lineOf, privateRoot, programsRoot, run, textOf } from './support.js';

const program = fixture('programs/resources.js');

/** The files of this program's shared memory, with their lengths in bytes. */
function segments(): number {
  const [own] = fs.readdirSync(programsRoot()).filter(name => name.startsWith(`${process.pid}-`));
  const dir = path.join(programsRoot(), own ?? '');
  const files = fs.readdirSync(dir).filter(name => name.startsWith('seg-'));
  return files.reduce((sum, name) => sum + fs.statSync(path.join(dir, name)).size, 0);
}

// Python has a process for this, the resource tracker. Here nobody has to be there: what dies with its holder is known by
// its locks, and what a program leaves by its folder.
describe('what the dead have left', { timeout: DEADLINE * 4 }, () => {
  for (const end of ['terminate', 'kill'] as const)
    test(`test_resource_tracker: a process is ended (${end}): what it had goes, what it has given away stays`, async () => {
      const answers = new SimpleQueue<SimpleQueue<string>>();
      const lock = new Lock();
      let settled = 0;
      for (let i = 0; i < 8; i++) {
        const process = new Process({ target: keep, args: [answers, lock], stdio: 'pipe' });
        process.start();
        const stderr = textOf(process.stderr);
        const given = await answers.get();
        process[end]();
        await process.join();
        assert.equal(await given.get(), 'made by one that was killed');
        assert.notEqual(await lock.acquire({ timeout: DEADLINE }), false);
        lock.release();
        given.close();
        assert.equal(await stderr, '', 'no warning');
        if (i === 1) settled = segments();
      }
      // A page for what each slot of the table notes; each of the queues would be 64 KiB.
      assert.ok(segments() - settled <= 6 * 8192, `${segments() - settled} bytes more after six processes`);
      answers.close();
    });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const)
    test(`test_resource_tracker_${signal.toLowerCase()}: what a program leaves goes with the next, without a word`, async () => {
      using root = privateRoot();
      const child = spawn(process.execPath, [program, 'wait'], { env: { ...process.env, ...root.env } });
      const stderr = textOf(child.stderr);
      assert.equal(await lineOf(child.stdout), 'ready');
      child.kill(signal);
      assert.deepEqual(await once(child, 'exit'), [null, signal]);
      assert.equal(root.left().length, 1);
      const next = await run([program, 'leave'], { env: root.env });
      assert.deepEqual([next, await stderr], [{ code: 0, signal: null, stdout: '', stderr: '' }, '']);
      assert.deepEqual(root.left(), []);
    });

  test('test_resource_tracker_reused: children and theirs have the one folder of their program', async () => {
    using root = privateRoot();
    const seen = new Set<string>();
    fs.mkdirSync(root.env['MANYCORE_DIR'] ?? '', { mode: 0o700 });
    const watcher = fs.watch(
      root.env['MANYCORE_DIR'] ?? '',
      (_, name) => name !== null && seen.add(name.replace('.', '')),
    );
    assert.equal((await run([program, 'leave'], { env: root.env })).code, 0);
    watcher.close();
    assert.equal(seen.size, 1, [...seen].join());
  });

  test('test_resource_tracker_exit_code: a program that closes nothing ends well, and leaves nothing', async () => {
    using root = privateRoot();
    const ended = await run([program, 'leave'], { env: root.env });
    assert.deepEqual(ended, { code: 0, signal: null, stdout: '', stderr: '' });
    assert.deepEqual(root.left(), []);
  });

  test('test_too_long_name_resource: a folder whose name is too long is told before anything is made', async () => {
    using root = privateRoot();
    const { stderr, code } = await run([program, 'leave'], {
      env: { MANYCORE_DIR: path.join(root.env['MANYCORE_DIR'] ?? '', 'x'.repeat(300)) },
    });
    assert.equal(code, 1);
    assert.match(stderr, /OSError: manycore keeps what processes share in .*ENAMETOOLONG.*MANYCORE_DIR/);
  });
});
