import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { Pool } from 'manycore';
import * as tasks from './fixtures/tasks.js';
import { DEADLINE, failure, finish, inTime, range } from './support.js';

interface TraceEvent {
  readonly ph: string;
  readonly cat: string;
  readonly name: string;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  readonly args: { readonly tasks: number };
}

describe('insights', { timeout: DEADLINE * 2 }, () => {
  test('how the workers have spent their time: start, initializer, waiting, work', async () => {
    const before = Date.now();
    const pool = new Pool({ processes: 2, initializer: tasks.sleepFor, initArgs: [50], name: 'seen' });
    const pids = new Set(
      await pool.map(
        tasks.pidAfter,
        range(6).map(() => 60),
        { chunkSize: 1 },
      ),
    );
    await failure(pool.apply(tasks.raise, [1]));
    const { workers, phases, slowest } = pool.insights();
    const lived = Date.now() - before;
    assert.equal(workers.length, 2);
    for (const worker of workers) {
      assert.match(worker.name, /^PoolWorker-\d+$/);
      assert.ok(worker.start > 5, `start ${worker.start}`);
      if (pids.has(worker.pid)) assert.ok(worker.init >= 49, `init ${worker.init}`);
      assert.equal(worker.restarts, 0);
      const all = worker.start + worker.init + worker.waiting + worker.working;
      assert.ok(all <= lived + 5, `${all} of ${lived} ms`);
    }
    const sum = (of: (worker: (typeof workers)[number]) => number): number => workers.reduce((s, w) => s + of(w), 0);
    assert.deepEqual([sum(w => w.done), sum(w => w.failed)], [6, 1]);
    assert.ok(phases.working.total >= 6 * 59, `working ${phases.working.total}`);
    assert.equal(
      phases.working.total,
      sum(w => w.working),
    );
    assert.equal(phases.init.mean, phases.init.total / 2);
    const [a = 0, b = 0] = workers.map(w => w.working);
    assert.ok(Math.abs(phases.working.deviation - Math.abs(a - b) / 2) < 1e-6);
    const shares = phases.start.share + phases.init.share + phases.waiting.share + phases.working.share;
    assert.ok(Math.abs(shares - 1) < 1e-9);
    assert.equal(slowest.length, 5);
    await finish(pool);
  });

  test('the slowest tasks: function, call, duration, worker; the longest first', async () => {
    const pool = new Pool(1);
    await Promise.all(range(2000).map(i => pool.apply(tasks.sqr, [i])));
    for (const ms of [100, 900, 300, 1, 600]) await pool.apply(tasks.sleepFor, [ms]);
    const pid = await pool.apply(tasks.pid);
    await pool.map(tasks.sleepFor, [600, 600], { chunkSize: 2 });
    const { slowest } = pool.insights();
    assert.deepEqual(
      slowest.map(task => task.input),
      ['sleepFor × 2', 'sleepFor(900)', 'sleepFor(600)', 'sleepFor(300)', 'sleepFor(100)'],
    );
    for (const task of slowest) assert.deepEqual([task.function, task.pid], ['sleepFor', pid]);
    const [first] = slowest;
    assert.ok((first?.duration ?? 0) >= 1199 && (first?.duration ?? 0) < 30_000, String(first?.duration));
    await finish(pool);
  });

  test('a long task that travelled with short ones is found', async () => {
    const pool = new Pool(1);
    await Promise.all(range(3000).map(() => pool.apply(tasks.burn, [0])));
    await Promise.all(range(1000).map(i => pool.apply(tasks.burn, [i === 300 ? 100 : 0])));
    const [first] = pool.insights().slowest;
    assert.equal(first?.input, 'burn(100)');
    assert.ok(first.duration >= 99, String(first.duration));
    await finish(pool);
  });

  test('workers that are replaced, or killed, count with those that take their place', async () => {
    const pool = new Pool({ processes: 2, maxTasksPerChild: 1 });
    await inTime(
      pool.map(
        tasks.pidAfter,
        range(8).map(() => 5),
        { chunkSize: 1 },
      ),
    );
    await failure(pool.apply(tasks.killSelf, ['SIGKILL']));
    await finish(pool);
    const { workers, phases } = pool.insights();
    assert.ok(workers.length <= 4, `${workers.length} places`);
    assert.equal(
      workers.reduce((sum, each) => sum + each.done, 0),
      8,
    );
    assert.ok(workers.reduce((sum, each) => sum + each.restarts, 0) >= 5);
    assert.ok(phases.working.total >= 8 * 4);
    for (const each of workers) assert.ok([each.start, each.init, each.waiting, each.working].every(ms => ms >= 0));
  });

  test('printed it is a table, as JSON its figures', async () => {
    const pool = new Pool({ processes: 1, name: 'shown' });
    await pool.apply(tasks.sleepFor, [5]);
    const insights = pool.insights();
    const lines = String(insights).split('\n');
    assert.match(lines[0] ?? '', /^shown +start +init +waiting +working +done +failed +restarts$/);
    assert.match(lines[1] ?? '', /^PoolWorker-\d+ \(\d+\) .* 1 +0 +0$/);
    assert.match(String(insights), /\nmean .*\ndeviation .*\nshare +\d+\.\d % /);
    assert.match(String(insights), /slowest:\n +\d+\.\d ms {2}sleepFor\(5\) {2}\(pid \d+\)$/);
    assert.equal(inspect(insights), String(insights));
    const parsed = JSON.parse(JSON.stringify(insights)) as { pool: string; workers: unknown[]; slowest: unknown[] };
    assert.deepEqual([parsed.pool, parsed.workers.length, parsed.slowest.length], ['shown', 1, 1]);
    await finish(pool);
  });

  test('a Chrome trace: a row a worker, slices that do not overlap, and no more than so many', async () => {
    const start = Date.now() * 1000;
    const pool = new Pool(2);
    await pool.map(
      tasks.sleepFor,
      range(20).map(() => 5),
      { chunkSize: 1 },
    );
    const large = await pool.apply(tasks.identity<string>, ['x'.repeat(100_000)]);
    assert.equal(large.length, 100_000);
    const trace = JSON.parse(JSON.stringify(pool.insights().toChromeTrace())) as { traceEvents: TraceEvent[] };
    const slices = trace.traceEvents.filter(each => each.ph === 'X' && each.cat === 'task');
    assert.equal(
      slices.reduce((sum, each) => sum + each.args.tasks, 0),
      21,
    );
    assert.equal(slices.filter(each => each.name === 'sleepFor').length, 20);
    const end = Date.now() * 1000;
    for (const row of [1, 2]) {
      const own = slices.filter(each => each.tid === row).sort((a, b) => a.ts - b.ts);
      own.forEach((slice, i) => {
        assert.ok(slice.ts >= start - 20_000 && slice.ts + slice.dur <= end + 20_000, `${slice.ts} in ${start}–${end}`);
        const next = own[i + 1];
        assert.ok(next === undefined || slice.ts + slice.dur <= next.ts + 50, 'two tasks at once in one worker');
      });
    }
    await Promise.all(range(40_000).map(i => pool.apply(tasks.sqr, [i])));
    await pool.map(tasks.sqr, range(30_000), { chunkSize: 1 });
    const many = pool.insights().toChromeTrace().traceEvents;
    assert.ok(many.filter(({ ph }) => ph === 'X').length <= 16_384 + 2 * 2, `${many.length} events`);
    await finish(pool);
  });
});
