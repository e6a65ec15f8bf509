import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import v8 from 'node:v8';
import vm from 'node:vm';
import { BrokenProcessPool, ProcessPoolExecutor, type MapOptions } from 'manycore/futures';
import * as hostile from '../pool/fixtures/hostile.js';
import * as tasks from '../pool/fixtures/tasks.js';
import { DEADLINE, failure, inTime, range, scratchFile } from '../pool/support.js';
import { until } from '../process/support.js';
import * as own from './fixtures/tasks.js';
import { all, count } from './support.js';

v8.setFlagsFromString('--expose-gc');
const gc = vm.runInNewContext('gc') as () => void;

const squares = (n: number): number[] => range(n).map(tasks.sqr);

async function* later<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) {
    await new Promise(resolve => setImmediate(resolve));
    yield item;
  }
}

async function isCollected(ref: WeakRef<object> | undefined): Promise<boolean> {
  for (let i = 0; i < 100 && ref?.deref() !== undefined; i++) {
    await new Promise(resolve => setImmediate(resolve));
    gc();
  }
  return ref?.deref() === undefined;
}

/** The maps of Python's `ExecutorTest` and `ProcessPoolExecutorTest`. */
describe("an executor's map", { timeout: DEADLINE * 4 }, () => {
  const executor = new ProcessPoolExecutor({ maxWorkers: 3 });
  after(() => inTime(executor.shutdown()));

  test('test_map: in order, from one input and from several, with chunks', async () => {
    assert.deepEqual(await all(executor.map(tasks.sqr, range(10))), squares(10));
    assert.deepEqual(await all(executor.map(tasks.add, range(10), [5, 4, 3])), [5, 5, 5]);
    assert.deepEqual(await all(executor.map(tasks.sum, [1, 2], [10, 20], [100, 200], [1000, 2000])), [1111, 2222]);
    assert.deepEqual(await all(executor.map(tasks.add, [1, 2, 3], [1, 2, 3], { chunkSize: 2 })), [2, 4, 6]);
    assert.deepEqual(await all(executor.map(tasks.sqr, new Set([3, 4]), { chunkSize: 3 })), [9, 16]);
    assert.deepEqual(await all(executor.map(tasks.sqr, [])), []);
  });

  test('an item that is an array stays one: inputs are never taken apart', async () => {
    const pairs: [number, number][] = [
      [1, 2],
      [3, 4],
    ];
    assert.deepEqual(await all(executor.map(tasks.identity<[number, number]>, pairs)), pairs);
  });

  test('inputs may come later, some or all of them', async () => {
    assert.deepEqual(await all(executor.map(tasks.sqr, later(range(100)))), squares(100));
    assert.deepEqual(await all(executor.map(tasks.add, later([1, 2, 3]), range(10))), [1, 3, 5]);
  });

  for (const options of [{}, { chunkSize: 2 }, { chunkSize: 4, bufferSize: 4 }]) {
    test(`test_map_exception: the iteration goes on after a failure (${JSON.stringify(options)})`, async () => {
      const results = executor.map(tasks.raiseForThirds, [1, 2, 3, 4, 6, 7], options);
      const got: unknown[] = [];
      for (let i = 0; i < 6; i++) {
        got.push(
          await results.next().then(
            step => step.value,
            (error: unknown) => (error as Error).message,
          ),
        );
      }
      assert.deepEqual(got, [1, 2, 'no thirds: 3', 4, 'no thirds: 6', 7]);
      for (let i = 0; i < 3; i++) assert.deepEqual(await results.next(), { done: true, value: undefined });
    });
  }

  test('an input that cannot be sent is the failure of its call alone', async () => {
    const results = executor.map(tasks.identity<unknown>, [1, () => 1, 3]);
    assert.equal((await results.next()).value, 1);
    assert.equal((await failure(results.next())).name, 'PicklingError');
    assert.equal((await results.next()).value, 3);
    assert.equal((await results.next()).done, true);
  });

  test('test_map_timeout_from_callable: a TimeoutError of the function is not the one of the map', async () => {
    const results = executor.map(hostile.timeOut as (x: number) => never, [1, 2], { timeout: DEADLINE });
    assert.match((await failure(results.next())).message, /the server did not answer/);
    assert.match((await failure(results.next())).message, /the server did not answer/);
    assert.equal((await results.next()).done, true);
  });

  test('test_map_timeout: what is not started is cancelled, and the iteration is over', async () => {
    using gate = scratchFile();
    using file = scratchFile();
    const single = new ProcessPoolExecutor({ maxWorkers: 1 });
    const running = single.submit(tasks.holdUntilLine, gate.path, file.path);
    await until(() => file.lines().length === 1, 'the worker at work');
    const paths = range(5).map(() => file.path);
    const results = single.map(tasks.note, paths, range(5), { timeout: 50 });
    assert.equal((await failure(results.next())).name, 'TimeoutError');
    assert.equal((await results.next()).done, true);
    own.write(gate.path, 'go\n');
    await inTime(single.shutdown());
    assert.deepEqual(file.lines(), ['held'], 'none was started, and what ran was left alone');
    assert.equal(await running.exception(), null);
  });

  test('time counts from the call of map: a result that is there in time is given', async () => {
    const results = executor.map(tasks.sqr, range(3), { timeout: DEADLINE });
    assert.deepEqual(await all(results), squares(3));
    const other = new ProcessPoolExecutor({ maxWorkers: 1 });
    const none = other.map(tasks.sleepFor, [600_000], { timeout: 0 });
    assert.equal((await failure(none.next())).name, 'TimeoutError');
    other.killWorkers();
    await inTime(other.shutdown());
  });

  test('test_map_close: leaving the loop closes the inputs, and takes back what no worker has started', async () => {
    let closed = 0;
    function* input(): Generator<number> {
      try {
        yield* count();
      } finally {
        closed++;
      }
    }
    const results = executor.map(tasks.add, input(), input());
    for await (const x of results) {
      assert.equal(x, 0);
      break;
    }
    assert.equal(closed, 2);
    assert.equal((await results.next()).done, true);
    assert.equal(await executor.submit(tasks.sqr, 2).result(), 4, 'no worker was harmed');
  });

  test('the shortest input ends the map, and the others are closed', async () => {
    let closed = false;
    async function* input(): AsyncGenerator<number> {
      try {
        for (const i of count()) yield await Promise.resolve(i);
      } finally {
        closed = true;
      }
    }
    assert.deepEqual(await all(executor.map(tasks.add, input(), [1, 1])), [1, 2]);
    assert.equal(closed, true);
  });

  test('an error of an input comes after the results before it, and is not wrapped', async () => {
    function* input(): Generator<number> {
      yield 1;
      yield 2;
      throw new RangeError('no more');
    }
    const results = executor.map(tasks.sqr, input());
    assert.deepEqual([(await results.next()).value, (await results.next()).value], [1, 4]);
    const error = await failure(results.next());
    assert.deepEqual([error.name, error.message, error.cause], ['RangeError', 'no more', undefined]);
    assert.equal((await results.next()).done, true);
  });

  test('test_map_buffersize_type_validation, test_map_buffersize_value_validation', () => {
    for (const bufferSize of ['foo', 2.5]) {
      assert.throws(() => executor.map(tasks.sqr, range(4), { bufferSize } as unknown as MapOptions), {
        name: 'TypeError',
        message: 'bufferSize must be an integer or undefined',
      });
    }
    for (const bufferSize of [0, -1]) {
      assert.throws(() => executor.map(tasks.sqr, range(4), { bufferSize }), {
        name: 'ValueError',
        message: 'bufferSize must be 1 or more',
      });
    }
  });

  test('test_map_buffersize, test_map_buffersize_on_empty_iterable, test_map_buffersize_without_iterable', async () => {
    for (const bufferSize of [1, 2, 4, 8]) {
      assert.deepEqual(await all(executor.map(tasks.sqr, range(4), { bufferSize })), squares(4));
      assert.deepEqual(await all(executor.map(tasks.sqr, [], { bufferSize })), []);
      assert.deepEqual(await all(executor.map(tasks.pid, { bufferSize })), []);
    }
  });

  test('test_map_buffersize_on_multiple_iterables', async () => {
    for (const bufferSize of [1, 2, 4, 8]) {
      assert.deepEqual(await all(executor.map(tasks.add, range(4), range(4), { bufferSize })), [0, 2, 4, 6]);
    }
  });

  test('test_map_buffersize_on_infinite_iterable, test_map_buffersize_on_multiple_infinite_iterables', async () => {
    const one = executor.map(tasks.sqr, count(), { bufferSize: 2 });
    for (const i of range(4)) assert.equal((await one.next()).value, i * i);
    await one.return();
    const two = executor.map(tasks.add, count(), count(), { bufferSize: 2 });
    for (const i of range(4)) assert.equal((await two.next()).value, 2 * i);
    await two.return();
  });

  test('test_map_buffersize_when_buffer_is_full: no more inputs are taken than asked for', async () => {
    for (const bufferSize of [1, 4, 7]) {
      const ints = count();
      const results = executor.map(tasks.sqr, ints, { bufferSize });
      await results.next();
      await executor.submit(tasks.sqr, 1).result();
      assert.equal(ints.next().value, bufferSize + 1);
      await results.return();
    }
  });

  test('an endless input is taken a bounded number ahead by default, a collection at once', async () => {
    let taken = 0;
    const results = executor.map(
      tasks.sqr,
      (function* () {
        for (;;) yield taken++;
      })(),
    );
    assert.ok(taken > 0 && taken <= 32, String(taken));
    await results.return();
    using file = scratchFile();
    executor.map(
      tasks.note,
      range(100).map(() => file.path),
      range(100),
    );
    await until(() => file.lines().length === 100, 'all of them, without a reader');
  });

  test('test_map_chunksize: 6, 50 and 40 for 40 inputs; -1 is refused', async () => {
    for (const chunkSize of [6, 50, 40]) {
      assert.deepEqual(await all(executor.map(tasks.sqr, range(40), { chunkSize })), squares(40));
    }
    assert.throws(() => executor.map(tasks.sqr, range(40), { chunkSize: -1 }), { name: 'ValueError' });
  });

  test('what cannot be an input, an option or a function is refused at the call', () => {
    assert.throws(() => executor.map(tasks.sqr, 5 as never), /number is not iterable/);
    assert.throws(() => executor.map(tasks.sqr, null as never), /null is not iterable/);
    assert.throws(() => executor.map(tasks.sqr, [1], { chunksize: 5 } as MapOptions), /Did you mean 'chunkSize'/);
    assert.throws(() => executor.map(tasks.sqr, [1], { timeout: 'x' as never }), TypeError);
    assert.throws(() => executor.map((x: number) => x, [1]), { name: 'PicklingError' });
    assert.throws(() => executor.map('f' as never, [1]), TypeError);
  });

  test('a signal ends the iteration with its reason', async () => {
    const controller = new AbortController();
    const results = executor.map(tasks.sleepFor, [0, ...range(20).map(() => 50)], { signal: controller.signal });
    assert.equal((await results.next()).value, 0);
    const next = failure(results.next());
    controller.abort(new Error('enough'));
    assert.equal((await next).message, 'enough');
    assert.equal((await results.next()).done, true);
    assert.throws(() => executor.map(tasks.sqr, [1], { signal: controller.signal }), /enough/);
  });

  test('test_no_stale_references: an argument is collectable after its call', async () => {
    let big: object | undefined = { big: 'x'.repeat(1000) };
    const ref = new WeakRef(big);
    const future = executor.submit(tasks.identity<object>, big);
    const results = executor.map(tasks.identity<object>, [big]);
    big = undefined;
    await future.result();
    await results.next();
    assert.equal(await isCollected(ref), true);
  });

  test('test_free_reference: the iterator keeps no result that it has given away', async () => {
    const results = executor.map(
      tasks.identity<object>,
      range(4).map(x => ({ x })),
    );
    for (const i of range(4)) {
      const ref = await results.next().then(step => {
        assert.deepEqual(step.value, { x: i });
        return new WeakRef(step.value ?? {});
      });
      assert.equal(await isCollected(ref), true, `result ${i}`);
    }
  });

  test('a broken executor: what is there is given, the rest and what was to come fail', async () => {
    const other = new ProcessPoolExecutor({ maxWorkers: 1 });
    const results = other.map(tasks.exit, [7, 0, 0]);
    for (let i = 0; i < 3; i++) assert.ok((await failure(results.next())) instanceof BrokenProcessPool);
    assert.equal((await results.next()).done, true);

    const third = new ProcessPoolExecutor({ maxWorkers: 1 });
    const endless = third.map(tasks.sqr, count(), { bufferSize: 1 });
    assert.equal((await endless.next()).value, 0);
    void third.submit(tasks.exit, 1);
    let error: unknown;
    while (error === undefined) await endless.next().catch((thrown: unknown) => (error = thrown));
    assert.ok(error instanceof BrokenProcessPool);
    await inTime(Promise.all([other.shutdown(), third.shutdown()]));
  });
});
