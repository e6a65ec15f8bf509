import assert from 'node:assert/strict';
import test from 'node:test';
import { inspect } from 'node:util';
import { startChild } from '../children.js';
import { internals } from '../internals.js';

const { BoundedSemaphore, Semaphore } = internals;
const fixture = new URL('./fixtures/sync.js', import.meta.url);
const timeout = 30_000;

test('test_semaphore: 2, 1, 0, a refused acquire, and up again beyond the start', async () => {
  const semaphore = new Semaphore(2);
  assert.equal(semaphore.getValue(), 2);
  assert.ok(await semaphore.acquire());
  assert.ok(semaphore.acquireSync());
  assert.equal(semaphore.getValue(), 0);
  assert.equal(semaphore.locked(), true);
  assert.equal(await semaphore.acquire({ block: false }), false);
  for (let value = 1; value <= 4; value++) {
    semaphore.release();
    assert.equal(semaphore.getValue(), value);
  }
});

test('test_bounded_semaphore: one release too many is a ValueError and changes nothing', async () => {
  const semaphore = new BoundedSemaphore(2);
  {
    using _held = await semaphore.acquire();
    assert.equal(semaphore.getValue(), 1);
  }
  assert.throws(() => semaphore.release(), { name: 'ValueError' });
  assert.throws(() => BoundedSemaphore.fromHandle(...semaphore.handle).release(), { name: 'ValueError' });
  assert.equal(semaphore.getValue(), 2);
});

test('test_timeout: five forms of acquire on 0 are false in time', async () => {
  const semaphore = new Semaphore(0);
  const forms = [{ block: false }, { block: false, timeout: 60_000 }, { timeout: 0 }, { timeout: -1 }, { timeout: 60 }];
  for (const options of forms) {
    for (const acquire of [() => semaphore.acquire(options), () => semaphore.acquireSync(options)]) {
      const start = performance.now();
      assert.equal(await acquire(), false);
      const took = performance.now() - start;
      assert.ok(took < 2000 && took >= ('timeout' in options && options.block === undefined ? options.timeout : 0));
    }
  }
});

test('a value that is no count is refused', () => {
  for (const value of [-1, 1.5, NaN, 2 ** 31]) assert.throws(() => new Semaphore(value), { name: 'ValueError' });
  assert.throws(() => new BoundedSemaphore(-1), { name: 'ValueError' });
  // @ts-expect-error a text is no number
  assert.throws(() => new Semaphore('2'), TypeError);
});

test('every release wakes somebody: none is lost among waiters of both forms', { timeout }, async () => {
  const semaphore = new Semaphore(0);
  const rounds = 400;
  const children = (['sync', 'async', 'sync'] as const).map(form =>
    startChild(fixture, 'takeFromSemaphore', semaphore.handle, form, rounds),
  );
  await Promise.all(children.map(child => child.hear()));
  for (let i = 0; i < rounds * children.length; i++) {
    semaphore.release();
    if (i % 7 === 0) await new Promise(resolve => setImmediate(resolve));
  }
  for (const child of children) assert.equal(await child.hear(), 'done');
  assert.equal(semaphore.getValue(), 0);
  await Promise.all(children.map(child => child.ended));
});

test('who gives up passes a wake-up on to the next', { timeout }, async () => {
  const semaphore = new Semaphore(0);
  const abort = new AbortController();
  const leaving = semaphore.acquire({ signal: abort.signal });
  const child = startChild(fixture, 'takeFromSemaphore', semaphore.handle, 'async', 1);
  await child.hear();
  semaphore.release();
  abort.abort(new Error('enough'));
  const left = await leaving.then(
    held => held,
    () => false,
  );
  if (left !== false) semaphore.release();
  assert.equal(await child.hear(), 'done');
  await child.ended;
});

test('the text shows the value', () => {
  assert.equal(inspect(new Semaphore(3)), '<Semaphore(value=3)>');
  assert.equal(inspect(new BoundedSemaphore(3)), '<BoundedSemaphore(value=3, maxValue=3)>');
});
