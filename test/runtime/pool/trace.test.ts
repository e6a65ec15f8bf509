import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect, stripVTControlCharacters } from 'node:util';
import { Pool } from 'manycore';
import * as tasks from './fixtures/tasks.js';
import { DEADLINE, failure, finish, range } from './support.js';

interface Event {
  readonly ph: string;
  readonly name: string;
  readonly cat?: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly args: Record<string, unknown>;
}

/** What a reader of the format asks of an event, and no key that it does not know. */
const KEYS = { M: ['ph', 'name', 'pid', 'tid', 'args'], X: ['ph', 'name', 'cat', 'pid', 'tid', 'ts', 'dur', 'args'] };
const ABOUT: Record<string, (args: Record<string, unknown>) => boolean> = {
  process_name: ({ name }) => typeof name === 'string' && name !== '',
  thread_name: ({ name }) => typeof name === 'string' && name !== '',
};

/** A trace as its readers get it; throws for what they would refuse or draw wrongly. Answers the slices by row. */
function checked(pool: Pool): Map<string, Event[]> {
  const trace = JSON.parse(JSON.stringify(pool.insights().toChromeTrace())) as {
    traceEvents: Event[];
    displayTimeUnit: string;
  };
  assert.deepEqual(Object.keys(trace), ['traceEvents', 'displayTimeUnit']);
  assert.ok(['ms', 'ns'].includes(trace.displayTimeUnit));
  const names = new Map<number, string>();
  const rows = new Map<number, Event[]>();
  for (const event of trace.traceEvents) {
    assert.ok(event.ph === 'M' || event.ph === 'X', event.ph);
    assert.deepEqual(Object.keys(event).sort(), [...KEYS[event.ph]].sort());
    assert.ok(Number.isInteger(event.pid) && Number.isInteger(event.tid));
    assert.equal(event.pid, process.pid);
    if (event.ph === 'M') {
      assert.ok(ABOUT[event.name]?.(event.args), `${event.name} ${JSON.stringify(event.args)}`);
      if (event.name === 'thread_name') {
        assert.ok(!names.has(event.tid), 'a row has one name');
        names.set(event.tid, String(event.args['name']));
      }
    } else {
      const { ts = NaN, dur = NaN } = event;
      assert.ok(event.name !== '' && typeof event.cat === 'string');
      assert.ok(Number.isFinite(ts) && ts > 1e15 && Number.isFinite(dur) && dur >= 0, `${ts} ${dur}`);
      rows.set(event.tid, [...(rows.get(event.tid) ?? []), event]);
    }
  }
  assert.equal(trace.traceEvents.filter(({ name }) => name === 'process_name').length, 1);
  const named = new Map<string, Event[]>();
  for (const [tid, events] of rows) {
    const name = names.get(tid) ?? assert.fail(`row ${tid} has no name`);
    events.forEach(({ ts = 0 }, i) => {
      const before = events[i - 1];
      // A quarter of a microsecond is what a number can tell of a time since 1970.
      assert.ok(before === undefined || (before.ts ?? 0) + (before.dur ?? 0) <= ts + 0.5, `${name}: slices overlap`);
    });
    named.set(name, events);
  }
  return named;
}

describe('insights to look at', { timeout: DEADLINE * 2 }, () => {
  test('a trace is what its readers ask for: rows with names, the start of each worker, its tasks', async () => {
    const pool = new Pool({ processes: 2, name: 'träced', initializer: tasks.sleepFor, initArgs: [5] });
    // One may do it all before the other has started.
    while (pool.insights().workers.some(({ done }) => done === 0))
      await pool.map(tasks.sleepFor, range(10), { chunkSize: 1 });
    await pool.map(tasks.sqr, range(5000));
    const rows = checked(pool);
    assert.equal(rows.size, 2);
    for (const [name, events] of rows) {
      assert.match(name, /^PoolWorker-\d+ \(\d+\)$/);
      assert.deepEqual(events.slice(0, 2).map(({ name: what, cat }) => [what, cat]), [['start', 'worker'], ['initializer', 'worker']]); // prettier-ignore
      assert.ok((events[1]?.dur ?? 0) >= 4900);
      assert.ok(events.slice(2).every(({ cat, args }) => cat === 'task' && Number(args['tasks']) > 0));
    }
    await finish(pool);
  });

  test('nor do tasks of workers that were killed or replaced overlap', async () => {
    const pool = new Pool({ processes: 3, maxTasksPerChild: 1 });
    await pool.map(tasks.sleepFor, range(12), { chunkSize: 1 });
    await failure(pool.apply(tasks.killSelf, ['SIGKILL']));
    const rows = checked(pool);
    const ended = [...rows].filter(([name]) => name.startsWith('workers that have ended'));
    assert.ok(ended.length >= 1 && ended.length <= 3, `${ended.length} rows`);
    const done = [...rows.values()].flat().filter(({ cat }) => cat === 'task');
    assert.equal(done.length, 12);
    await finish(pool);
  });

  test('of a pool that has done nothing, and of one that has ended', async () => {
    const pool = new Pool(1);
    checked(pool);
    await finish(pool);
    checked(pool);
    assert.match(String(pool.insights()), /\nshare /);
  });

  test('JSON keeps its keys, and says its unit', async () => {
    const pool = new Pool({ processes: 1, name: 'json' });
    await pool.apply(tasks.sleepFor, [5]);
    const json = JSON.parse(JSON.stringify(pool.insights())) as Record<string, unknown>;
    assert.deepEqual(Object.keys(json), ['pool', 'timeUnit', 'workers', 'phases', 'slowest']);
    assert.deepEqual([json['pool'], json['timeUnit']], ['json', 'ms']);
    const keys = (of: unknown): string[] => Object.keys(of as object);
    assert.deepEqual(keys((json['workers'] as unknown[])[0]), ['name', 'pid', 'start', 'init', 'waiting', 'working', 'done', 'failed', 'restarts']); // prettier-ignore
    assert.deepEqual(keys(json['phases']), ['start', 'init', 'waiting', 'working']);
    assert.deepEqual(keys((json['phases'] as { init: unknown }).init), ['total', 'mean', 'deviation', 'share']);
    assert.deepEqual(keys((json['slowest'] as unknown[])[0]), ['function', 'input', 'duration', 'pid']);
    await finish(pool);
  });

  test('printed on a terminal it has colours and keeps within its width; what programs say does not steer it', async () => {
    const pool = new Pool({ processes: 1, name: `\u001b[31m図 ${'long '.repeat(30)}` });
    await pool.apply(tasks.identity<string>, [`${'x'.repeat(500)}\u001b[2J`]);
    const insights = pool.insights();
    const { isTTY, columns } = process.stdout;
    try {
      Object.assign(process.stdout, { isTTY: true, columns: 80 });
      const shown = inspect(insights, { colors: true });
      assert.match(shown, /^\u001b\[1m図 long/);
      assert.doesNotMatch(shown, /\u001b\[(31m|2J)/);
      const lines = stripVTControlCharacters(shown).split('\n');
      for (const line of lines) assert.ok(line.length <= 80, `${line.length}: ${line}`);
      assert.match(lines.at(-1) ?? '', /…'\) {2}\(pid \d+\)$/);
      assert.doesNotMatch(inspect(insights), /\u001b/);
    } finally {
      Object.assign(process.stdout, { isTTY, columns });
    }
    assert.ok(Math.max(...String(insights).split('\n').map(line => line.length)) > 80, 'as text nothing is missing'); // prettier-ignore
    await finish(pool);
  });
});
