import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, before, describe, test } from 'node:test';
import { activeChildren, Event, getContext, Pool, setForkserverPreload, SimpleQueue } from 'manycore';
import {
  exitWith,
  forEver,
  pidOfWorker,
  startAnother,
  tellAll,
  tellPid,
  throwIt,
  uptimeAtImport,
  waitFor,
} from './fixtures/forkserver.js';
import * as failing from './fixtures/failing.js';
import { doNothing } from './fixtures/shy.js';
import { spare, sparesOf } from './spares.js';
import { DEADLINE, isRunning, outputOf, programsRoot, until } from './support.js';

const context = getContext('forkserver');
const { Process } = context;
type Options = ConstructorParameters<typeof Process>[0];

/** What a process answers that is started by the method. */
async function answerOf<T>(target: (queue: SimpleQueue<T>) => unknown, options: Partial<Options> = {}): Promise<T> {
  const queue = new SimpleQueue<T>();
  const process = new Process({ ...options, target, args: [queue] } as Options);
  process.start();
  const answer = await queue.get();
  await process.join();
  assert.equal(process.exitCode, 0);
  queue.close();
  return answer;
}

/** A spare that the next of these processes will be. */
async function warmUp(): Promise<number> {
  for (;;) {
    const ready = await spare();
    if ((await answerOf(tellPid)) === ready) return spare([ready]);
  }
}

