import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import vm from 'node:vm';
import v8 from 'node:v8';
import { asCompleted, Future, wait, FIRST_COMPLETED, FIRST_EXCEPTION, ALL_COMPLETED } from 'manycore/futures';
import { DEADLINE, failure, range } from '../pool/support.js';
import { all, futuresInAllStates } from './support.js';

v8.setFlagsFromString('--expose-gc');
const gc = vm.runInNewContext('gc') as () => void;

const future = (): Future<number> => new Future<number>();

/** Python's `WaitTests`. */
describe('wait', { timeout: DEADLINE }, () => {
  test('test_20369: duplicates count once', async () => {
    const f = future();
    f.setResult(1);
    const { done, notDone } = await wait([f, f], { returnWhen: ALL_COMPLETED });
    assert.deepEqual([[...done], notDone.size], [[f], 0]);
  });

  test('test_first_completed: the first that ends; one that was cancelled and not noticed has not ended', async () => {
    const { cancelled } = futuresInAllStates();
    const [f, g] = [future(), future()];
    const waiting = wait([cancelled, f, g], { returnWhen: FIRST_COMPLETED });
    f.setResult(1);
    const { done, notDone } = await waiting;
    assert.deepEqual([done, notDone], [new Set([f]), new Set([cancelled, g])]);
    cancelled.setRunningOrNotifyCancel();
    assert.deepEqual((await wait([cancelled, g], { returnWhen: FIRST_COMPLETED })).done, new Set([cancelled]));
  });

  test('test_first_completed_some_already_completed: at once', async () => {
    const { noticed, successful } = futuresInAllStates();
    const f = future();
    const { done, notDone } = await wait([noticed, successful, f], { returnWhen: FIRST_COMPLETED });
    assert.deepEqual([done, notDone], [new Set([noticed, successful]), new Set([f])]);
  });

  test('test_first_exception: the first failure; later ones are pending', async () => {
    const [f, g, h] = [future(), future(), future()];
    const waiting = wait([f, g, h], { returnWhen: FIRST_EXCEPTION });
    f.setResult(1);
    g.setException(new Error('x'));
    const { done, notDone } = await waiting;
    assert.deepEqual([done, notDone], [new Set([f, g]), new Set([h])]);
  });

  test('test_first_exception_some_already_complete: being cancelled is no failure', async () => {
    const { successful, cancelled, noticed } = futuresInAllStates();
    const [f, g] = [future(), future()];
    const waiting = wait([successful, cancelled, noticed, f, g], { returnWhen: FIRST_EXCEPTION });
    f.setException(new Error('x'));
    const { done, notDone } = await waiting;
    assert.deepEqual([done, notDone], [new Set([successful, noticed, f]), new Set([cancelled, g])]);
  });

  test('test_first_exception_one_already_failed: at once', async () => {
    const { failed } = futuresInAllStates();
    const f = future();
    const { done, notDone } = await wait([failed, f], { returnWhen: FIRST_EXCEPTION });
    assert.deepEqual([done, notDone], [new Set([failed]), new Set([f])]);
  });

  test('FIRST_EXCEPTION when others have ended after the one that failed: at once', async () => {
    const { failed, successful } = futuresInAllStates();
    const failedToo = futuresInAllStates().failed;
    const pending = future();
    const all = [failed, successful, failedToo, pending];
    const { done, notDone } = await wait(all, { returnWhen: FIRST_EXCEPTION });
    assert.deepEqual(done, new Set([failed, successful, failedToo]));
    assert.deepEqual(notDone, new Set([pending]));
  });

  test('FIRST_EXCEPTION without a failure waits for all', async () => {
    const [f, g] = [future(), future()];
    const waiting = wait([f, g], { returnWhen: FIRST_EXCEPTION });
    f.setResult(1);
    g.cancel();
    g.setRunningOrNotifyCancel();
    assert.equal((await waiting).done.size, 2);
  });

  test('test_all_completed: also those that failed', async () => {
    const { noticed, failed, successful } = futuresInAllStates();
    const f = future();
    const waiting = wait(new Set([noticed, failed, successful, f]));
    f.setResult(1);
    const { done, notDone } = await waiting;
    assert.deepEqual([done.size, notDone.size], [4, 0]);
  });

  test('test_timeout: what has ended by then, and what has not', async () => {
    const { noticed, failed, successful, pending } = futuresInAllStates();
    for (const timeout of [50, 0, -1]) {
      const { done, notDone } = await wait([noticed, failed, successful, pending], { timeout });
      assert.deepEqual([done, notDone], [new Set([noticed, failed, successful]), new Set([pending])]);
    }
  });

  test('no futures are done at once; a wrong condition and what is no future are refused; a signal ends it', async () => {
    for (const returnWhen of [FIRST_COMPLETED, FIRST_EXCEPTION, ALL_COMPLETED] as const) {
      const { done, notDone } = await wait([], { returnWhen });
      assert.deepEqual([done.size, notDone.size], [0, 0]);
    }
    const error = await failure(wait([future()], { returnWhen: 'ANY' as never }));
    assert.deepEqual([error.name, error.message], ['ValueError', 'Invalid return condition: ANY']);
    assert.equal((await failure(wait([Promise.resolve()] as never))).name, 'TypeError');
    const signal = AbortSignal.abort(new Error('enough'));
    assert.equal((await failure(wait([future()], { signal }))).message, 'enough');
  });

  test('a hundred thousand futures that end one by one', async () => {
    const many = range(100_000).map(future);
    const waiting = wait(many);
    for (const each of many) each.setResult(1);
    assert.equal((await waiting).done.size, many.length);
    assert.deepEqual(await all(asCompleted(many)), many);
  });
});

