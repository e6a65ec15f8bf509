import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { ProcessSnapshot } from 'manycore/inspect';
import { isRunning } from '../process/support.js';
import { DEADLINE, eventually, startSubject } from './support.js';

describe('manycore kill', { timeout: DEADLINE * 2 }, () => {
  test('one process goes, and the others stay', async () => {
    await using subject = await startSubject();
    const blocked = await subject.find('blocked');
    const { stdout, stderr, code } = await subject.manycore(['kill', String(blocked.pid)]);
    assert.deepEqual([stdout, stderr, code], [`SIGTERM to blocked (pid ${blocked.pid}): gone\n`, '', 0]);
    assert.ok(!isRunning(blocked.pid));
    assert.ok(isRunning((await subject.find('spinning')).pid));
    await eventually(async () => (await subject.find('blocked')).signal === 'SIGTERM', 'its parent has seen the end');
  });

  test('who does not listen is told of, and goes with SIGKILL', async () => {
    await using subject = await startSubject();
    const { pid } = await subject.find('stubborn');
    const asked = await subject.manycore(['kill', String(pid)]);
    assert.equal(asked.code, 1);
    assert.match(
      asked.stderr,
      /SIGTERM to stubborn \(pid \d+\): still there\n.*1 still there after 2 s; --signal SIGKILL/,
    );
    assert.ok(isRunning(pid));
    const forced = await subject.manycore(['kill', String(pid), '--signal', 'kill']);
    assert.deepEqual([forced.stdout, forced.code], [`SIGKILL to stubborn (pid ${pid}): gone\n`, 0]);
  });

  test('--tree takes what it started, the parent first, and nothing beside it', async () => {
    await using subject = await startSubject();
    const [parent, child] = [await subject.find('parent'), await subject.find('grandchild')];
    const { stdout, code } = await subject.manycore(['kill', '--tree', String(parent.pid)]);
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^SIGTERM to parent \\(pid ${parent.pid}\\): gone\n`));
    assert.ok(!isRunning(parent.pid) && !isRunning(child.pid));
    assert.ok(isRunning((await subject.find('spinning')).pid) && isRunning(subject.main.pid ?? 0));
  });

  test('--tree of the main process ends a whole program: a pool at work, a loop, a blocked one, a stopped one', async () => {
    await using subject = await startSubject();
    const pids = (await subject.programs())[0]?.processes.filter(({ state }) => !/exited|died/.test(state)) ?? [];
    assert.equal(pids.length, 9);
    process.kill((await subject.find('grandchild')).pid, 'SIGSTOP');
    const { code, stderr } = await subject.manycore([
      'kill',
      '--tree',
      String(subject.main.pid),
      '--signal',
      'SIGKILL',
    ]);
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(pids.filter(({ pid }) => isRunning(pid)), []); // prettier-ignore
  });

  test('a process that is none of manycore is refused and left alone, one that is not there is not found', async () => {
    await using subject = await startSubject();
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)'], { stdio: 'ignore' });
    const pid = stranger.pid ?? 0;
    const refused = await subject.manycore(['kill', String(pid), '--signal', 'SIGKILL']);
    assert.equal(refused.code, 1);
    assert.equal(
      refused.stderr,
      `manycore: process ${pid} belongs to no manycore program of this user, and is left alone\n`,
    );
    assert.ok(isRunning(pid));
    stranger.kill('SIGKILL');
    await once(stranger, 'exit');
    const missing = await subject.manycore(['kill', String(pid)]);
    assert.deepEqual([missing.stderr, missing.code], [`manycore: there is no process ${pid}\n`, 1]);
    const dead = await subject.find('dead');
    const { stderr, code } = await subject.manycore(['kill', String(dead.pid)]);
    assert.deepEqual([/^manycore: dead \(pid \d+\) has ended \(exit code 1/.test(stderr), code], [true, 1]);
  });

  test('a process that got the pid of a dead one is left alone', async () => {
    await using subject = await startSubject();
    const spinning: ProcessSnapshot = await subject.find('spinning');
    // The table as it would be if the owner of the slot had died a day ago, and its pid had come round since.
    const dir = (await subject.programs())[0]?.dir ?? '';
    process.kill(spinning.pid, 'SIGSTOP');
    subject.main.kill('SIGSTOP');
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)'], { stdio: 'ignore' });
    try {
      const table = fs.openSync(path.join(dir, 'table'), 'r+');
      const slot = 64 * 1024 + spinning.slot * 2048;
      const bytes = Buffer.alloc(8);
      fs.readSync(table, bytes, 0, 4, slot + 3 * 4);
      assert.equal(bytes.readInt32LE(), spinning.pid);
      bytes.writeInt32LE(stranger.pid ?? 0);
      fs.writeSync(table, bytes, 0, 4, slot + 3 * 4);
      bytes.writeDoubleLE(Date.now() - 86_400_000);
      fs.writeSync(table, bytes, 0, 8, slot + 10 * 8);
      fs.closeSync(table);
      const { code, stderr } = await subject.manycore(['kill', String(stranger.pid)]);
      assert.equal(code, 1);
      assert.match(
        stderr,
        /spinning \(pid \d+\) has ended .*; the pid is another process’s now, which is left alone\n$/,
      );
      assert.ok(isRunning(stranger.pid ?? 0));
    } finally {
      stranger.kill('SIGKILL');
      process.kill(spinning.pid, 'SIGKILL');
    }
  });
});
