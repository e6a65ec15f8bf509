import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Finalize, Pipe, Process, Queue } from 'manycore';
import * as finalizers from './fixtures/finalizers.js';
import { DEADLINE, fixture, outputOf, run, until } from './support.js';

const ORDER = ['b', 'exit handler', 'later exit handler', 'd10', 'd03', 'd02', 'd01', 'e'];
const said = (stdout: string): unknown[] =>
  stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as unknown);

describe('finalizers', { timeout: DEADLINE * 2 }, () => {
  for (const [end, exitCode] of [
    ['return', 0],
    ['exit', 3],
  ] as const) {
    test(`test_finalize: once, after exit handlers, by priority, the latest first; the process ends by ${end}`, async () => {
      const p = new Process({ target: finalizers.finalizeInOrder, args: [end], stdio: 'pipe' });
      const { stdout } = await outputOf(p);
      assert.deepEqual(said(stdout), ORDER);
      assert.equal(p.exitCode, exitCode);
    });
  }

  test('test_finalize: also in a process that dies of an error, and in the main process', async () => {
    const p = new Process({ target: finalizers.finalizeInOrder, args: ['throw'], stdio: 'pipe' });
    const { stdout } = await outputOf(p);
    assert.deepEqual([...said(stdout)].sort(), [...ORDER].sort());
    assert.equal(p.exitCode, 1);
    const main = await run([fixture('programs/finalizers.js')]);
    assert.deepEqual(said(main.stdout), ORDER, main.stderr);
  });

  for (const end of ['return', 'exit', 'throw'])
    test(`what exit handlers and finalizers send arrives; the process ends by ${end}`, async () => {
      const MANY = 60;
      const [reader, writer] = Pipe<string>({ duplex: false });
      const queue = new Queue<string>();
      const args = [end, writer, queue, MANY] as [string, typeof writer, typeof queue, number];
      const p = new Process({ target: finalizers.sendAtTheEnd, args, stdio: 'ignore' });
      p.start();
      writer.close();
      const got: string[] = [];
      for (let i = 0; i < 2 * MANY; i++) got.push((await queue.get({ timeout: DEADLINE })).trim());
      assert.deepEqual(got, [...Array<string>(MANY).fill('exit handler'), ...Array<string>(MANY).fill('finalizer')]);
      assert.deepEqual([await reader.recv(), await reader.recv()], ['exit handler', 'finalizer']);
      await assert.rejects(reader.recv(), { name: 'EOFError' });
      await p.join();
      reader.close();
    });

  test('test_thread_safety: finalizers may make, cancel and fail others', async () => {
    const p = new Process({ target: finalizers.changeMeanwhile, stdio: 'pipe' });
    const { stdout, stderr } = await outputOf(p);
    assert.deepEqual(said(stdout), ['first', 'made meanwhile, high', 'other', 'made meanwhile, low']);
    assert.match(stderr, /^a finalizer failed: Error: one fails\n/);
    assert.equal(p.exitCode, 0);
  });

  test('a killed process runs none', async () => {
    const p = new Process({ target: finalizers.finalizeAndStay, stdio: 'pipe' });
    p.start();
    let text = '';
    const closed = once(p.stdout ?? process.stdin, 'close');
    p.stdout?.on('data', chunk => (text += String(chunk)));
    await until(() => text.includes('\n'), 'it runs');
    p.terminate();
    await closed;
    assert.equal(text, '"running"\n');
  });

  test('the parent waits for its children before its own finalizers run', async () => {
    const p = new Process({ target: finalizers.finalizeAndStart, stdio: 'pipe' });
    assert.deepEqual(said((await outputOf(p)).stdout), [...ORDER, "the parent's"]);
  });

  test('one runs once its object has been collected', async () => {
    let ran = 0;
    let object: object | undefined = {};
    const finalize = new Finalize(object, () => ran++);
    object = undefined;
    assert.equal(finalize.stillActive(), true);
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    await until(() => (collect(), ran === 1), 'the finalizer ran');
    assert.equal(finalize.stillActive(), false);
  });

  test('what nothing would ever call, and wrong arguments, are refused', () => {
    const nothing = (): void => undefined;
    assert.throws(() => new Finalize(null, nothing), {
      name: 'ValueError',
      message: 'Without object, exitPriority cannot be null',
    });
    assert.throws(() => new Finalize({}, 5 as unknown as () => void), TypeError);
    assert.throws(() => new Finalize({}, nothing, { exitPriority: 0.5 }), TypeError);
    assert.throws(() => new Finalize({}, nothing, { exitpriority: 1 } as object), /Did you mean 'exitPriority'/);
    const finalize = new Finalize({}, () => 'answer');
    assert.equal(finalize.run(), 'answer');
    assert.equal(finalize.run(), undefined);
  });
});