/** Python's `AsCompletedTests`. */
describe('asCompleted', { timeout: DEADLINE }, () => {
  test('test_no_timeout: all, failed and cancelled ones too, in the order of their ends', async () => {
    const { noticed, failed, successful } = futuresInAllStates();
    const [f, g] = [future(), future()];
    const got = all(asCompleted([f, noticed, failed, g, successful]));
    g.setResult(2);
    f.setException(new Error('x'));
    assert.deepEqual(await got, [noticed, failed, successful, g, f]);
  });

  for (const timeout of [0, 100]) {
    test(`test_future_times_out (${timeout} ms): what has ended, then TimeoutError`, async () => {
      const { noticed, failed, successful, pending } = futuresInAllStates();
      const got = new Set<Future>();
      const error = await failure(
        (async () => {
          for await (const each of asCompleted([noticed, failed, successful, pending], { timeout })) got.add(each);
        })(),
      );
      assert.equal(error.name, 'TimeoutError');
      assert.deepEqual(got, new Set([noticed, failed, successful]));
    });
  }

  test('test_duplicate_futures: once', async () => {
    const f = future();
    const got = all(asCompleted([f, f]));
    f.setResult(1);
    assert.deepEqual(await got, [f]);
  });

  test('test_free_reference_yielded_future: the iterator holds none that it has given away', async () => {
    const made = (): { futures: Future<object>[]; refs: WeakRef<Future>[] } => {
      const futures = range(4).map(() => new Future<object>());
      futures.forEach(each => each.setResult({}));
      return { futures, refs: futures.map(each => new WeakRef(each)) };
    };
    let { futures, refs } = made();
    const iterator = asCompleted(futures);
    futures = [];
    for (let given = 0; given < 4; given++) {
      // Not in a variable of this function.
      await iterator.next().then(step => assert.equal(step.value instanceof Future, true));
      for (let i = 0; i < 50 && refs[given]?.deref() !== undefined; i++) {
        await new Promise(resolve => setImmediate(resolve));
        gc();
      }
      assert.equal(refs[given]?.deref(), undefined, `future ${given}`);
    }
    assert.equal((await iterator.next()).done, true);
    refs = [];
  });

  test('test_correct_timeout_exception_msg: 2 (of 4) futures unfinished', async () => {
    const { noticed, pending, running, successful } = futuresInAllStates();
    const error = await failure(all(asCompleted([noticed, pending, running, successful], { timeout: 0 })));
    assert.deepEqual([error.name, error.message], ['TimeoutError', '2 (of 4) futures unfinished']);
  });

  test('after its TimeoutError, and after a loop that was left, the iteration is over', async () => {
    const f = future();
    const iterator = asCompleted([f], { timeout: 0 });
    await failure(iterator.next());
    f.setResult(1);
    assert.equal((await iterator.next()).done, true);
    const other = asCompleted([f, future()]);
    for await (const each of other) {
      assert.equal(each, f);
      break;
    }
    assert.equal((await other.next()).done, true);
  });

  test('time counts from the call, not from the first next', async () => {
    const iterator = asCompleted([future()], { timeout: 30 });
    await sleep(60);
    const late = turn().then(() => 'a turn of the event loop later');
    assert.equal(await Promise.race([failure(iterator.next()).then(({ name }) => name), late]), 'TimeoutError');
  });

  test('several readers at once get one each', async () => {
    const [f, g] = [future(), future()];
    const iterator = asCompleted([f, g]);
    const steps = Promise.all([iterator.next(), iterator.next(), iterator.next()]);
    f.setResult(1);
    g.setResult(2);
    assert.deepEqual(
      (await steps).map(step => step.value),
      [f, g, undefined],
    );
  });
});
