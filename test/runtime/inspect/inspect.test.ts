import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { programsRoot, readProgram, readPrograms, type ProcessSnapshot, type ProgramSnapshot } from 'manycore/inspect';
import { DEADLINE, until } from '../process/support.js';
import { fixture, startWatched } from './watched.js';

describe('a program seen from outside', { timeout: DEADLINE * 2 }, () => {
  let main: ChildProcess;
  let end: () => Promise<void>;

  before(async () => {
    ({ main, end } = await startWatched('an argument'));
    const speaks = (name: string): boolean => seek(name)?.stderrTail === `I am ${name}\n`;
    await until(() => speaks('wäiting') && speaks('grandchild'), 'all of them run');
  });

  after(() => end());

  const program = (): ProgramSnapshot => {
    const [only, ...others] = readPrograms();
    assert.ok(only !== undefined && others.length === 0);
    return only;
  };
  const seek = (name: string): ProcessSnapshot | undefined =>
    program().processes.find(process => process.name === name);
  const find = (name: string): ProcessSnapshot => {
    const found = seek(name);
    assert.ok(found !== undefined, name);
    return found;
  };

  test('what does not change is there', () => {
    const { id, dir, processes, pools, queues, startedAt, ...rest } = program();
    assert.equal(dir, path.join(programsRoot(), id));
    assert.deepEqual(rest, {
      ...{ mainPid: main.pid, alive: true, entry: fixture, cwd: process.cwd(), argv: ['an argument'] },
      ...{ nodeVersion: process.version, version: '0.1.0' },
    });
    assert.ok(Math.abs(Date.now() - startedAt) < DEADLINE);
    assert.deepEqual([processes.length, pools, queues], [6, [], []]);
  });

  test('every process says who it is, what it runs and how it does', () => {
    const waiting = find('wäiting');
    assert.deepEqual(waiting, {
      ...waiting,
      ...{ kind: 'process', state: 'running', daemon: true, parentPid: main.pid, parentSlot: 0, poolId: 0 },
      ...{ target: `file://${fixture}#wait`, task: '', waitingFor: null, exitCode: null, signal: null, endedAt: null },
      inspector: '',
      stderrTail: 'I am wäiting\n',
    });
    assert.ok((waiting.rssBytes ?? 0) > 10e6 && (waiting.cpuMs ?? 0) > 0);
    assert.ok(Math.abs(Date.now() - waiting.startedAt) < DEADLINE);
    assert.equal(find('MainProcess').kind, 'main');
    const parent = program().processes.find(({ target }) => target.endsWith('#block'));
    assert.equal(find('grandchild').parentSlot, parent?.slot);
    assert.equal(parent?.name, 'Process-4');
  });

  test('an uncaught error is seen: exit code and the end of stderr', () => {
    const { state, exitCode, signal, stderrTail, endedAt, rssBytes } = find('failed');
    assert.deepEqual([state, exitCode, signal, rssBytes], ['exited', 1, null, null]);
    assert.ok((endedAt ?? 0) > 0);
    assert.match(stderrTail, /Process failed:\nError: failed on purpose/);
  });

  test('a killed process is seen as died, with its signal, as soon as it is gone', async () => {
    process.kill(find('killed').pid, 'SIGKILL');
    await until(() => find('killed').exitCode !== null, 'its parent has recorded the end');
    const { state, exitCode, signal } = find('killed');
    assert.deepEqual([state, exitCode, signal], ['died', -9, 'SIGKILL']);
  });

  test('a process that died while its parent is stopped is seen as died all the same', async () => {
    const { pid } = find('wäiting');
    main.kill('SIGSTOP');
    try {
      process.kill(pid, 'SIGKILL');
      await until(() => find('wäiting').state === 'died', 'the system says that it is gone');
      assert.equal(find('wäiting').exitCode, null);
    } finally {
      main.kill('SIGCONT');
    }
  });

  test('folders that are no programs, torn and foreign files are left out', () => {
    const foreign = (name: string, files: Record<string, Buffer | string>): void => {
      const dir = path.join(programsRoot(), name);
      fs.mkdirSync(dir);
      for (const [file, content] of Object.entries(files)) fs.writeFileSync(path.join(dir, file), content);
      assert.equal(readProgram(dir), undefined, name);
      assert.equal(readPrograms().length, 1);
      fs.rmSync(dir, { recursive: true });
    };
    const table = fs.readFileSync(path.join(program().dir, 'table'));
    const description = fs.readFileSync(path.join(program().dir, 'program.json'));
    foreign('1-empty', {});
    foreign('1-no-json', { 'program.json': '{', table });
    foreign('1-null', { 'program.json': 'null', table });
    foreign('1-short', { 'program.json': description, table: table.subarray(0, 5000) });
    foreign('1-zeros', { 'program.json': description, table: Buffer.alloc(table.length) });
    assert.equal(readProgram(path.join(programsRoot(), 'nowhere')), undefined);
  });

  test('noise in a table gives a snapshot, never an error', () => {
    const dir = path.join(programsRoot(), '1-noise');
    fs.mkdirSync(dir);
    fs.copyFileSync(path.join(program().dir, 'program.json'), path.join(dir, 'program.json'));
    const table = fs.readFileSync(path.join(program().dir, 'table'));
    for (let seed = 1, at = 64; at < table.length; at++) {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      if (seed >>> 24 < 40) table[at] = seed >>> 16;
    }
    fs.writeFileSync(path.join(dir, 'table'), table);
    const noise = readProgram(dir);
    assert.ok(noise !== undefined);
    assert.doesNotThrow(() => JSON.stringify(noise));
    fs.rmSync(dir, { recursive: true });
  });
});
