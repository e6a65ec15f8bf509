import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import os from 'node:os';
import { inspect } from 'node:util';
import { activeChildren, cpuCount, currentProcess, Listener, parentProcess, Process, Queue } from 'manycore';
import * as targets from './fixtures/targets.js';
import { DEADLINE, lineOf, outputOf, until } from './support.js';

const parse = (text: string): unknown => JSON.parse(text) as unknown;

describe('the life of a process', { timeout: DEADLINE * 4 }, () => {
  test('test_current: the main process is alive, no daemon, has a key, and has not ended', () => {
    const current = currentProcess();
    assert.equal(current.isAlive(), true);
    assert.equal(current.daemon, false);
    assert.ok(current.authKey instanceof Uint8Array && current.authKey.length > 0);
    assert.equal(current.ident, process.pid);
    assert.equal(current.exitCode, null);
    assert.equal(current.name, 'MainProcess');
    assert.deepEqual(current.identity, []);
    assert.equal(inspect(current), "<_MainProcess name='MainProcess' parent=null started>");
    assert.equal(`${current as object}`, inspect(current));
    assert.equal(parentProcess(), null);
  });

  test('test_args_argument: arguments arrive equal', async () => {
    const args = [1, 'two', [3, { four: 5 }], null, new Date(0)];
    const { stdout } = await outputOf(new Process({ target: targets.tellArgs, args, stdio: 'pipe' }));
    assert.deepEqual(parse(stdout), parse(JSON.stringify(args)));
  });

  test('test_process: what is known before, during and after; the child knows it too', async () => {
    const p = new Process({ target: targets.tellSelf, name: 'tester', stdio: 'pipe' });
    p.authKey = Uint8Array.of(1, 2, 3);
    assert.equal(p.isAlive(), false);
    assert.equal(p.daemon, false);
    assert.equal(p.exitCode, null);
    assert.equal(p.pid, null);
    assert.ok(!activeChildren().includes(p));
    const output = outputOf(p);
    assert.equal(p.isAlive(), true);
    assert.equal(p.exitCode, null);
    assert.ok(activeChildren().includes(p));
    const { stdout } = await output;
    assert.deepEqual(parse(stdout), {
      ...{ name: 'tester', pid: p.pid, own: p.pid, daemon: false, alive: true, exitCode: null },
      ...{ authKey: '010203', argv: process.argv.slice(2) },
    });
    assert.equal(p.exitCode, 0);
    assert.equal(p.isAlive(), false);
    assert.ok(!activeChildren().includes(p));
  });

  test('test_daemon_argument: the flag is false by default, honoured, and settable before the start only', async () => {
    assert.equal(new Process({ target: targets.nothing }).daemon, false);
    assert.equal(new Process({ target: targets.nothing, daemon: true }).daemon, true);
    const p = new Process({ target: targets.tellSelf, stdio: 'pipe' });
    p.daemon = true;
    const output = outputOf(p);
    assert.throws(() => (p.daemon = false), { name: 'AssertionError' });
    assert.equal((parse((await output).stdout) as { daemon: boolean }).daemon, true);
  });

  test('test_parent_process_attributes: a child sees pid and name of its parent', async () => {
    const { stdout } = await outputOf(new Process({ target: targets.tellParent, stdio: 'pipe' }));
    assert.deepEqual(parse(stdout), { pid: process.pid, name: 'MainProcess', alive: true });
  });

  test('test_cpu_count: the number of logical processors', () => {
    assert.equal(cpuCount(), os.cpus().length);
  });

  test('join answers whether the process has ended, with any timeout, as often as asked', async () => {
    const p = new Process({ target: targets.runForEver, stdio: 'ignore' });
    p.start();
    for (const timeout of [0, -1, 30]) {
      const before = performance.now();
      assert.equal(await p.join({ timeout }), false);
      assert.ok(performance.now() - before < 10_000);
    }
    assert.equal(p.isAlive(), true);
    await assert.rejects(p.join({ signal: AbortSignal.timeout(20) }), { name: 'TimeoutError' });
    p.kill();
    assert.equal(await p.join(), true);
    assert.equal(await p.join({ timeout: 0 }), true);
    await assert.rejects(p.join({ timeout: Number.NaN }), TypeError);
  });

  test('test_active_children: only those that have been started and have not ended', async () => {
    const p = new Process({ target: targets.runForEver, stdio: 'pipe' });
    assert.ok(!activeChildren().includes(p));
    p.daemon = true;
    p.start();
    assert.ok(activeChildren().includes(p));
    p.terminate();
    await p.join();
    assert.ok(!activeChildren().includes(p));
  });

  test('test_sentinel: not there before the start, ready once the process has ended, and so for ever', async () => {
    const p = new Process({ target: targets.runForEver, stdio: 'ignore' });
    assert.throws(() => p.sentinel, { name: 'ValueError' });
    p.start();
    assert.equal(p.sentinel.ready, false);
    assert.equal(await p.sentinel.wait({ timeout: 20 }), false);
    const both = Promise.all([p.sentinel.wait(), p.sentinel.wait()]);
    p.terminate();
    assert.deepEqual(await both, [true, true]);
    assert.equal(p.sentinel.ready, true);
    assert.equal(await p.sentinel.wait({ timeout: 0 }), true);
  });

  test('test_close: refused while it runs; then most of it is gone, and name and daemon stay', async () => {
    const p = new Process({ target: targets.runForEver, stdio: 'ignore' });
    p.start();
    assert.throws(() => p.close(), { name: 'ValueError', message: /still running/ });
    p.terminate();
    await p.join();
    p.close();
    p.close();
    const closed = { name: 'ValueError', message: 'process object is closed' };
    for (const use of [
      () => p.pid,
      () => p.exitCode,
      () => p.sentinel,
      () => p.isAlive(),
      () => p.kill(),
      () => p.start(),
    ]) {
      assert.throws(use, closed);
    }
    await assert.rejects(p.join(), closed);
    assert.match(String(p), /^<Process name='Process-[\d:]+' closed>$/);
    assert.equal(p.daemon, false);
    new Process({ target: targets.nothing }).close();
  });

  test('what a life does not allow is an AssertionError', async () => {
    const p = new Process({ target: targets.nothing });
    await assert.rejects(p.join(), { name: 'AssertionError', message: 'can only join a started process' });
    assert.throws(() => p.terminate(), { name: 'AssertionError' });
    p.start();
    assert.throws(() => p.start(), { name: 'AssertionError', message: 'cannot start a process twice' });
    await p.join();
    assert.throws(() => p.start(), { name: 'AssertionError', message: 'cannot start a process twice' });
    assert.throws(() => (p.name = 5 as unknown as string), {
      name: 'AssertionError',
      message: /name must be a string/,
    });
    assert.throws(() => (p.authKey = 'key' as unknown as Uint8Array), TypeError);
  });

  test('a process can be printed at any time', async () => {
    const p = new Process({ target: targets.runForEver, name: 'shown', daemon: true, stdio: 'ignore' });
    assert.equal(String(p), `<Process name='shown' parent=${process.pid} initial daemon>`);
    p.start();
    assert.equal(String(p), `<Process name='shown' pid=${p.pid} parent=${process.pid} started daemon>`);
    p.terminate();
    await p.join();
    assert.equal(`${p}`, `<Process name='shown' pid=${p.pid} parent=${process.pid} stopped exitcode=-SIGTERM daemon>`);
    for (const [name, shown] of [
      ["it's", `"it's"`],
      ['two\nlines', String.raw`'two\nlines'`],
      ['x'.repeat(60) + '\n' + 'y'.repeat(60), `'${'x'.repeat(60)}\\n${'y'.repeat(60)}'`],
    ] as const)
      assert.equal(inspect(new Process({ name })), `<Process name=${shown} parent=${process.pid} initial>`);
  });

  test('test_subclassing: own fields travel, run is called on an instance of the class', async () => {
    const greeter = new targets.Greeter('hello');
    const { stdout } = await outputOf(greeter);
    assert.deepEqual(parse(stdout), {
      ...{ greeting: 'hello', madeIn: process.pid, isSelf: true, isGreeter: true },
      ...{ name: greeter.name, pid: greeter.pid },
      text: `<Greeter name='${greeter.name}' pid=${greeter.pid} parent=${process.pid} started>`,
    });
  });

  test('a static method can be a target', async () => {
    const { stdout } = await outputOf(new Process({ target: targets.Shout.out, args: ['loud'], stdio: 'pipe' }));
    assert.equal(parse(stdout), 'LOUD');
  });

  test('run can be called by hand, without any process', () => {
    let called: unknown;
    class ByHand extends Process {
      override run(): void {
        called = this.pid;
      }
    }
    new ByHand().run();
    assert.equal(called, null);
  });

  test('await using ends a process that still runs', async () => {
    let p: Process;
    {
      await using running = new Process({ target: targets.runForEver, stdio: 'pipe' });
      running.start();
      await lineOf(running.stdout);
      p = running as unknown as Process;
    }
    assert.equal(p.exitCode, -os.constants.signals.SIGTERM);
  });

  test('using closes a process that has been joined, and refuses one that runs', async () => {
    const closed = new Process({ target: targets.runForEver, stdio: 'pipe' });
    closed.start();
    assert.throws(() => closed[Symbol.dispose](), { name: 'ValueError', message: /still running/ });
    closed.kill();
    await closed.join();
    {
      using _same = closed;
    }
    assert.throws(() => closed.pid, { name: 'ValueError', message: 'process object is closed' });
    closed[Symbol.dispose]();
  });

  test('names and identities count on, down the family', async () => {
    const { stdout } = await outputOf(
      new Process({ target: targets.recurse, args: [[]], stdio: 'pipe', name: 'root' }),
    );
    const said = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { id: number[]; name: string; identity: number[] });
    // test_recursion: depth first, through one inherited pipe
    assert.deepEqual(
      said.map(({ id }) => id),
      [[], [0], [0, 0], [0, 1], [1], [1, 0], [1, 1]],
    );
    const [root, ...below] = said.map(({ identity }) => identity);
    assert.equal(root?.length, 1);
    assert.deepEqual(
      below,
      [[1], [1, 1], [1, 2], [2], [2, 1], [2, 2]].map(end => [...(root ?? []), ...end]),
    );
    const [, first, ...rest] = said.map(({ name }) => name);
    assert.match(first ?? '', /^Process-\d+:1$/);
    assert.deepEqual(rest, [
      `${first}:1`,
      `${first}:2`,
      ...[``, `:1`, `:2`].map(end => `${first?.slice(0, -1)}2${end}`),
    ]);
  });

  test('a process that cannot be encoded is refused before anything is started', async () => {
    const slots = activeChildren().length;
    const local = (): void => undefined;
    assert.throws(() => new Process({ target: () => undefined }), { name: 'PicklingError' });
    assert.throws(() => new Process({ target: local }), { name: 'PicklingError', message: /local/ });
    const p = new Process({ target: targets.tellArgs, args: [1, { deep: [new WeakMap()] }] });
    assert.throws(() => p.start(), { name: 'PicklingError', message: /args\[1\]\.deep\[0\]/ });
    assert.equal(p.pid, null);
    assert.equal(p.isAlive(), false);
    assert.equal(activeChildren().length, slots);
    assert.throws(() => new Process({ target: 'nothing' as unknown as () => void }), TypeError);
    class Local extends Process {}
    assert.throws(() => new Local().start(), { name: 'PicklingError', message: /Local/ });
  });

  test('options that it does not have, and a target given in their place, are refused', () => {
    const make = (options: unknown): Process => new Process(options as { target: () => void });
    const { tellSelf } = targets;
    assert.throws(() => make({ target: tellSelf, arg: [1] }), {
      name: 'TypeError',
      message: "Process has no option 'arg'. Did you mean 'args'?",
    });
    assert.throws(
      () => make({ target: tellSelf, kwargs: {} }),
      /Process has no option 'kwargs'\. It takes target, args, /,
    );
    assert.throws(() => make(tellSelf), /must be an object such as \{ target, args: \[\] \}, not the target itself/);
    assert.throws(() => make([tellSelf]), /must be an object, not an array/);
  });

  test('objects of one process are refused in messages by what they are', async () => {
    const { target } = { target: targets.tellSelf };
    class Derived extends Process {}
    const queue = new Queue();
    for (const value of [new Process({ target }), new Derived({ target })]) {
      assert.throws(() => queue.putNowait({ value }), {
        name: 'PicklingError',
        message: /value\.value .* it is a Process:/,
      });
    }
    await using listener = await Listener();
    const message = /class 'ListeningSocket': that class belongs to this library and to the process that made it\./;
    assert.throws(() => queue.putNowait(listener), { name: 'PicklingError', message });
  });

  test('the parent of a process dies: the process sees it', async () => {
    const p = new Process({ target: targets.startWaiter, stdio: 'pipe' });
    p.start();
    const lines = (async () => {
      const all: unknown[] = [];
      let text = '';
      for await (const chunk of p.stdout ?? []) {
        text += String(chunk);
        if (all.length === 0 && text.includes('\n')) {
          all.push(JSON.parse(text.split('\n')[0] ?? ''));
          p.terminate();
        }
      }
      return text.trim().split('\n').map(parse);
    })();
    // test_parent_process
    assert.deepEqual(await lines, [{ alive: true, parent: p.pid, joined: false }, { alive: false }]);
    await until(() => !p.isAlive(), 'the parent has ended');
  });
});
