import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'node:test';
import { Pool } from 'manycore';
import * as tasks from './fixtures/tasks.js';
import { DEADLINE, failure, finish, inTime, range } from './support.js';

const here = path.dirname(fileURLToPath(import.meta.url));

/** Processor time of this process, in milliseconds: what a loaded machine does not change. */
function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe('very many calls at once', { timeout: DEADLINE * 3 }, () => {
  test('a signal that all of them share ends 100,000 in one go, and the pool works on', async () => {
    const pool = new Pool(2);
    const controller = new AbortController();
    const { signal } = controller;
    await pool.map(tasks.sqr, range(1000), { chunkSize: 1 });
    const calls = Promise.allSettled(range(100_000).map(i => pool.apply(tasks.sqr, [i], { signal })));
    const kept = Promise.all(range(100).map(i => pool.apply(tasks.sqr, [i])));
    // By now some are in the hands of workers, some in the ring, most in line.
    await Promise.resolve();
    const cpu = cpuOf(() => controller.abort(new Error('enough')));
    for (const [i, outcome] of (await inTime(calls)).entries()) {
      if (outcome.status === 'fulfilled') assert.equal(outcome.value, i * i);
      else assert.equal((outcome.reason as Error).message, 'enough');
    }
    assert.deepEqual(await inTime(kept), range(100).map(tasks.sqr));
    assert.ok(cpu < 3000, `${cpu} ms`);
    await finish(pool);
  });

  test('terminate answers 200,000 calls, each with an error of its own, in a moment', async () => {
    const pool = new Pool(2);
    const calls = Promise.allSettled(range(200_000).map(i => pool.apply(tasks.sqr, [i])));
    const cpu = cpuOf(() => pool.terminate());
    const errors = new Set<unknown>();
    for (const outcome of await inTime(calls)) {
      assert.equal(outcome.status === 'rejected' && (outcome.reason as Error).name, 'PoolTerminatedError');
      errors.add(outcome.status === 'rejected' && outcome.reason);
    }
    assert.equal(errors.size, 200_000);
    assert.ok(cpu < 3000, `${cpu} ms`);
    await inTime(pool.join());
  });

  test('a map of 50,000 chunks with a time limit waits for its turn, and for no more than its time', async () => {
    const pool = new Pool(1);
    // A call that keeps the worker longer than the limit of the one behind it.
    const first = pool.apply(tasks.sleepFor, [400]);
    const limited = pool.map(tasks.sqr, range(50_000), { chunkSize: 1, timeout: 60_000 });
    const short = failure(pool.map(tasks.sleepFor, range(1000).fill(20), { chunkSize: 1, timeout: 300 }));
    assert.equal(await inTime(first), 400);
    assert.equal((await inTime(limited)).length, 50_000);
    assert.equal((await inTime(short)).name, 'TimeoutError');
    await finish(pool);
  });

  test('the time of a map counts from the start of its first task also when its tasks were sent ahead', async () => {
    const pool = new Pool(1);
    await pool.apply(tasks.sqr, [1]);
    const first = pool.apply(tasks.sleepFor, [1500]);
    // Sent ahead at once, started much later; all of it takes less than its limit from there on.
    const mapped = pool.map(tasks.sleepFor, range(10).fill(20), { chunkSize: 1, timeout: 1600 });
    await first;
    assert.equal((await inTime(mapped)).length, 10);
    await finish(pool);
  });

  test('50,000 waits for one answer that give up at the same time are gone in a moment', async () => {
    const pool = new Pool(1);
    const result = pool.applyAsync(tasks.sleepFor, [60_000]);
    const results = pool.imap(tasks.sleepFor, [60_000]);
    for (const wait of [() => result.get({ timeout: 10 }), () => results.next({ timeout: 10 })]) {
      const before = process.cpuUsage();
      const names = await Promise.all(range(50_000).map(async () => (await failure(wait())).name));
      const { user, system } = process.cpuUsage(before);
      assert.deepEqual([...new Set(names)], ['TimeoutError']);
      // In the square of their number they would take ten seconds.
      assert.ok((user + system) / 1000 < 4000, `${user + system} µs`);
    }
    pool.terminate();
    await inTime(pool.join());
  });

  test('without file descriptors a pool is refused with an OSError that says so, and nothing is half made', () => {
    const program = path.join(here, 'fixtures/programs/noFiles.js');
    const { stdout, stderr, status } = spawnSync(
      '/bin/sh',
      ['-c', `ulimit -n 80; exec "$0" "$1"`, process.execPath, program],
      {
        encoding: 'utf8',
      },
    );
    assert.equal(status, 0, stderr);
    const lines = stdout.trim().split('\n');
    assert.equal(lines.pop(), 'later 81');
    assert.ok(lines.length >= 3, stdout);
    for (const line of lines) assert.match(line, /^(OSError EMFILE .*(EMFILE|descriptor).*|made 81)$/);
    assert.ok(
      lines.some(line => line.startsWith('OSError')),
      stdout,
    );
  });
});
