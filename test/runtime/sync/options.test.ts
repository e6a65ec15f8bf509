import assert from 'node:assert/strict';
import test from 'node:test';
import { internals } from '../internals.js';

const { Barrier, Condition, Event, Lock, RLock, Semaphore } = internals;
/** As somebody may call who thinks of Python's positional `acquire(False)` and `acquire(True, 0.1)`. */
const positional = (value: unknown): never => value as never;

test('positional arguments are refused, free or held, instead of waiting for ever', async () => {
  for (const lock of [new Lock(), new RLock(), new Semaphore()]) {
    for (const wrong of [false, true, 100]) {
      await assert.rejects(lock.acquire(positional(wrong)), { name: 'TypeError', message: /\{ timeout: 100 \}/ });
      assert.throws(() => lock.acquireSync(positional(wrong)), { name: 'TypeError' });
    }
    assert.ok(await lock.acquire());
    await assert.rejects(lock.acquire(positional(false)), { name: 'TypeError' });
    lock.release();
  }
  const condition = new Condition();
  await condition.acquire();
  await assert.rejects(condition.wait(positional(0)), { name: 'TypeError' });
  condition.release();
  await assert.rejects(new Event().wait(positional(0)), { name: 'TypeError' });
  await assert.rejects(new Barrier(1).wait(positional(0)), { name: 'TypeError' });
});

test('a misspelt timeout is refused where the wait would last for ever', async () => {
  const message = "a wait has no option 'timeOut'. Did you mean 'timeout'?";
  const misspelt = positional({ timeOut: 10 });
  await assert.rejects(new Event().wait(misspelt), { name: 'TypeError', message });
  assert.throws(() => new Event().waitSync(misspelt), { message });
  const lock = new Lock();
  assert.ok(lock.acquireSync());
  await assert.rejects(lock.acquire(misspelt), { message });
  assert.throws(() => lock.acquireSync(misspelt), { message });
});

test('what a barrier or a condition is made with is what it knows', () => {
  assert.throws(
    () =>
      new Barrier(
        2,
        positional(() => 1),
      ),
    /^TypeError: the options of Barrier must be an object, not function/,
  );
  assert.throws(() => new Barrier(2, positional({ Action: 1 })), /Did you mean 'action'\?/);
  assert.throws(
    () => new Condition(positional(new Event())),
    /^TypeError: a condition waits with a Lock or an RLock, not with/,
  );
  assert.throws(() => new Condition(positional({})), { name: 'TypeError' });
});

test('release adds one: a number of them is a TypeError, as in Python', () => {
  const semaphore = new Semaphore(1);
  assert.throws(() => semaphore.release(positional(2)), { name: 'TypeError' });
  assert.equal(semaphore.getValue(), 1);
});
