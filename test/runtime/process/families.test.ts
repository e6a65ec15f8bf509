import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEADLINE, fixture, isRunning, lineOf, privateRoot, run, textOf, until } from './support.js';

/** How long anybody may outlive a program that was killed, in milliseconds; more on a machine that is busy. */
const SOON = 2000;
/** In an event loop, in a blocking wait, in code that never returns; children and grandchildren of two parents. */
const ALL = 11;

class Family implements Disposable {
  readonly dir = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-family-'));
  readonly root = privateRoot();
  readonly main: ChildProcess;

  constructor(how: string, count: number, program = 'family') {
    const env = { ...process.env, ...this.root.env };
    Reflect.deleteProperty(env, 'NODE_TEST_CONTEXT');
    this.main = spawn(process.execPath, [fixture(`programs/${program}.js`), how, this.dir, String(count)], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  get said(): string[] {
    return fs.readdirSync(this.dir);
  }

  get living(): number[] {
    return this.said.map(name => Number(name.split('-')[1])).filter(isRunning);
  }

  finished(): number {
    return this.said.filter(name => name.startsWith('finished')).length;
  }

  [Symbol.dispose](): void {
    for (const pid of this.living) process.kill(pid, 'SIGKILL');
    this.main.kill('SIGKILL');
    fs.rmSync(this.dir, { recursive: true, force: true });
    this.root[Symbol.dispose]();
  }
}

const nothingLeft = async (family: Family): Promise<void> => {
  assert.equal((await run([fixture('programs/who.js')], { env: family.root.env })).code, 0);
  assert.deepEqual(family.root.left(), []);
};

describe('the end of a family', { timeout: DEADLINE * 4 }, () => {
  test('a main process that is killed takes all with it, whatever they do, and their children', async () => {
    using family = new Family('kill', ALL);
    await lineOf(family.main.stdout);
    assert.equal(family.living.length, ALL);
    family.main.kill('SIGKILL');
    const killed = Date.now();
    await until(() => family.living.length === 0, 'all have ended');
    if (process.platform === 'linux') assert.ok(Date.now() - killed < SOON, `it took ${Date.now() - killed} ms`);
    await nothingLeft(family);
  });

  for (const how of ['throw', 'reject'])
    test(`a main process that fails ends all it has started: ${how}`, async () => {
      using family = new Family(how, ALL);
      const stderr = textOf(family.main.stderr);
      const [code] = (await once(family.main, 'exit')) as [number];
      assert.equal(code, 1);
      await until(() => family.living.length === 0, 'all have ended');
      const said = await stderr;
      assert.equal(said.match(/Error: the main process fails/g)?.length, 1, said);
      assert.doesNotMatch(said, /^Process /m);
      await nothingLeft(family);
    });

  test('a main process that leaves with process.exit() lets all finish, also those that are busy or just starting', async () => {
    for (const atLeast of [0, 1, 2, 2]) {
      using family = new Family('exit', atLeast);
      const [code] = (await once(family.main, 'exit')) as [number];
      assert.equal(code, 0);
      await until(() => family.finished() === 2, 'both have finished');
      await until(() => family.root.left().length === 0, 'the folder is gone');
    }
  });

  test('of several that end in the same moment, with the main process that leaves, none is killed, and no file stays', async () => {
    for (let i = 0; i < 12; i++) {
      using family = new Family('leave', 6, 'together');
      const [code] = (await once(family.main, 'close')) as [number]; // when nobody has its output open any more
      assert.equal(code, 0);
      assert.equal(family.finished(), 6);
      assert.deepEqual(family.root.left(), []);
    }
  });

  test('daemons that do not hear SIGTERM have ended, and the files are gone, when the main process has left', async () => {
    using family = new Family('end', 2, 'together');
    const [code] = (await once(family.main, 'exit')) as [number];
    assert.equal(code, 0);
    assert.deepEqual(family.living, []);
    assert.deepEqual(family.root.left(), []);
  });

  test('a main process that is killed at any moment of the starts leaves nobody', async () => {
    for (let i = 0; i < 6; i++) {
      using family = new Family('kill', ALL);
      await until(() => family.said.length > i * 2, 'some have started');
      await sleep((i * 7) % 20);
      family.main.kill('SIGKILL');
      await once(family.main, 'close'); // when nobody has its output open any more
      await until(() => family.living.length === 0, 'all have ended');
      await nothingLeft(family);
    }
  });
});
