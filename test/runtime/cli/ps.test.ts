import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { privateRoot, textOf } from '../process/support.js';
import { command, DEADLINE, run, startSubject, type Subject } from './support.js';

const rowOf = (text: string, name: string): string => text.split('\n').find(line => line.includes(name)) ?? '';

describe('manycore ps', { timeout: DEADLINE * 2 }, () => {
  let subject: Subject;
  before(async () => {
    subject = await startSubject();
  });
  after(() => subject[Symbol.asyncDispose]());

  test('every process in its place of the tree, with what it does, waits for or died of', async () => {
    const { stdout, stderr, code } = await subject.manycore(['ps']);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, new RegExp(`^/.*/program\\.js  pid ${subject.main.pid}  for [\\d.]+ m?s  Node v\\d`));
    assert.match(rowOf(stdout, 'dead'), /├─ dead +process +exited +\d+ +exit code 1: Error: trouble on purpose$/);
    assert.match(
      rowOf(stdout, 'blocked'),
      /process +waiting +\d+ .* waits for lock \S+, [\d.]+ m?s: program\.js#holdOn$/,
    );
    assert.match(
      rowOf(stdout, '├─ parent'),
      /process +waiting .* waits for process grandchild, .*: program\.js#raise$/,
    );
    assert.match(rowOf(stdout, '└─ grandchild'), /^ {2}│ {2}└─ grandchild +process +running .* program\.js#stay$/);
    assert.match(rowOf(stdout, 'PoolWorker'), /worker +busy +\d+ +\d+ % .* [\d.]+ MiB +\d+ +0 +nap × 1$/);
    assert.match(rowOf(stdout, 'Pool-'), /Pool-\d+ +running +2 +2 +1 +6 +3 +0 +0 of 3, 0 % +MainProcess$/);
    assert.match(rowOf(stdout, 'Queue-'), /Queue-\d+ +3 +MainProcess$/);
  });

  test('with the pid of any process, the program that has it and no other', async () => {
    const blocked = await subject.find('blocked');
    const OTHER = "const { Lock } = require('manycore'); new Lock(); console.log('here'); setInterval(() => {}, 1e6)";
    const other = spawn(process.execPath, ['-e', OTHER], {
      env: subject.env,
      cwd: path.dirname(fileURLToPath(import.meta.url)),
      stdio: 'pipe',
    });
    try {
      await once(other.stdout, 'data');
      const mains = async (...pids: (number | undefined)[]): Promise<number[]> => {
        const { stdout } = await subject.manycore(['ps', ...pids.map(String), '--json']);
        return (JSON.parse(stdout) as { mainPid: number }[]).map(({ mainPid }) => mainPid);
      };
      const both = [subject.main.pid, other.pid].sort();
      assert.deepEqual((await mains()).sort(), both);
      assert.deepEqual(await mains(blocked.pid), [subject.main.pid]);
      assert.deepEqual(await mains(other.pid), [other.pid]);
      assert.deepEqual((await mains(other.pid, blocked.pid)).sort(), both);
      const { code, stdout, stderr } = await subject.manycore(['ps', String(other.pid), String(process.pid)]);
      assert.deepEqual([code, stdout], [1, '']);
      assert.equal(stderr, `manycore: no running program of this user has a process ${process.pid}\n`);
    } finally {
      other.kill('SIGKILL');
      await once(other, 'exit');
    }
  });

  test('columns stand below their titles, also after wide characters', async () => {
    const { stdout } = await subject.manycore(['ps']);
    const at = stdout.split('\n')[1]?.indexOf('KIND');
    assert.equal(rowOf(stdout, 'blocked').indexOf('process'), at);
    assert.equal(rowOf(stdout, 'idle 語').indexOf('process'), (at ?? 0) - 1, 'one character, two columns');
  });

  test('a narrow page loses columns first and then the ends of lines, never what a process waits for', async () => {
    for (const columns of [24, 40, 72, 100]) {
      const { stdout } = await subject.manycore(['ps'], { COLUMNS: String(columns) });
      for (const line of stdout.split('\n')) assert.ok([...line].length <= columns, `${columns}: ${line}`);
      assert.match(stdout, /…/);
      if (columns > 70) assert.match(rowOf(stdout, 'blocked'), / waits for lock /);
    }
  });

  test('colour is for terminals, and for who asks for it', async () => {
    const escape = '\u001b[';
    const printed = async (env: NodeJS.ProcessEnv): Promise<string> => (await subject.manycore(['ps'], env)).stdout;
    assert.ok(!(await printed({})).includes(escape));
    assert.ok((await printed({ FORCE_COLOR: '1' })).includes(`${escape}32mbusy`));
    assert.ok(!(await printed({ FORCE_COLOR: '0' })).includes(escape));
    assert.ok(!(await printed({ NO_COLOR: '1' })).includes(escape));
  });

  test('nothing that a program says steers the terminal', async () => {
    const { stdout } = await subject.manycore(['ps']);
    assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    assert.ok((await subject.find('dead')).stderrTail.includes('\u001b[31m'), 'and this one does say it');
  });

  test('--json is the list of snapshots that manycore/inspect reads', async () => {
    const [program, ...others] = await subject.programs();
    assert.deepEqual([others, program?.mainPid, program?.alive], [[], subject.main.pid, true]);
    const process = program?.processes.find(({ name }) => name === 'blocked');
    assert.deepEqual([process?.kind, process?.state, process?.waitingFor?.kind], ['process', 'waiting', 'lock']);
    assert.deepEqual([program?.pools[0]?.queued, program?.queues[0]?.depth], [1, 3]);
  });

  test('--watch prints again every second where nobody looks, until a signal comes', async () => {
    for (const [json, signal] of [
      [[], 'SIGINT'],
      [['--json'], 'SIGTERM'],
    ] as const) {
      const watch = spawn(process.execPath, [command, 'ps', '--watch', ...json], { env: subject.env });
      let text = '';
      watch.stdout.on('data', chunk => {
        text += String(chunk);
        if (text.split(json.length > 0 ? '\n[{' : '\n/').length >= 2) watch.kill(signal);
      });
      const [code] = (await once(watch, 'close')) as [number];
      assert.equal(code, 0);
      const readings =
        json.length > 0
          ? text
              .trim()
              .split('\n')
              .map(line => JSON.parse(line) as unknown)
          : text.match(/PROCESS /g);
      assert.equal(readings?.length, 2);
    }
  });
});