describe('the start method forkserver', { timeout: DEADLINE * 4 }, () => {
  before(async () => {
    setForkserverPreload([], { spares: 1 });
    await answerOf(tellPid);
  });

  afterEach(() => {
    for (const child of activeChildren()) child.kill();
  });

  test('a process that is started is the spare that was ready, which was no child until then', async () => {
    const pid = await warmUp();
    assert.deepEqual(activeChildren(), []);
    const event = new Event();
    const queue = new SimpleQueue<string>();
    const process = new Process({ target: waitFor, args: [event, queue], name: 'worker of mine' });
    process.start();
    assert.equal(process.pid, pid);
    assert.deepEqual(
      activeChildren().map(each => [each.pid, each.name]),
      [[pid, 'worker of mine']],
    );
    assert.equal(await queue.get(), 'waits');
    assert.equal(fs.readFileSync(`/proc/${pid}/comm`, 'utf8'), 'manycore: worke\n');
    event.set();
    assert.equal(await queue.get(), 'done');
    assert.equal(await process.join(), true);
    assert.equal(process.exitCode, 0);
    assert.notEqual(await spare(), pid);
  });

  test('test_child_sys_path: a process finds what any would, and cannot tell that it was a spare', async () => {
    const pid = await warmUp();
    const options = { name: 'same', daemon: true };
    const warm = await answerOf(tellAll, options);
    const cold = await answerOf(tellAll, { ...options, env: { ...process.env } });
    assert.equal(isRunning(pid), false);
    assert.deepEqual(warm, cold);
  });

  for (const [what, change] of [
    [
      'an environment',
      () => ((process.env['MANYCORE_TEST_CHANGE'] = 'made'), () => delete process.env['MANYCORE_TEST_CHANGE']),
    ],
    [
      'a folder',
      () => {
        const before = process.cwd();
        process.chdir('/');
        return () => process.chdir(before);
      },
    ],
    [
      'a umask',
      () => {
        const before = process.umask(0o027);
        return () => process.umask(before);
      },
    ],
    ['arguments', () => (process.argv.push('--another'), () => process.argv.pop())],
    ['options for Node', () => (process.execArgv.push('--no-warnings'), () => process.execArgv.pop())],
  ] as const) {
    test(`${what} that this process has changed: no spare of before serves, and the next ones have it`, async () => {
      const before = await warmUp();
      const takeBack = change();
      try {
        const cold = await answerOf(tellAll, { name: 'same' });
        await until(() => !isRunning(before), 'the spare of before has gone');
        const pid = await spare([before]);
        const warm = await answerOf(tellAll, { name: 'same' });
        assert.equal(isRunning(pid), false);
        assert.deepEqual(warm, cold);
        assert.ok(JSON.stringify(warm).match(/made|"cwd":"\/"|"umask":23|--another|--no-warnings/));
      } finally {
        takeBack();
      }
    });
  }

  test('an environment, options or an output of its own: a process that was none', async () => {
    const pid = await warmUp();
    const named = await answerOf<{ env: NodeJS.ProcessEnv }>(tellAll, { env: { ...process.env, MINE: 'yes' } });
    assert.equal(named.env['MINE'], 'yes');
    const optioned = await answerOf<{ execArgv: string[] }>(tellAll, { execArgv: ['--no-deprecation'] });
    assert.deepEqual(optioned.execArgv, ['--no-deprecation']);
    const { stderr } = await outputOf(new Process({ target: throwIt, stdio: 'pipe', name: 'loud' }));
    assert.match(stderr, /^Process loud:\nRangeError: thrown by a target\n/);
    assert.deepEqual(sparesOf().includes(pid), true);
  });

  test('a process that was a spare ends as any: by exit code, error or signal', async () => {
    for (const [target, args, exitCode] of [
      [exitWith, [7], 7],
      [throwIt, [], 1],
      [forEver, [], -15],
    ] as const) {
      const pid = await warmUp();
      const ends = new Process({ target: target as (...args: unknown[]) => unknown, args: [...args] });
      ends.start();
      assert.equal(ends.pid, pid);
      if (exitCode === -15) ends.terminate();
      await ends.join();
      assert.equal(ends.exitCode, exitCode);
    }
  });

  test('the modules of a spare were evaluated before it was needed', async () => {
    await warmUp();
    await using pool = new Pool({ processes: 1 });
    assert.ok((await pool.apply(uptimeAtImport)) > 0);
  });

  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    test(`test_forkserver_${signal.toLowerCase()}: a spare that is killed is replaced, and nobody else minds`, async () => {
      const first = await warmUp();
      const event = new Event();
      const queue = new SimpleQueue<string>();
      const running = new Process({ target: waitFor, args: [event, queue] });
      running.start();
      assert.equal(running.pid, first);
      assert.equal(await queue.get(), 'waits');
      const pid = await spare([first]);
      process.kill(pid, signal);
      await until(() => !isRunning(pid), 'it is dead');
      const next = await spare([first, pid]);
      assert.equal(await answerOf(tellPid), next);
      event.set();
      assert.equal(await queue.get(), 'done');
      await running.join();
      assert.equal(running.exitCode, 0);
    });
  }

  test('a spare that died just now is passed over, also before this process has heard of it', async () => {
    const pid = await warmUp();
    process.kill(pid, 'SIGKILL');
    const deadline = Date.now() + DEADLINE;
    while (isRunning(pid) && Date.now() < deadline); // no turn of the event loop
    const cold = new Process({ target: exitWith, args: [3] });
    cold.start();
    assert.notEqual(cold.pid, pid);
    await cold.join();
    assert.equal(cold.exitCode, 3);
  });

  test('a spare that somebody has stopped is passed over, and serves when it goes on', async () => {
    const pid = await warmUp();
    process.kill(pid, 'SIGSTOP');
    const state = (): string => fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? '';
    await until(() => state().startsWith('T'), 'it has stopped');
    try {
      const other = await answerOf(tellPid);
      assert.notEqual(other, pid);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await until(() => sparesOf().includes(pid), 'it is still one');
  });

  test('killed as it is needed: the process has ended by that signal, and nothing hangs', async () => {
    for (let i = 0; i < 5; i++) {
      const pid = await warmUp();
      const process = new Process({ target: forEver });
      process.start();
      assert.equal(process.pid, pid);
      process.kill();
      assert.equal(await process.join({ timeout: DEADLINE }), true);
      assert.equal(process.exitCode, -9);
    }
  });

  test('200 starts in bursts: each is served, whether by a spare or not', async () => {
    setForkserverPreload([]);
    const queue = new SimpleQueue<number>();
    const pids = new Set<number | null>();
    for (let wave = 0; wave < 20; wave++) {
      const processes = Array.from({ length: 10 }, () => new Process({ target: tellPid, args: [queue] }));
      for (const each of processes) each.start();
      for (const each of processes) {
        assert.equal(await each.join({ timeout: DEADLINE }), true);
        assert.equal(each.exitCode, 0);
        pids.add(each.pid);
      }
    }
    for (let i = 0; i < 200; i++) assert.ok(pids.delete(await queue.get()));
    assert.equal(pids.size, 0);
    queue.close();
    setForkserverPreload([], { spares: 1 });
  });

  test('a pool takes its workers from the stock', async () => {
    for (;;) {
      const ready = await spare();
      await using pool = new context.Pool(1);
      if ((await pool.apply(pidOfWorker)) === ready) break;
    }
    const pid = await spare();
    await using pool = new context.Pool({ processes: 1 });
    assert.equal(await pool.apply(pidOfWorker), pid);
    assert.deepEqual(
      activeChildren().map(each => each.pid),
      [pid],
    );
  });

  test('no spares where none are wanted; as many as are wanted, each with the memory of a process that waits', async () => {
    setForkserverPreload([], { spares: 0 });
    await answerOf(tellPid);
    await until(() => sparesOf().length === 0, 'those of before have gone');
    setForkserverPreload([], { spares: 3 });
    await answerOf(tellPid);
    await until(() => sparesOf().length === 3, 'there are three');
    for (const pid of sparesOf()) {
      const lines = fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').split('\n');
      const kilobytes = lines
        .filter(line => line.startsWith('Private_'))
        .reduce((sum, line) => sum + Number(/(\d+)/.exec(line)?.[1]), 0);
      assert.ok(kilobytes < 40_000, `${kilobytes} kB of its own`);
    }
    setForkserverPreload([], { spares: 1 });
    await answerOf(tellPid);
    await until(() => sparesOf().length === 1, 'there is one again');
  });

  test('a process that was a spare starts others by the same method', async () => {
    await warmUp();
    assert.equal(typeof (await answerOf(startAnother)), 'number');
    await assert.rejects(async () => {
      const process = new Process({ target: startAnother, args: [new SimpleQueue<number>()], daemon: true });
      process.start();
      await process.join();
      if (process.exitCode === 1) throw new Error('daemonic processes have no children');
    }, /daemonic/);
  });

  test('test_forkserver_auth_is_enabled: nobody but this user can reach a spare, which listens on no socket', async () => {
    const pid = await warmUp();
    const links = fs.readdirSync(`/proc/${pid}/fd`).flatMap(fd => {
      try {
        return [fs.readlinkSync(`/proc/${pid}/fd/${fd}`)];
      } catch {
        return []; // closed meanwhile
      }
    });
    const inherited = [0, 1, 2].map(fd => fs.readlinkSync(`/proc/${pid}/fd/${fd}`));
    assert.deepEqual(
      links.filter(each => each.startsWith('socket:') && !inherited.includes(each)),
      [],
    );
    const root = programsRoot();
    for (const dir of [root, ...fs.readdirSync(root).map(each => path.join(root, each))]) {
      const stat = fs.statSync(dir, { throwIfNoEntry: false });
      if (stat !== undefined) assert.equal(stat.mode & 0o077, 0);
    }
  });

  test('a spare that is about to end by an error of its modules is not taken any more', async () => {
    const note = path.join(programsRoot(), 'failing-note');
    process.env['FAILING_NOTE'] = note;
    const startOne = async (): Promise<number | null> => {
      const child = new Process({ target: failing.doNothing });
      child.start();
      await child.join();
      return child.exitCode;
    };
    try {
      assert.equal(await startOne(), 0);
      await until(() => fs.existsSync(note), 'a spare fails');
      assert.equal(await startOne(), 0);
    } finally {
      delete process.env['FAILING_NOTE'];
      fs.rmSync(note, { force: true });
    }
  });

  test('a module that ends whatever imports it ahead is imported so three times, however often its function is started', async () => {
    const notes = path.join(programsRoot(), 'shy-notes');
    fs.writeFileSync(notes, '');
    process.env['SHY_NOTES'] = notes;
    try {
      for (let warm = 0; warm < 2;) {
        const ready = await spare();
        const child = new Process({ target: doNothing });
        child.start();
        await child.join();
        assert.equal(child.exitCode, 0);
        if (child.pid === ready) warm++;
      }
      await spare();
      assert.equal(fs.readFileSync(notes, 'utf8'), 'imported ahead\n'.repeat(3));
    } finally {
      delete process.env['SHY_NOTES'];
      fs.rmSync(notes);
    }
  });
});
