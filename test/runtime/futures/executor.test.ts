import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { inspect } from 'node:util';
import { BrokenProcessPool, ProcessPoolExecutor, type Future } from 'manycore/futures';
import * as tasks from '../pool/fixtures/tasks.js';
import { DEADLINE, failure, inTime, range, scratchFile } from '../pool/support.js';
import { until } from '../process/support.js';
import * as own from './fixtures/tasks.js';

const result = <R>(future: Future<R>): Promise<R> => inTime(future.result());
const exception = (future: Future): Promise<Error> => inTime(future.exception() as Promise<Error>);

/** Python's `ExecutorTest` without its maps (see map.test.ts). */
describe('what every executor does', { timeout: DEADLINE * 4 }, () => {
  const executor = new ProcessPoolExecutor({ maxWorkers: 3 });
  after(() => inTime(executor.shutdown()));

  test('test_submit: one call, its result', async () => {
    const future = executor.submit(tasks.sqr, 8);
    assert.equal(await result(future), 64);
    assert.equal(inspect(future), '<Future state=finished returned number>');
    assert.equal(await result(executor.submit(tasks.sum, 1, 2, 3)), 6);
    assert.equal(await result(executor.submit(tasks.sqrLater, 3, 1)), 9);
  });

  test('test_shutdown_race_issue12456: shutdown while results are arriving', async () => {
    const other = new ProcessPoolExecutor(2);
    assert.match(inspect(other), /maxWorkers=2>/);
    const futures = range(3000).map(i => other.submit(tasks.identity<string>, 'a'.repeat(i)));
    await futures[0]?.result();
    await inTime(other.shutdown());
    for (const [i, future] of futures.entries()) assert.equal((await future.result()).length, i);
  });

  test('test_max_workers_negative, and other wrong options', () => {
    for (const maxWorkers of [0, -1, -Infinity]) {
      for (const options of [{ maxWorkers }, maxWorkers]) {
        assert.throws(() => new ProcessPoolExecutor(options), {
          name: 'ValueError',
          message: 'maxWorkers must be greater than 0',
        });
      }
    }
    for (const wrong of [
      { maxWorkers: 1.5 },
      { maxWorkers: '2' },
      { maxTasksPerChild: 2.5 },
      { initializer: 1 },
      { initArgs: 1 },
      { context: 'spawn' },
      { workers: 2 },
    ]) {
      assert.throws(() => new ProcessPoolExecutor(wrong as object), TypeError, inspect(wrong));
    }
    assert.throws(() => new ProcessPoolExecutor({ maxTasksPerChild: 0 }), {
      name: 'ValueError',
      message: 'maxTasksPerChild must be >= 1',
    });
  });

  test('test_swallows_falsey_exceptions: they still reject', async () => {
    for (const [which, thrown] of [undefined, null, 0, ''].entries()) {
      const future = executor.submit(tasks.raiseFalsy, which);
      await assert.rejects(
        () => inTime(future.promise),
        error => error === thrown,
      );
      assert.equal(await future.exception(), thrown);
      assert.match(inspect(future), /finished raised/);
    }
  });

  test('what is no function, or none that a worker can run, is refused at once', () => {
    assert.throws(() => executor.submit('sqr' as never), TypeError);
    assert.throws(() => executor.submit(tasks.generator), /generator function 'generator' cannot be a task/);
  });

  test('a function that no module exports is the failure of its future (PicklingError)', async () => {
    const future = executor.submit(() => 1);
    assert.equal((await exception(future)).name, 'PicklingError');
  });

  test('an error that crosses a process keeps its class, also one of an executor', async () => {
    const error = await exception(executor.submit(own.failWithBrokenPool));
    assert.ok(error instanceof BrokenProcessPool);
    assert.equal(error.code, 'ERR_MANYCORE_BROKEN_PROCESS_POOL');
  });

  test('running() says when a worker has begun, and what has begun cannot be cancelled', async () => {
    using gate = scratchFile();
    using file = scratchFile();
    const single = new ProcessPoolExecutor({ maxWorkers: 1 });
    const held = single.submit(tasks.holdUntilLine, gate.path, file.path);
    const waiting = range(5).map(i => single.submit(tasks.note, file.path, i));
    await until(() => file.lines().length === 1, 'the start of the task');
    assert.equal(held.running(), true);
    assert.equal(inspect(held), '<Future state=running>');
    assert.equal(held.cancel(), false);
    assert.deepEqual(
      waiting.map(future => [future.running(), future.done()]),
      waiting.map(() => [false, false]),
    );
    // Also what has been sent ahead to the worker can be taken back.
    assert.equal(waiting[0]?.cancel(), true);
    assert.equal(waiting[3]?.cancel(), true);
    assert.equal(waiting[3].cancelled(), true);
    own.write(gate.path, 'go\n');
    await inTime(single.shutdown());
    assert.deepEqual(file.lines(), ['held', '1', '2', '4']);
    assert.equal((await failure(waiting[0].result())).name, 'CancelledError');
  });

  test('cancel is exact: what it says is cancelled never ran, and everything else did', async () => {
    using file = scratchFile();
    const other = new ProcessPoolExecutor({ maxWorkers: 2 });
    const futures = range(400).map(i => other.submit(tasks.note, file.path, i));
    const cancelled = new Set<number>();
    for (let i = 399; i >= 0; i--) {
      if (i % 3 === 0 && futures[i]?.cancel() === true) cancelled.add(i);
      if (i % 10 === 0) await new Promise(resolve => setImmediate(resolve));
    }
    await inTime(other.shutdown());
    const ran = file
      .lines()
      .map(Number)
      .sort((a, b) => a - b);
    assert.deepEqual(
      ran,
      range(400).filter(i => !cancelled.has(i)),
    );
    for (const [i, future] of futures.entries()) assert.equal(future.cancelled(), cancelled.has(i));
  });
});
