import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { JoinableQueue, Pipe, Process, Queue, SimpleQueue } from 'manycore';
import * as tasks from './fixtures/queueTasks.js';

const DEADLINE = 60_000;
const all = async <T>(queue: Queue<T>, count: number): Promise<T[]> => {
  const values: T[] = [];
  for (let i = 0; i < count; i++) values.push(await queue.get({ timeout: DEADLINE }));
  return values;
};
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

async function timed(call: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await call();
  return performance.now() - start;
}

describe('Queue, as in Python', { timeout: DEADLINE * 4 }, () => {
  test('test_put: six forms of put fill it; then Full, at once or after the timeout', async () => {
    const maxSize = 6;
    const queue = new Queue<number>(maxSize);
    const [ours, theirs] = Pipe();
    const p = new Process({ target: tasks.getWhenTold, args: [queue, theirs, maxSize] });
    p.daemon = true;
    p.start();
    assert.equal(await ours.recv(), 'here');
    assert.equal(queue.empty(), true);
    assert.equal(queue.full(), false);
    await queue.put(1);
    await queue.put(2, { block: true });
    await queue.put(3, { timeout: DEADLINE });
    await queue.put(4, { block: false });
    queue.putSync(5, { block: false });
    queue.putNowait(6);
    assert.equal(queue.empty(), false);
    assert.equal(queue.full(), true);
    assert.ok((await timed(() => assert.rejects(queue.put(7, { block: false }), { name: 'Full' }))) < 100);
    assert.ok(
      (await timed(() => assert.rejects(queue.put(7, { block: false, timeout: 5000 }), { name: 'Full' }))) < 100,
    );
    assert.ok((await timed(() => assert.rejects(queue.put(7, { timeout: -1 }), { name: 'Full' }))) < 100);
    assert.throws(() => queue.putNowait(7), { name: 'Full', code: 'ERR_MANYCORE_FULL' });
    assert.ok((await timed(() => assert.rejects(queue.put(7, { timeout: 100 }), { name: 'Full' }))) >= 99);
    assert.throws(() => queue.putSync(7, { timeout: 50 }), { name: 'Full' });
    await ours.send('go on');
    for (let i = 1; i <= maxSize; i++) assert.equal(await ours.recv(), i);
    await p.join();
    assert.equal(queue.empty(), true);
    assert.equal(queue.full(), false);
  });

  test('test_get: forms of get, across processes; then Empty, at once or after the timeout', async () => {
    const queue = new Queue<number>();
    const [ours, theirs] = Pipe();
    const p = new Process({ target: tasks.putWhenTold, args: [queue, theirs] });
    p.start();
    assert.equal(queue.empty(), true);
    await ours.send('go on');
    assert.equal(await ours.recv(), 'put');
    assert.equal(queue.empty(), false);
    assert.equal(await queue.get({ block: true }), 2);
    assert.equal(queue.getSync({ timeout: DEADLINE }), 3);
    assert.equal(await queue.get({ timeout: DEADLINE }), 4);
    assert.equal(queue.getNowait(), 5);
    assert.equal(queue.empty(), true);
    await assert.rejects(queue.get({ block: false }), { name: 'Empty', code: 'ERR_MANYCORE_EMPTY' });
    assert.throws(() => queue.getNowait(), { name: 'Empty' });
    assert.throws(() => queue.getSync({ timeout: 30 }), { name: 'Empty' });
    assert.ok((await timed(() => assert.rejects(queue.get({ timeout: 100 }), { name: 'Empty' }))) >= 99);
    assert.ok((await timed(() => assert.rejects(queue.get({ timeout: -5 }), { name: 'Empty' }))) < 100);
    await p.join();
  });

  test("test_fork: the parent's items, then the child's, though the child ends at once", async () => {
    const queue = new Queue<number>();
    for (let i = 0; i < 10; i++) void queue.put(i);
    const p = new Process({ target: tasks.putTenMore, args: [queue] });
    p.start();
    assert.deepEqual(await all(queue, 20), numbers(0, 20));
    await assert.rejects(queue.get({ block: false }), { name: 'Empty' });
    await p.join();
    assert.equal(p.exitCode, 0);
  });

  test('test_qsize: 0, 1, 2, 1, 0', async () => {
    const queue = new Queue<number>();
    const seen = [queue.qsize()];
    await queue.put(1);
    seen.push(queue.qsize());
    void queue.put(5);
    seen.push(queue.qsize());
    await queue.get();
    seen.push(queue.qsize());
    await queue.get();
    seen.push(queue.qsize());
    assert.deepEqual(seen, [0, 1, 2, 1, 0]);
  });

  test('test_task_done: join returns when four workers have done everything', async () => {
    const queue = new JoinableQueue<number | null>();
    assert.equal(await queue.join({ timeout: 0 }), true);
    const workers = numbers(0, 4).map(() => new Process({ target: tasks.work, args: [queue] }));
    for (const worker of workers) worker.start();
    for (let i = 0; i < 10; i++) await queue.put(i * 3);
    await queue.join();
    assert.equal(queue.qsize(), 0);
    for (let i = 0; i < workers.length; i++) await queue.put(null);
    await queue.join();
    for (const worker of workers) await worker.join();
    assert.throws(() => queue.taskDone(), { name: 'ValueError', message: 'task_done() called too many times' });
  });

  test('test_no_import_lock_contention: works while a module is being imported', async () => {
    const { got } = (await import('./fixtures/importsQueue.js')) as { got: string };
    assert.equal(got, 'put during the import');
  });

  test('test_timeout: a get with a timeout really waits', async () => {
    const queue = new Queue();
    const spent = await timed(() => assert.rejects(queue.get({ timeout: 200 }), { name: 'Empty' }));
    assert.ok(spent >= 199 && spent < 2000, `${spent} ms`);
  });

  test('test_queue_feeder_donot_stop_onexc: a value that cannot travel takes no place, the next one arrives', async () => {
    const queue = new Queue<unknown>(1);
    await assert.rejects(queue.put({ deep: { f: () => 1 } }), { name: 'PicklingError' });
    assert.equal(queue.qsize(), 0);
    assert.throws(() => queue.putNowait(() => 1), { name: 'PicklingError' });
    queue.putNowait(true);
    assert.equal(queue.qsize(), 1);
    assert.equal(await queue.get({ timeout: DEADLINE }), true);
    assert.equal(queue.qsize(), 0);
  });

  test('test_queue_feeder_on_queue_feeder_error: the error reaches who put, and says which object', async () => {
    const queue = new Queue<unknown>();
    await assert.rejects(queue.put({ unserialisable: { deep: () => 1 } }), {
      name: 'PicklingError',
      message: /unserialisable\.deep/,
    });
    await queue.put('later');
    assert.equal(await queue.get({ timeout: DEADLINE }), 'later');
    assert.equal(queue.qsize(), 0);
  });

  test('test_closed_queue_empty_exceptions: unused empty() is true, used it is an OSError', async () => {
    const unused = new Queue();
    unused.close();
    assert.equal(unused.empty(), true);
    const used = new Queue<string>();
    await used.put('foo');
    used.close();
    await used.joinThread();
    assert.throws(() => used.empty(), { name: 'OSError', code: 'EBADF', message: 'handle is closed' });
  });

  test('test_closed_queue_put_get_exceptions: ValueError "is closed"', async () => {
    for (const queue of [new Queue(), new JoinableQueue()]) {
      queue.close();
      queue.close();
      await assert.rejects(queue.put('foo'), { name: 'ValueError', message: /is closed$/ });
      await assert.rejects(queue.get(), { name: 'ValueError', message: /is closed$/ });
      assert.throws(() => queue.putNowait('foo'), { name: 'ValueError' });
      assert.throws(() => queue.getSync(), { name: 'ValueError' });
    }
    await assert.rejects(new Queue().joinThread(), { name: 'AssertionError', message: /not closed$/ });
  });
});

