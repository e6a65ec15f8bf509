import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Pool, type MaybeEncodingError, type RemoteTraceback, type WorkerLostError } from 'manycore';
import * as tasks from './fixtures/tasks.js';
import { DEADLINE, failure, finish, inTime, range, scratchFile } from './support.js';

describe('what fails in a pool', { timeout: DEADLINE * 4 }, () => {
  const pool = new Pool(2);
  after(() => finish(pool));

  test('test_traceback: class, message, own fields, and the stack of the worker as the cause', async () => {
    for (const f of [tasks.raise, tasks.raiseLater]) {
      const error = await failure<tasks.CustomError>(pool.apply(f, [42]));
      assert.ok(error instanceof tasks.CustomError);
      assert.equal(error.message, 'raised 42');
      assert.deepEqual(error.detail, { n: 42 });
      const cause = error.cause as RemoteTraceback;
      assert.equal(cause.name, 'RemoteTraceback');
      assert.match(cause.tb, /raised 42/);
      assert.match(cause.tb, /tasks\.ts:\d+/);
    }
    assert.equal((await failure(pool.map(tasks.raise, [1]))).cause instanceof Error, true);
  });

  test('test_wrapped_exception: a plain error is a plain error', async () => {
    const error = await failure(pool.map(tasks.raiseForThirds, [3]));
    assert.equal(error.constructor, RangeError);
  });

  test('test_swallows_falsey_exceptions: what is thrown arrives, whatever it is', async () => {
    for (const [i, value] of [undefined, null, 0, ''].entries()) {
      const outcome = await pool.apply(tasks.raiseFalsy, [i]).then(
        () => assert.fail('it did not reject'),
        (error: unknown) => ({ error }),
      );
      assert.equal(outcome.error, value);
    }
  });

  test('test_map_no_failfast: a map waits for all its tasks although one has failed, large errors and all', async () => {
    const own = new Pool(3);
    using file = scratchFile();
    const started = performance.now();
    const error = await failure(
      own.starmap(
        tasks.noteAndFailFirst,
        range(6).map(i => [file.path, i] as [string, number]),
        { chunkSize: 1 },
      ),
    );
    assert.equal(error.message.length, 1024 * 1024);
    assert.equal(file.lines().length, 5);
    assert.ok(performance.now() - started > 100);
    await finish(own);
  });

  test('test_async_error_callback: the error goes to the callback and to get', async () => {
    const seen: unknown[] = [];
    const result = pool.applyAsync(tasks.raise, [1], { errorCallback: error => seen.push(error) });
    const error = await failure(result.get());
    assert.deepEqual(seen, [error]);
    assert.equal(await failure(result.get()), error);
  });

  test('test_unpickleable_result: 20 results that cannot be sent, each an error, and no worker is lost', async () => {
    const before = new Set(await pool.map(tasks.pidOf, range(50), { chunkSize: 1 }));
    for (let i = 0; i < 20; i++) {
      const error = await failure<MaybeEncodingError>(
        pool.apply<[], unknown>(i % 2 ? tasks.unsendable : tasks.promiseOfUnsendable),
      );
      assert.equal(error.name, 'MaybeEncodingError');
      assert.match(error.exc, /PicklingError/);
      assert.match(error.value, i % 2 ? /Function/ : /socket/);
    }
    const afterwards = await pool.map(tasks.pidOf, range(50), { chunkSize: 1 });
    assert.ok(afterwards.every(pid => before.has(pid) || before.size < 2));
  });

  test('a result whose `then` cannot be read is an error of its task, and no worker is lost', async () => {
    assert.equal((await failure(pool.apply(tasks.thenThatThrows))).name, 'MaybeEncodingError');
  });

  test("D2: an error that cannot be sent or rebuilt is that task's failure, and nobody else's", async () => {
    const hidden = await failure(pool.apply(tasks.raiseHiddenClass));
    assert.equal(hidden.message, 'nobody can rebuild me');
    assert.equal((await failure(pool.apply(tasks.raiseWithSocket))).name, 'MaybeEncodingError');
    const error = await failure(pool.apply(tasks.raiseUnrebuildable));
    assert.match(String(error), /cannot be rebuilt here/);
    assert.equal(await pool.apply(tasks.sqr, [3]), 9);
  });

  test('D5: a callback that throws makes its error the result, and the pool works on', async () => {
    const result = pool.applyAsync(tasks.sqr, [2], {
      callback: () => {
        throw new RangeError('in the callback');
      },
    });
    assert.equal((await failure(result.get())).message, 'in the callback');
    assert.equal(result.successful(), false);
    const failing = pool.applyAsync(tasks.raise, [2], {
      errorCallback: () => {
        throw new RangeError('in the error callback');
      },
    });
    assert.equal((await failure(failing.get())).message, 'in the error callback');
    assert.equal(await pool.apply(tasks.sqr, [4]), 16);
  });

  test('callbacks run before get resolves', async () => {
    const order: string[] = [];
    const result = pool.applyAsync(tasks.sqr, [2], { callback: () => order.push('callback') });
    await result.get().then(() => order.push('get'));
    assert.deepEqual(order, ['callback', 'get']);
  });

  test('D1: a task that exits rejects with WorkerLostError; the pool works on, and close and join end', async () => {
    const own = new Pool(2);
    for (const [code, expected] of [
      [0, 0],
      [7, 7],
    ] as const) {
      const error = await failure<WorkerLostError>(own.apply(tasks.exit, [code]));
      assert.equal(error.name, 'WorkerLostError');
      assert.equal(error.exitCode, expected);
      assert.equal(error.signal, null);
      assert.equal(error.task, `exit(${code})`);
      assert.ok(error.pid > 0 && error.pid !== process.pid);
    }
    const lost = own.applyAsync(tasks.exit, [1]);
    await finish(own);
    assert.equal((await failure(lost.get())).name, 'WorkerLostError');
  });

  test('a worker killed in a task rejects that task alone', async () => {
    const own = new Pool(2);
    const others = range(200).map(i => own.apply(tasks.sqr, [i]));
    const error = await failure<WorkerLostError>(own.apply(tasks.killSelf, ['SIGKILL']));
    assert.equal(error.exitCode, -9);
    assert.equal(error.signal, 'SIGKILL');
    assert.deepEqual(await inTime(Promise.all(others)), range(200).map(tasks.sqr));
    assert.equal(await own.apply(tasks.sqr, [3]), 9);
    await finish(own);
  });

  test('a chunk whose worker dies fails its map, after the other chunks are done', async () => {
    const own = new Pool(2);
    const error = await failure<WorkerLostError>(own.map(tasks.exit, [5, 5, 5], { chunkSize: 1 }));
    assert.equal(error.exitCode, 5);
    await finish(own);
  });

  test('generators, classes and closures are refused at the call', async () => {
    const generator = await failure(pool.map(tasks.generator as unknown as (x: number) => number, [1]));
    assert.equal(generator.name, 'TypeError');
    assert.match(generator.message, /generator/);
    assert.equal((await failure(pool.apply(x => x, [1]))).name, 'PicklingError');
    assert.throws(() => pool.mapAsync((x: number) => x, [1]), { name: 'PicklingError' });
    assert.throws(() => pool.imap((x: number) => x, [1]), { name: 'PicklingError' });
    assert.throws(() => pool.applyAsync(tasks.CustomError as unknown as () => void), { name: 'TypeError' });
    assert.throws(() => pool.applyAsync(7 as unknown as () => void), { name: 'TypeError' });
  });

  test('a pool is not to be sent anywhere', async () => {
    const error = await failure(pool.apply(tasks.identity, [pool]));
    assert.equal(error.name, 'PicklingError');
    assert.match(error.message, /pool objects cannot be passed between processes or pickled/);
  });
});
