import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { readPrograms } from 'manycore/inspect';
import { Debugger } from './debuggerClient.js';
import type { Told } from './fixtures/programs/debugged.js';
import { internals } from '../internals.js';
import { DEADLINE, fixture, run, until } from './support.js';

const PROGRAM = fixture('programs/debugged.js');
const LOOP = fs
  .readFileSync(PROGRAM, 'utf8')
  .split('\n')
  .findIndex(line => /shown === (''|"")/.test(line));
const LISTENING = /^Debugger listening on (ws:\S+)/gm;

const json = <T>(stdout: string): T[] =>
  stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as T);

/** A program that is being debugged, and what its processes say, line by line. */
class Debugged implements Disposable {
  readonly main: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #complaints = '';

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const all = { ...process.env, ...env };
    Reflect.deleteProperty(all, 'NODE_TEST_CONTEXT');
    this.main = spawn(process.execPath, args, { env: all, stdio: ['ignore', 'pipe', 'pipe'] });
    this.main.stderr?.on('data', chunk => (this.#complaints += String(chunk)));
    if (this.main.stdout === null) throw new Error('no output');
    this.#lines = createInterface(this.main.stdout)[Symbol.asyncIterator]();
  }

  async next<T>(): Promise<T> {
    const { value } = (await this.#lines.next()) as { value: string | undefined };
    if (value === undefined) throw new Error(`the program has ended: ${this.#complaints}`);
    return JSON.parse(value) as T;
  }

  [Symbol.dispose](): void {
    this.main.kill('SIGKILL');
  }
}

/** Stops a process that loops, looks where it is, and ends the loop. Answers the name of its loop. */
async function endLoop(url: string): Promise<string> {
  using client = await Debugger.attach(url);
  await client.breakAt('.*/debugged\\.js$', LOOP);
  const frame = await client.paused();
  const shown = await client.evaluate(frame, 'shown');
  await client.evaluate(frame, 'goOn = false');
  await client.resume();
  await client.ended;
  return /^(.*) in round \d+$/.exec(String(shown))?.[1] ?? String(shown);
}

describe('under a debugger', { timeout: DEADLINE * 2 }, () => {
  for (const [how, args, env] of [
    ['--inspect', ['--inspect=127.0.0.1:0'], {}],
    ['--inspect through NODE_OPTIONS', [], { NODE_OPTIONS: '--inspect=127.0.0.1:0 --no-warnings' }],
  ] as const) {
    test(`${how}: every process has an inspector of its own, says where, and its children have, too`, async () => {
      const { stdout, stderr, code } = await run([...args, PROGRAM, 'tell', '2'], { env });
      assert.equal(code, 0, stderr);
      const all = json<Told>(stdout).slice(0, 4);
      const urls = all.map(({ url }) => url ?? '');
      assert.equal(new Set(urls).size, 4, stdout);
      for (const url of urls) assert.match(url, /^ws:\/\/127\.0\.0\.1:\d+\/[-0-9a-f]+$/);
      const announced = [...stderr.matchAll(LISTENING)].map(([, url]) => url);
      assert.equal(announced.length, 5, stderr);
      assert.ok(urls.every(url => announced.includes(url)));
      assert.doesNotMatch(stderr, /address already in use/);
      if (how !== '--inspect') assert.ok(all.every(({ nodeOptions }) => nodeOptions === '--no-warnings'));
    });
  }

  test('inspector.open() at run time: children that are started from then on have theirs', async () => {
    const { stdout } = await run([PROGRAM, 'tell', '1', 'open']);
    const [first, second] = json<Told>(stdout);
    assert.ok(first?.url && second?.url && first.url !== second.url, stdout);
  });

  test('processes that were started ahead of time have theirs, too, once they are needed', async () => {
    const { stdout, stderr, code } = await run(['--inspect=127.0.0.1:0', PROGRAM, 'tell', '3', 'forkserver']);
    assert.equal(code, 0, stderr);
    const urls = json<Told>(stdout)
      .slice(0, 6)
      .map(({ url }) => url);
    assert.ok(urls.every(url => url !== undefined));
    assert.equal(new Set(urls).size, 6, stdout);
  });

  test('nobody debugs: no inspector is open', async () => {
    const { stdout, stderr } = await run([PROGRAM, 'tell', '1']);
    assert.deepEqual([json<Told>(stdout)[0]?.url, stderr], [undefined, '']);
  });

  test('MANYCORE_INSPECT_CHILDREN=0 keeps those of children closed', async () => {
    const env = { MANYCORE_INSPECT_CHILDREN: '0', NODE_OPTIONS: '--inspect=0' };
    const { stdout, stderr } = await run([PROGRAM, 'tell', '1'], { env });
    assert.deepEqual(
      json<Told>(stdout)
        .slice(0, 2)
        .map(({ url }) => url),
      [undefined, undefined],
    );
    assert.equal([...stderr.matchAll(LISTENING)].length, 1);
  });

  test('the host is kept: that of IPv6, too', async t => {
    const server = net.createServer().listen(0, '::1');
    const canListen = await Promise.race([once(server, 'listening'), once(server, 'error').then(() => undefined)]);
    server.close();
    if (canListen === undefined) return t.skip('this machine has no IPv6');
    const { stdout } = await run(['--inspect=[::1]:0', PROGRAM, 'tell', '1']);
    assert.match(json<Told>(stdout)[0]?.url ?? '', /^ws:\/\/\[::1\]:\d+\//);
  });

  for (const option of ['--inspect-brk', '--inspect-wait'])
    for (const through of ['command line', 'NODE_OPTIONS'])
      test(`${option} on the ${through}: the main process waits for a debugger, children do not`, async t => {
        if (option === '--inspect-wait' && !process.allowedNodeEnvironmentFlags.has(option))
          return t.skip('this Node has no such option');
        const asked = `${option}=127.0.0.1:0`;
        const args = through === 'command line' ? [asked, PROGRAM, 'tell', '1'] : [PROGRAM, 'tell', '1'];
        const env = through === 'command line' ? {} : { NODE_OPTIONS: `--title="a b" ${asked}` };
        using debugged = new Debugged(args, env);
        let stderr = '';
        debugged.main.stderr?.on('data', chunk => (stderr += String(chunk)));
        await until(() => /listening on ws/.test(stderr), 'the main process listens');
        using client = await Debugger.attach(/ws:\S+/.exec(stderr)?.[0] ?? '');
        await client.run(option === '--inspect-brk');
        const first = await debugged.next<Told>();
        const second = await debugged.next<Told>();
        assert.ok(first.url && second.url && first.url !== second.url);
        assert.deepEqual((await debugged.next<{ results: number[] }>()).results, [0]);
        if (through === 'NODE_OPTIONS') assert.equal(second.nodeOptions, '--title="a b"');
      });

  test('a breakpoint in each of two processes is hit, at the addresses that the process table shows', async () => {
    using debugged = new Debugged(['--inspect=127.0.0.1:0', PROGRAM, 'loop', '2']);
    const both = [await debugged.next<Told>(), await debugged.next<Told>()];
    const shown = readPrograms().find(({ mainPid }) => mainPid === debugged.main.pid)?.processes ?? [];
    const urls = both.map(({ pid }) => shown.find(each => each.pid === pid)?.inspector ?? '');
    assert.deepEqual(
      urls,
      both.map(({ url }) => url),
    );
    assert.match(shown.find(({ kind }) => kind === 'main')?.inspector ?? '', /^ws:/);
    const names = await Promise.all(urls.map(endLoop));
    assert.deepEqual(names.sort(), ['process 0', 'process 1']);
    assert.deepEqual((await debugged.next<{ results: number[] }>()).results, [0, 0]);
  });

  test('and in each of the four workers of a pool', async () => {
    using debugged = new Debugged(['--inspect=127.0.0.1:0', PROGRAM, 'pool', '4']);
    const urls: string[] = [];
    for (let i = 0; i < 4; i++) urls.push((await debugged.next<Told>()).url ?? '');
    assert.equal(new Set(urls).size, 4);
    const names = await Promise.all(urls.map(endLoop));
    assert.deepEqual(names.sort(), ['task 0', 'task 1', 'task 2', 'task 3']);
    assert.deepEqual((await debugged.next<{ results: string[] }>()).results, names);
  });

  test('a debugger that dies while a process stands at a breakpoint lets it go on', async () => {
    using debugged = new Debugged(['--inspect=127.0.0.1:0', PROGRAM, 'loop', '1']);
    const { url = '' } = await debugged.next<Told>();
    {
      using client = await Debugger.attach(url);
      await client.breakAt('.*/debugged\\.js$', LOOP);
      await client.evaluate(await client.paused(), 'goOn = false, rest = 2000');
    }
    assert.deepEqual((await debugged.next<{ results: number[] }>()).results, [0]);
  });

  test("an editor's debugger comes along: what it has Node load, and its environment, reach every process", async () => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-editor '));
    try {
      const file = path.join(dir, 'attached');
      const bootloader = path.join(dir, 'boot loader.cjs');
      fs.copyFileSync(fixture('bootloader.cjs'), bootloader);
      const options = `--require "${bootloader.replaceAll('\\', '\\\\')}" --inspect-publish-uid=http`;
      const env = { NODE_OPTIONS: options, FAKE_INSPECTOR_OPTIONS: JSON.stringify({ file }) };
      const { stdout, stderr } = await run([PROGRAM, 'tell', '2'], { env });
      const attached = new Map(
        fs
          .readFileSync(file, 'utf8')
          .trim()
          .split('\n')
          .map(line => line.split(' ') as [string, string]),
      );
      const all = json<Told>(stdout).slice(0, 4);
      assert.equal(attached.size, 5, stderr);
      for (const { pid, url, nodeOptions } of all) {
        assert.equal(attached.get(String(pid)), url);
        assert.equal(nodeOptions, options);
      }
      assert.equal(stderr, '');
    } finally {
      fs.rmSync(dir, { recursive: true });
    }
  });

  test("what opens an inspector is taken out of a child's NODE_OPTIONS, and nothing else", () => {
    const { withoutInspector } = internals.nodeOptions;
    for (const [given, kept] of [
      ['--inspect', ''],
      [
        '--max-old-space-size=100 --inspect-brk=9229 --require "a b.cjs"',
        '--max-old-space-size=100 --require "a b.cjs"',
      ],
      ['--inspect_port 0 --no-warnings', '--no-warnings'],
      ['--inspect_brk=0 --max_old_space_size=100', '--max_old_space_size=100'],
      ['"--inspect-wait=localhost:1" --debug-port=2', ''],
      ['--inspect-publish-uid=http  --title="x --inspect y"', '--inspect-publish-uid=http  --title="x --inspect y"'],
    ] as const)
      assert.equal(withoutInspector(given), kept);
  });

  test('what opens an inspector is no option that a child gets, however it is spelt', () => {
    const { inheritedExecArgv } = internals.nodeOptions;
    const given = ['--inspect_wait=0', '--no_warnings', '--inspect_port', '1', '--debug-port=2', '--input_type=module'];
    assert.deepEqual(inheritedExecArgv(given), ['--no_warnings']);
  });
});
