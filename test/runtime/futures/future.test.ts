import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { Queue, TimeoutError } from 'manycore';
import { CancelledError, Future, TimeoutError as FuturesTimeoutError } from 'manycore/futures';
import { DEADLINE, failure } from '../pool/support.js';
import { futuresInAllStates, stderrOf } from './support.js';

/** Python's `FutureTests`. */
describe('Future', { timeout: DEADLINE }, () => {
  test('test_done_callback_with_result, test_done_callback_with_exception, test_done_callback_with_cancel', async () => {
    const seen: unknown[] = [];
    const f = new Future<number>();
    f.addDoneCallback(future => seen.push(future, future.result()));
    f.setResult(5);
    assert.equal(seen[0], f);
    assert.equal(await seen[1], 5);

    const g = new Future<number>();
    const told = new Promise(resolve => g.addDoneCallback(future => resolve(future.exception())));
    g.setException(new Error('test'));
    assert.equal(((await told) as Error).message, 'test');

    const h = new Future<number>();
    let wasCancelled: boolean | undefined;
    h.addDoneCallback(future => (wasCancelled = future.cancelled()));
    assert.equal(h.cancel(), true);
    assert.equal(wasCancelled, true);
  });

  test('test_done_callback_raises: it is printed, and the others are called, in their order', async () => {
    const called: number[] = [];
    const f = new Future<number>();
    f.addDoneCallback(() => {
      called.push(1);
      throw new Error('doh!');
    });
    f.addDoneCallback(() => called.push(2));
    const printed = await stderrOf(() => f.setResult(5));
    assert.deepEqual(called, [1, 2]);
    assert.match(printed, /^exception calling callback for <Future state=finished returned number>\nError: doh!\n/);
  });

  test('an async callback that rejects is printed, and is no unhandled rejection', async () => {
    const f = new Future<number>();
    f.addDoneCallback(async () => {
      await turn();
      throw new Error('doh, later!');
    });
    const printed = await stderrOf(async () => {
      f.setResult(5);
      // One for the callback, and one for what it throws.
      await turn();
      await turn();
    });
    assert.match(printed, /Error: doh, later!/);
  });

  test('test_done_callback_already_successful, test_done_callback_already_failed, test_done_callback_already_cancelled', async () => {
    const { successful, failed, cancelled } = futuresInAllStates();
    for (const future of [successful, failed, cancelled]) {
      let got: unknown;
      future.addDoneCallback(each => (got = each));
      assert.equal(got, future);
    }
    assert.equal(await successful.result(), 42);
  });

  test('test_done_callback_raises_already_succeeded: printed, not thrown', async () => {
    const printed = await stderrOf(() =>
      futuresInAllStates().successful.addDoneCallback(() => {
        throw new Error('doh!');
      }),
    );
    assert.match(printed, /exception calling callback for[^]*doh!/);
  });

  test('test_repr: the state, and what came of it', () => {
    const { pending, running, cancelled, noticed, failed, successful } = futuresInAllStates();
    assert.equal(inspect(pending), '<Future state=pending>');
    assert.equal(inspect(running), '<Future state=running>');
    assert.equal(inspect(cancelled), '<Future state=cancelled>');
    assert.equal(inspect(noticed), '<Future state=cancelled>');
    assert.equal(inspect(failed), '<Future state=finished raised TypeError>');
    assert.equal(inspect(successful), '<Future state=finished returned number>');
    for (const [value, name] of [
      [null, 'null'],
      [undefined, 'undefined'],
      [new Map(), 'Map'],
      [[], 'Array'],
      [Object.create(null), 'object'],
      [() => 1, 'Function'],
    ] as const) {
      const f = new Future<unknown>();
      f.setResult(value);
      assert.equal(inspect(f), `<Future state=finished returned ${name}>`);
    }
  });

  test('test_cancel: only what is pending; what was cancelled stays so', () => {
    const { pending, running, cancelled, noticed, failed, successful } = futuresInAllStates();
    assert.equal(pending.cancel(), true);
    assert.equal(inspect(pending), '<Future state=cancelled>');
    assert.equal(running.cancel(), false);
    assert.equal(running.running(), true);
    assert.equal(cancelled.cancel(), true);
    assert.equal(noticed.cancel(), true);
    assert.equal(failed.cancel(), false);
    assert.equal(successful.cancel(), false);
  });

  test('test_cancelled, test_done, test_running', () => {
    const futures = Object.entries(futuresInAllStates());
    const those = (is: (future: Future<number>) => boolean): string[] =>
      futures.filter(([, future]) => is(future)).map(([name]) => name);
    assert.deepEqual(
      those(future => future.cancelled()),
      ['cancelled', 'noticed'],
    );
    assert.deepEqual(
      those(future => future.done()),
      ['cancelled', 'noticed', 'failed', 'successful'],
    );
    assert.deepEqual(
      those(future => future.running()),
      ['running'],
    );
  });

  for (const timeout of [0, -1, 10]) {
    test(`test_result_with_timeout, test_exception_with_timeout (${timeout} ms)`, async () => {
      const { pending, running, cancelled, noticed, failed, successful } = futuresInAllStates();
      for (const future of [pending, running]) {
        assert.ok((await failure(future.result({ timeout }))) instanceof TimeoutError);
        assert.ok((await failure(future.exception({ timeout }))) instanceof FuturesTimeoutError);
      }
      for (const future of [cancelled, noticed]) {
        assert.ok((await failure(future.result({ timeout }))) instanceof CancelledError);
        assert.ok((await failure(future.exception({ timeout }))) instanceof CancelledError);
      }
      assert.ok((await failure(failed.result({ timeout }))) instanceof TypeError);
      assert.ok((await failed.exception({ timeout })) instanceof TypeError);
      assert.equal(await successful.result({ timeout }), 42);
      assert.equal(await successful.exception({ timeout }), null);
    });
  }

  test('test_result_with_success: who waits gets what is set later', async () => {
    const f = new Future<number>();
    const waiting = f.result({ timeout: DEADLINE });
    f.setResult(42);
    assert.equal(await waiting, 42);
  });

  test('test_result_with_cancel: who waits hears of it', async () => {
    const f = new Future<number>();
    const waiting = failure(f.result({ timeout: DEADLINE }));
    f.cancel();
    assert.equal((await waiting).name, 'CancelledError');
    assert.equal((await failure(f.result())) === (await waiting), false, 'an error of its own');
  });

  test('test_exception_with_success', async () => {
    const f = new Future<number>();
    const waiting = f.exception({ timeout: DEADLINE });
    const error = new RangeError('x');
    f.setException(error);
    assert.equal(await waiting, error);
  });

  test('test_multiple_set_result, test_multiple_set_exception', async () => {
    const f = new Future<number>();
    f.setResult(1);
    assert.throws(() => f.setResult(2), {
      name: 'InvalidStateError',
      code: 'ERR_MANYCORE_INVALID_STATE',
      message: 'finished: <Future state=finished returned number>',
    });
    assert.equal(await f.result(), 1);
    const g = new Future<number>();
    const error = new RangeError('x');
    g.setException(error);
    assert.throws(() => g.setException(new Error('other')), { name: 'InvalidStateError' });
    assert.equal(await g.exception(), error);
  });

  test('setRunningOrNotifyCancel: once, before the end; a cancelled future is told apart', () => {
    const { pending, running, cancelled, noticed, successful } = futuresInAllStates();
    assert.equal(pending.setRunningOrNotifyCancel(), true);
    assert.equal(cancelled.setRunningOrNotifyCancel(), false);
    for (const future of [running, noticed, successful]) {
      assert.throws(() => future.setRunningOrNotifyCancel(), { name: 'InvalidStateError' });
    }
    assert.throws(() => cancelled.setResult(1), { name: 'InvalidStateError' });
  });

  test('promise: always the same one, and an unhandled rejection only for who has looked at it', async () => {
    const { failed, successful } = futuresInAllStates();
    assert.equal(successful.promise, successful.promise);
    assert.equal(await successful.promise, 42);
    await assert.rejects(failed.promise, TypeError);
    assert.equal('then' in successful, false);
  });

  test('a signal ends a wait, not the future', async () => {
    const f = new Future<number>();
    const controller = new AbortController();
    const waiting = failure(f.result({ signal: controller.signal }));
    controller.abort(new Error('enough'));
    assert.equal((await waiting).message, 'enough');
    f.setResult(1);
    assert.equal(await f.result({ signal: controller.signal }), 1);
  });

  test('wrong options are refused by name, and a future cannot be sent', async () => {
    const f = new Future<number>();
    assert.match((await failure(f.result({ timeOut: 1 } as object))).message, /Did you mean 'timeout'\?/);
    assert.equal((await failure(f.result({ timeout: '1' as unknown as number }))).name, 'TypeError');
    assert.throws(() => f.addDoneCallback(1 as never), TypeError);
    const queue = new Queue<unknown>();
    assert.match((await failure(queue.put(f))).message, /a Future belongs to the process that made it/);
    queue.close();
  });
});
