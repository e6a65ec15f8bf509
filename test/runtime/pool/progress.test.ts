import assert from 'node:assert/strict';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Pool, type Progress } from 'manycore';
import * as tasks from './fixtures/tasks.js';
import { run } from '../process/support.js';
import { DEADLINE, failure, finish, range } from './support.js';

const drawing = path.join(path.dirname(fileURLToPath(import.meta.url)), 'fixtures/programs/drawing.js');

/** Whatever came, it must be possible, and end with the end. */
function checkSeen(seen: Progress[], done: number, failed: number): void {
  for (const [i, each] of seen.entries()) {
    const before = seen[i - 1];
    assert.ok(before === undefined || (each.done >= before.done && each.elapsed >= before.elapsed));
    assert.ok(each.failed <= each.done && each.rate >= 0);
    assert.ok(each.eta === undefined || each.eta >= 0);
  }
  const last = seen.at(-1);
  assert.deepEqual([last?.done, last?.failed, last?.total, last?.eta], [done, failed, done, 0]);
}

describe('progress', { timeout: DEADLINE * 2 }, () => {
  const pool = new Pool(2);
  after(() => finish(pool));

  test('a map tells how far it is, and for the last time before it resolves', async () => {
    const seen: Progress[] = [];
    const progress = { onProgress: (each: Progress) => void seen.push(each), interval: 1 };
    const inputs = range(40).map(() => 5);
    const result = await pool.map(tasks.sleepFor, inputs, { progress });
    assert.equal(result.length, 40);
    checkSeen(seen, 40, 0);
    assert.ok(seen.length > 3, `told ${seen.length} times`);
    assert.ok(seen.slice(0, -1).every(each => each.total === 40));
    const number = seen.length;
    await pool.map(tasks.sqr, [1]);
    assert.equal(seen.length, number);
  });

  test('it is told no more often than asked for', async () => {
    const seen: Progress[] = [];
    await pool.map(tasks.sqr, range(10_000), { chunkSize: 1, progress: each => void seen.push(each) });
    const last = seen.at(-1) ?? assert.fail('never told');
    assert.ok(seen.length <= last.elapsed / 100 + 2, `told ${seen.length} times in ${last.elapsed} ms`);
  });

  test('failures are counted; an empty map has made all its progress', async () => {
    const seen: Progress[] = [];
    const progress = (each: Progress): void => void seen.push(each);
    await failure(pool.map(tasks.raiseForThirds, range(10), { chunkSize: 2, progress }));
    checkSeen(seen, 10, 8);
    await pool.starmap(tasks.add, [], { progress });
    assert.deepEqual([seen.at(-1)?.done, seen.at(-1)?.total], [0, 0]);
    const result = pool.mapAsync(tasks.sqr, range(5), { progress });
    await result.get();
    checkSeen([seen.at(-1) ?? assert.fail()], 5, 0);
  });

  test('imap and imapUnordered, also for inputs of unknown length', async () => {
    for (const imap of ['imap', 'imapUnordered'] as const) {
      const seen: Progress[] = [];
      function* inputs(): Generator<number> {
        for (let i = 0; i < 60; i++) yield 5;
      }
      const progress = { onProgress: (each: Progress) => void seen.push(each), interval: 1 };
      let got = 0;
      for await (const ms of pool[imap](tasks.sleepFor, inputs(), { progress })) got += ms;
      assert.equal(got, 300);
      checkSeen(seen, 60, 0);
      assert.equal(seen[0]?.total, undefined);
      assert.equal(seen[0]?.eta, undefined);
      const known: Progress[] = [];
      const it = pool[imap](tasks.sqr, new Set([1, 2]), { progress: each => void known.push(each) });
      while ((await it.next()).done !== true);
      assert.equal(known.at(-1)?.total, 2);
    }
  });

  test('what a listener throws becomes the error of the call, after all of it is done', async () => {
    const progress = (): never => {
      throw new RangeError('no thanks');
    };
    assert.equal((await failure(pool.map(tasks.sqr, range(10), { progress }))).message, 'no thanks');
    const it = pool.imap(tasks.sqr, [3], { progress });
    assert.equal((await it.next()).value, 9);
    assert.equal((await failure(it.next())).message, 'no thanks');
    assert.equal((await it.next()).done, true);
  });

  test('a worker that dies counts as failed, and a call that is limited is told of no more', async () => {
    const seen: Progress[] = [];
    const progress = (each: Progress): void => void seen.push(each);
    await failure(pool.map(tasks.exit, [3, 3], { chunkSize: 1, progress }));
    checkSeen(seen, 2, 2);
    seen.length = 0;
    await failure(pool.map(tasks.sleepFor, [1, 600_000], { chunkSize: 1, timeout: 50, progress }));
    const told = seen.length;
    await pool.apply(tasks.sleepFor, [150]);
    assert.equal(seen.length, told);
  });

  test('what is no progress option is refused', async () => {
    const wrong = (progress: unknown): Promise<Error> =>
      failure(pool.map(tasks.sqr, [1], { progress: progress as true }));
    assert.match((await wrong('bar')).message, /progress must be a function/);
    assert.match((await wrong({ onprogress: 1 })).message, /Did you mean 'onProgress'/);
    assert.match((await wrong({ interval: '1' })).message, /interval must be a number/);
  });

  test('a bar is drawn on stderr when it is a terminal, or always if asked; else nothing', async () => {
    const quiet = await run([drawing, 'true']);
    assert.deepEqual([quiet.code, quiet.stdout, quiet.stderr], [0, '36\n', '']);
    const { code, stdout, stderr } = await run([drawing, 'always']);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, '36\n');
    assert.match(stderr, /squares .*100% \| 8\/8 \| /);
    const unknown = await run([drawing, 'unknown']);
    assert.match(unknown.stderr, /8 done, 3 failed \| /);
    assert.equal(unknown.code, 0, unknown.stderr);
    const terminal = await run([drawing, 'terminal']);
    assert.match(terminal.stderr, /100% \| 8\/8/);
    const left = await run([drawing, 'left']);
    assert.equal(left.code, 0, left.stderr);
  });

  test('options draw a bar as true does, but for those that only listen', async () => {
    const labelled = await run([drawing, 'labelled']);
    assert.match(labelled.stderr, /naps .*100% \| 2\/2/);
    const heard = await run([drawing, 'heard']);
    assert.deepEqual([heard.code, heard.stderr], [0, '']);
  });
});