test('manycore ps where nothing runs', async () => {
  using shared = privateRoot();
  const { stdout, code } = await run([command, 'ps'], { env: shared.env });
  assert.deepEqual([stdout, code], ['no manycore programs are running\n', 0]);
  assert.equal((await run([command, 'ps', '--json'], { env: shared.env })).stdout, '[]\n');
});

test('manycore ps | head ends quietly', async () => {
  using shared = privateRoot();
  const watch = spawn(process.execPath, [command, 'ps', '--watch'], { env: { ...process.env, ...shared.env } });
  const said = textOf(watch.stderr);
  watch.stdout.once('data', () => watch.stdout.destroy());
  const [code] = (await once(watch, 'exit')) as [number];
  assert.deepEqual([code, await said], [0, '']);
});

test('what the command does not know it refuses with exit code 2', async () => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /a command is missing/],
    [['top'], /there is no command 'top': ps, kill or stack/],
    [['ps', '--tree'], /'ps' has no option --tree/],
    [['ps', '--loud'], /Unknown option '--loud'/],
    [['ps', 'seven'], /'seven' is no process id/],
    [['kill'], /'kill' needs a process id/],
    [['kill', '-1'], /manycore: /],
    [['kill', '0'], /'0' is no process id/],
    [['kill', '1.5'], /'1.5' is no process id/],
    [['kill', '12', '--signal', 'SIGSTOP'], /--signal takes SIGTERM, SIGKILL, SIGINT/],
    [['stack', '1', '2'], /'stack' takes one process id/],
  ];
  for (const [args, message] of wrong) {
    const { code, stdout, stderr } = await run([command, ...args]);
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
    assert.match(stderr, message);
  }
  const help = await run([command, '--help']);
  assert.deepEqual([help.code, /manycore ps \[pid …\] \[--json\]/.test(help.stdout)], [0, true]);
  assert.match((await run([command, '-v'])).stdout, /^\d+\.\d+\.\d+\n$/);
});
