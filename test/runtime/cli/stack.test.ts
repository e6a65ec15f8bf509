import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { isRunning, lineOf } from '../process/support.js';
import { command, DEADLINE, eventually, run, startSubject, type Subject } from './support.js';

/** Sockets on which a process listens, from the system's own table. */
function listening(pid: number): string[] {
  const inodes = fs.readdirSync(`/proc/${pid}/fd`).map(fd => {
    try {
      return /^socket:\[(\d+)\]/.exec(fs.readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
    } catch {
      return undefined;
    }
  });
  const rows = fs.readFileSync(`/proc/${pid}/net/tcp`, 'utf8').split('\n');
  return rows.filter(row => / 0A /.test(row) && inodes.includes(row.trim().split(/\s+/)[9]));
}

describe('manycore stack', { timeout: DEADLINE * 2, skip: process.platform !== 'linux' }, () => {
  let subject: Subject;
  before(async () => {
    subject = await startSubject();
  });
  after(() => subject[Symbol.asyncDispose]());

  const pidOf = async (name: string): Promise<number> => (await subject.find(name)).pid;
  /** It uses the processor, so it is not left standing. */
  const goesOn = async (name: string): Promise<void> => {
    const { cpuMs } = await subject.find(name);
    await eventually(async () => ((await subject.find(name)).cpuMs ?? 0) > (cpuMs ?? 0) + 50, `${name} goes on`);
  };

  test('of a loop that never ends: mapped to its source; afterwards it goes on and no port is open', async () => {
    const pid = await pidOf('spinning');
    for (const turn of [1, 2]) {
      const { stdout, stderr, code } = await subject.manycore(['stack', String(pid)]);
      assert.deepEqual([stderr, code], ['', 0], `turn ${turn}`);
      const [head, top, ...rest] = stdout.split('\n');
      assert.equal(head, `spinning (pid ${pid})  process, running  program.js#spin`);
      assert.match(top ?? '', /^ {4}at spin \(\/.*\/test\/runtime\/cli\/fixtures\/program\.ts:\d+:\d+\)$/);
      assert.ok(rest.length > 1, 'who called it');
      assert.deepEqual(listening(pid), []);
    }
    await goesOn('spinning');
  });

  test('of a process blocked in a Sync wait: through the library to who called it; it still waits afterwards', async () => {
    const { stdout, code } = await subject.manycore(['stack', String(await pidOf('blocked'))]);
    assert.equal(code, 0);
    assert.match(stdout, /^blocked \(pid \d+\) {2}process, waiting {2}waits for lock .*\n/);
    assert.match(stdout, /\n {4}at acquireSync \(.*\/lock\.ts:\d+:\d+\)\n {4}at holdOn \(.*\/program\.ts:\d+:\d+\)\n/);
    const { state, waitingFor } = await subject.find('blocked');
    assert.deepEqual([state, waitingFor?.kind], ['waiting', 'lock']);
  });

  test('of one that waits in its event loop: there is none, and that is said', async () => {
    const pid = await pidOf('idle 語');
    const { stdout, code } = await subject.manycore(['stack', String(pid)]);
    assert.match(stdout, /no code of the program is running|watchOrphanhood/);
    assert.deepEqual([code, listening(pid)], [0, []]);
  });

  test('of several children at once: each has a port of its own', async () => {
    const names = ['spinning', 'blocked', 'grandchild'];
    const pids = await Promise.all(names.map(pidOf));
    const all = await Promise.all(pids.map(pid => subject.manycore(['stack', String(pid)])));
    assert.deepEqual(all.map(({ code, stderr }) => [code, stderr]), names.map(() => [0, ''])); // prettier-ignore
    assert.deepEqual(pids.flatMap(listening), []);
  });

  test('interrupted in the middle: the process goes on, and its port is closed', async () => {
    const pid = await pidOf('spinning');
    const looking = spawn(process.execPath, [command, 'stack', String(pid)], { env: subject.env, stdio: 'ignore' });
    while (listening(pid).length === 0 && looking.exitCode === null) await new Promise(setImmediate);
    looking.kill('SIGINT');
    await once(looking, 'exit');
    assert.deepEqual(listening(pid), []);
    await goesOn('spinning');
  });

  test('killed in the middle, at any moment: the process goes on, and the next one can look again', async () => {
    const pid = await pidOf('spinning');
    for (const patience of [0, 10, 30, 60]) {
      const looking = spawn(process.execPath, [command, 'stack', String(pid)], { env: subject.env, stdio: 'ignore' });
      while (listening(pid).length === 0 && looking.exitCode === null) await new Promise(setImmediate);
      await new Promise(resolve => setTimeout(resolve, patience));
      looking.kill('SIGKILL');
      if (looking.exitCode === null && looking.signalCode === null) await once(looking, 'exit');
      await goesOn('spinning');
    }
    const { stdout, code } = await subject.manycore(['stack', String(pid)]);
    assert.equal(code, 0);
    assert.match(stdout, /at spin /);
  });

  test('a stopped process is refused: the signal would wait in it', async () => {
    const pid = await pidOf('grandchild');
    process.kill(pid, 'SIGSTOP');
    try {
      const { stderr, code } = await subject.manycore(['stack', String(pid)]);
      assert.equal(code, 1);
      assert.match(stderr, /no stack of grandchild \(pid \d+\): it is stopped/);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    assert.ok(isRunning(pid));
    assert.deepEqual(listening(pid), []);
  });

  test('where another process has the usual port, a child takes one of its own, and of a main process it is said', async () => {
    const other = net.createServer().listen(9229, '127.0.0.1');
    // Somebody has it: just as well.
    await once(other, 'listening').catch(() => undefined);
    const [main, child] = await Promise.all(
      [subject.main.pid ?? 0, await pidOf('spinning')].map(pid => subject.manycore(['stack', String(pid)])),
    );
    other.close();
    assert.equal(child?.code, 0);
    assert.match(child.stdout, /at spin /);
    assert.equal(main?.code, 1);
    assert.match(main.stderr, /its inspector has not opened within 5 s: .* port 9229, which another process has\n$/);
  });

  test('a process with an inspector that is open already keeps it', async () => {
    const file = new URL('fixtures/single.js', import.meta.url);
    const env = { ...subject.env };
    const main = spawn(process.execPath, ['--inspect=127.0.0.1:0', file.pathname], {
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    try {
      assert.equal(await lineOf(main.stdout), 'ready');
      const before = listening(main.pid ?? 0);
      assert.equal(before.length, 1);
      const { stdout, code } = await subject.manycore(['stack', String(main.pid)]);
      assert.equal(code, 0);
      assert.match(stdout, /at work \(.*\/single\.ts:\d+:\d+\)/);
      assert.equal(listening(main.pid ?? 0).length, 1);
    } finally {
      main.kill('SIGKILL');
      await once(main, 'exit');
    }
  });

  test('a process that is none of manycore is not touched: the signal could end it', async () => {
    const stranger = spawn('sleep', ['1000'], { stdio: 'ignore' });
    const { stderr, code } = await run([command, 'stack', String(stranger.pid)], { env: subject.env });
    assert.equal(code, 1);
    assert.match(stderr, /belongs to no manycore program of this user, and is left alone\n$/);
    assert.ok(isRunning(stranger.pid ?? 0));
    stranger.kill('SIGKILL');
  });
});
