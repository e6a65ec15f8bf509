import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Process } from 'manycore';
import * as printing from './fixtures/printing.js';
import { nothing } from './fixtures/targets.js';
import { DEADLINE, fixture, run, textOf } from './support.js';

class Collector extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    setImmediate(done);
  }
}

describe('where the output of a process goes', { timeout: DEADLINE * 2 }, () => {
  for (const how of ['return', 'exit', 'throw', 'kill']) {
    test(`each line has the name before it, the last one too that has no end: ${how}`, async () => {
      const { stdout, stderr, code } = await run([fixture('programs/prefixes.js'), how]);
      assert.equal(stdout, '[the child] whole é\n[the child] and half\n');
      assert.match(stderr, /^\[the child\] complaint/);
      if (how === 'throw') assert.match(stderr, /^\[the child\] Error: thrown\n(\[the child\] {5}at .*\n)+/m);
      else assert.equal(stderr, '[the child] complaint\n');
      assert.equal(code, 0);
    });
  }

  test('a daemon does not hold its parent, and its last words are there when the parent ends', async () => {
    const { stdout, code } = await run([fixture('programs/prefixes.js'), 'daemon']);
    assert.equal(stdout, '[the child] whole é\n[the child] and half\n[daemon] unfinished\n');
    assert.equal(code, 0);
  });

  test('names have colours on a terminal only', { skip: spawnSync('script', ['--version']).status !== 0 }, () => {
    const env: NodeJS.ProcessEnv = { ...process.env };
    for (const name of ['NO_COLOR', 'NODE_TEST_CONTEXT']) Reflect.deleteProperty(env, name);
    const command = `"${process.execPath}" "${fixture('programs/prefixes.js')}"`;
    const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], { env, encoding: 'utf8' });
    assert.ok(stdout.includes('\x1b[36m[the child]\x1b[39m whole é\r\n'), stdout);
  });

  test('a stream gets both outputs, in whole lines also when many print, and is left open', async () => {
    const target = new Collector();
    const marks = ['a', 'b', 'c'];
    const all = marks.map(
      mark => new Process({ target: printing.printInBits, args: [mark, 50], name: mark, stdio: target }),
    );
    for (const p of all) p.start();
    for (const p of all) assert.equal(await p.join({ timeout: DEADLINE }), true);
    assert.equal(all[0]?.stdout, null);
    await new Promise<void>(resolve => target.end(resolve));
    const lines = target.text.trim().split('\n');
    assert.equal(lines.length, marks.length * 100);
    assert.ok(lines.every(line => /^(aaa|bbb|ccc)$/.test(line)));
  });

  test('a stream that is slow or closed stops nobody, and a long line goes on in pieces', async () => {
    const slow = new Collector({ highWaterMark: 1 });
    const p = new Process({ target: printing.printMuch, args: [3 << 20], stdio: slow });
    p.start();
    await p.join();
    await new Promise<void>(resolve => slow.end(resolve));
    assert.equal(slow.text.replaceAll('\n', '').length, 3 << 20);
    const q = new Process({ target: printing.printMuch, args: [1 << 20], stdio: slow });
    q.start();
    assert.equal(await q.join({ timeout: DEADLINE }), true);
    assert.equal(q.exitCode, 0);
  });

  test('where nobody reads any more, in the middle of much, all go on and nobody complains', async () => {
    const env = { ...process.env };
    Reflect.deleteProperty(env, 'NODE_TEST_CONTEXT');
    const program = spawn(process.execPath, [fixture('programs/prefixes.js'), 'much'], { env });
    const stderr = textOf(program.stderr);
    await once(program.stdout, 'data');
    program.stdout.destroy();
    assert.deepEqual(await once(program, 'exit'), [0, null]);
    assert.equal(await stderr, '');
  });

  for (const [how, what] of [
    ['unread', "a daemon's pipe that nobody reads keeps nobody running"],
    ['read', "a daemon's pipe that is read is read to its end"],
    ['left', 'who prints into a pipe that was left unread does its work'],
  ] as const)
    test(what, async () => {
      const { code, stderr } = await run([fixture('programs/prefixes.js'), how]);
      assert.deepEqual([code, stderr], [7, '']);
    });

  test('a stream that is destroyed with a write under way lets the process go on', async () => {
    const stuck = new Writable({ highWaterMark: 1, write: () => undefined });
    const p = new Process({ target: printing.printMuch, args: [3 << 20], stdio: stuck });
    p.start();
    while (stuck.writableLength === 0) await nextTurn();
    stuck.destroy();
    assert.equal(await p.join({ timeout: DEADLINE }), true);
    assert.equal(p.exitCode, 0);
  });

  test('what is no place for output is refused', () => {
    for (const stdio of ['inherited', 5, {}, null])
      assert.throws(() => new Process({ target: nothing, stdio: stdio as 'pipe' }), {
        name: 'TypeError',
        message: "stdio must be 'inherit', 'ignore', 'pipe', 'prefix' or a stream to write to",
      });
  });
});