describe('SimpleQueue, as in Python', { timeout: DEADLINE * 2 }, () => {
  test('test_empty: before and after values of another process', async () => {
    const [to, from] = [new SimpleQueue<unknown>(), new SimpleQueue<unknown>()];
    const p = new Process({ target: tasks.simpleEcho, args: [to, from] });
    p.start();
    assert.equal(from.empty(), true);
    await to.put({ some: ['thing'] });
    await p.join();
    assert.equal(from.empty(), false);
    assert.deepEqual(from.getSync(), { some: ['thing'] });
    assert.equal(from.empty(), true);
  });

  test('test_close, test_closed, test_empty_exceptions: closing twice is fine, everything else an OSError', async () => {
    const queue = new SimpleQueue<number>();
    assert.equal(queue.closed, false);
    queue.close();
    queue.close();
    assert.equal(queue.closed, true);
    assert.throws(() => queue.empty(), { name: 'OSError', message: 'handle is closed' });
    await assert.rejects(queue.put(1), { name: 'OSError' });
    await assert.rejects(queue.get(), { name: 'OSError' });
  });

  test('a put waits for room, and is taken for put only then', async () => {
    const queue = new SimpleQueue<Uint8Array>();
    let done = 0;
    const puts = numbers(0, 20).map(i => queue.put(new Uint8Array(8000).fill(i)).then(() => done++));
    await sleep(300);
    assert.ok(done > 0 && done < 20, `${done} are in`);
    for (let i = 0; i < 20; i++) assert.equal((await queue.get())[0], i);
    await Promise.all(puts);
  });
});
