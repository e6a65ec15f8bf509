import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { JoinableQueue, Pipe, Process, Queue, SimpleQueue } from 'manycore';
import { readPrograms } from 'manycore/inspect';
import * as tasks from './fixtures/queueTasks.js';
import { startPuttingLateOnes } from './fixtures/starter.js';

const DEADLINE = 60_000;
const all = async <T>(queue: Queue<T>, count: number): Promise<T[]> => {
  const values: T[] = [];
  for (let i = 0; i < count; i++) values.push(await queue.get({ timeout: DEADLINE }));
  return values;
};
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe('what Python does not do', { timeout: DEADLINE * 4 }, () => {
  test('D9: put of a value that cannot travel rejects and names the property', async () => {
    await assert.rejects(new Queue().put({ config: { log: () => 1 } }), {
      name: 'PicklingError',
      message: /config\.log/,
    });
  });

  test('D10: what is changed after put does not show', async () => {
    const queue = new Queue<{ a: number }>();
    const value = { a: 1 };
    void queue.put(value);
    value.a = 2;
    assert.deepEqual(await queue.get(), { a: 1 });
    const waiting = new Queue<{ a: number }>(1);
    const puts = [waiting.put(value), waiting.put(value)];
    value.a = 3;
    assert.deepEqual(await all(waiting, 2), [{ a: 2 }, { a: 2 }]);
    await Promise.all(puts);
  });

  test('a queue travels through a queue', async () => {
    const [outer, inner] = [new Queue<Queue<string>>(), new Queue<string>()];
    const p = new Process({ target: tasks.answerOn, args: [outer] });
    p.start();
    await outer.put(inner);
    assert.match(await inner.get({ timeout: DEADLINE }), /through a queue/);
    await p.join();
  });

  test('instances arrive as instances, of modules the receiver has and of those it has not', async () => {
    const queue = new Queue<tasks.Point>();
    const p = new Process({ target: tasks.putPoints, args: [queue] });
    p.start();
    assert.deepEqual(
      (await all(queue, 5)).map(point => point.sum),
      [1, 2, 3, 4, 5],
    );
    await p.join();

    const late = new Queue<unknown>();
    const [first, second] = [late.get(), late.get()];
    const order: unknown[] = [];
    void first.then(value => order.push(value));
    void second.then(value => order.push(value));
    const starter = new Process({ target: startPuttingLateOnes, args: [late] });
    starter.start();
    await Promise.all([first, second, starter.join()]);
    assert.equal((order[0] as { number: number }).number, 1);
    assert.equal((order[0] as object).constructor.name, 'Late');
    assert.equal(order[1], 'behind it');
  });
});

describe('order and waiting', { timeout: DEADLINE * 4 }, () => {
  test('tasks of one process get in the order in which they asked', async () => {
    const queue = new Queue<number>();
    const gets = numbers(0, 50).map(() => queue.get());
    for (let i = 0; i < 50; i++) await queue.put(i);
    assert.deepEqual(await Promise.all(gets), numbers(0, 50));
  });

  test('a get that times out or is aborted takes nothing', async () => {
    const queue = new Queue<number>();
    const abort = new AbortController();
    const [aborted, late, patient] = [queue.get({ signal: abort.signal }), queue.get({ timeout: 30 }), queue.get()];
    const rejections = Promise.all([
      assert.rejects(aborted, { message: 'enough' }),
      assert.rejects(late, { name: 'Empty' }),
    ]);
    abort.abort(new Error('enough'));
    await rejections;
    await queue.put(1);
    assert.equal(await patient, 1);
    await assert.rejects(queue.get({ signal: abort.signal }), { message: 'enough' });
    await queue.put(2);
    assert.equal(queue.getNowait(), 2);
  });

  test('gets with short timeouts racing puts of another process lose nothing', async () => {
    const queue = new Queue<[number, number]>();
    const p = new Process({ target: tasks.putPairs, args: [queue, 0, 300, false] });
    p.start();
    const got: number[] = [];
    while (got.length < 300) {
      const results = await Promise.allSettled([queue.get({ timeout: 1 }), queue.get({ timeout: 2 })]);
      for (const result of results) if (result.status === 'fulfilled') got.push(result.value[1]);
    }
    assert.deepEqual(got, numbers(0, 300));
    await p.join();
  });

  test('puts that were not awaited keep their order, also when they have to wait', async () => {
    const queue = new Queue<number>(3);
    const puts = numbers(0, 100).map(i => queue.put(i));
    assert.throws(() => queue.putNowait(-1), { name: 'Full' });
    assert.deepEqual(await all(queue, 100), numbers(0, 100));
    await Promise.all(puts);
  });

  test('an aborted or late put puts nothing, and lets those behind it pass', async () => {
    const queue = new Queue<string>(1);
    await queue.put('first');
    const abort = new AbortController();
    const aborted = assert.rejects(queue.put('aborted', { signal: abort.signal }), { name: 'AbortError' });
    const late = assert.rejects(queue.put('late', { timeout: 20 }), { name: 'Full' });
    const last = queue.put('last');
    abort.abort();
    await Promise.all([aborted, late]);
    assert.deepEqual(await all(queue, 2), ['first', 'last']);
    await last;
    assert.equal(queue.empty(), true);
  });

  for (const sync of [false, true]) {
    test(`three producers and three consumers: every value once (${sync ? 'sync' : 'async'})`, async () => {
      const [source, sink] = [new Queue<unknown>(50), new Queue<unknown>()];
      const each = 2000;
      const consumers = numbers(0, 3).map(() => new Process({ target: tasks.forward, args: [source, sink, sync] }));
      const producers = numbers(0, 3).map(
        who => new Process({ target: tasks.putPairs, args: [source as Queue<[number, number]>, who, each, sync] }),
      );
      for (const p of [...consumers, ...producers]) p.start();
      const seen = new Map<number, Set<number>>();
      for (const [who, number] of (await all(sink, 3 * each)) as [number, number][]) {
        const numbersSeen = seen.get(who) ?? new Set();
        assert.ok(!numbersSeen.has(number), `${number} of ${who} came twice`);
        seen.set(who, numbersSeen.add(number));
      }
      for (const set of seen.values()) assert.equal(set.size, each);
      for (let i = 0; i < 3; i++) await source.put(null);
      for (const p of [...consumers, ...producers]) {
        await p.join();
        assert.equal(p.exitCode, 0);
      }
      assert.equal(sink.empty(), true);
    });
  }

  test('one producer, one consumer, both blocking: everything in order', async () => {
    const [source, sink] = [new Queue<unknown>(10), new Queue<unknown>(10)];
    const p = new Process({ target: tasks.forward, args: [source, sink, true] });
    p.start();
    const got: unknown[] = [];
    for (let i = 0; i < 500; i++) {
      source.putSync(i);
      got.push(sink.getSync());
    }
    source.putSync(null);
    assert.deepEqual(got, numbers(0, 500));
    await p.join();
  });
});

describe('bytes', { timeout: DEADLINE * 4 }, () => {
  test('16 MiB go there and come back', async () => {
    const [to, from] = [new Queue<Uint8Array | null>(), new Queue<Uint8Array>()];
    const p = new Process({ target: tasks.echoBuffers, args: [to, from] });
    p.start();
    const bytes = new Uint8Array(16 * 1024 * 1024);
    for (let i = 0; i < bytes.length; i += 4096) bytes[i] = i / 4096;
    for (let i = 0; i < 3; i++) await to.put(bytes);
    for (let i = 0; i < 3; i++) assert.ok(Buffer.from(await from.get()).equals(bytes));
    await to.put(null);
    await p.join();
  });

  test('a queue without bound takes what nobody reads yet, and delivers it in order', async () => {
    const queue = new Queue<Uint8Array>();
    const count = 300;
    for (let i = 0; i < count; i++) await queue.put(new Uint8Array(10_000).fill(i));
    for (let i = 0; i < 3; i++) queue.putSync(new Uint8Array(10_000).fill(count + i));
    assert.equal(queue.qsize(), count + 3);
    for (let i = 0; i < count + 3; i++) assert.equal(queue.getSync()[0], i & 255);
    assert.equal(queue.empty(), true);
  });

  test('join before drain: a child with unread values stays until they are read', async () => {
    const queue = new Queue<Uint8Array>();
    const p = new Process({ target: tasks.putBytes, args: [queue, 100, 100_000, false] });
    p.start();
    assert.equal((await queue.get({ timeout: DEADLINE }))[0], 0);
    assert.equal(await p.join({ timeout: 700 }), false);
    for (let i = 1; i < 100; i++) assert.equal((await queue.get({ timeout: DEADLINE }))[0], i);
    assert.equal(await p.join({ timeout: DEADLINE }), true);
    assert.equal(p.exitCode, 0);
  });

  test('a process that fills a deep queue and empties it in turn waits once, not at every put', async () => {
    const queue = new Queue<number>();
    const depth = 60_000;
    for (let i = 0; i < depth; i++) queue.putSync(i);
    const started = performance.now();
    for (let i = 0; i < 200; i++) {
      assert.equal(queue.getSync(), 2 * i);
      queue.putSync(depth + 2 * i);
      assert.equal(await queue.get(), 2 * i + 1);
      await queue.put(depth + 2 * i + 1);
    }
    // Each wait would take 100 ms; two hundred of them, twenty seconds.
    assert.ok(performance.now() - started < 5000);
    for (let i = 400; i < depth + 400; i++) assert.equal(queue.getSync(), i);
  });

  test('cancelJoinThread lets a process end with values that nobody reads', async () => {
    const queue = new Queue<Uint8Array>();
    const p = new Process({ target: tasks.putBytes, args: [queue, 100, 100_000, true] });
    p.start();
    assert.equal(await p.join({ timeout: DEADLINE }), true);
    assert.equal(p.exitCode, 0);
  });

  test('process.exit() delivers what has been put', async () => {
    const queue = new Queue<Uint8Array>();
    const p = new Process({ target: tasks.putBytesAndExit, args: [queue, 60, 100_000] });
    p.start();
    for (let i = 0; i < 60; i++) assert.equal((await queue.get({ timeout: DEADLINE }))[0], i);
    await p.join();
    assert.equal(p.exitCode, 7);
  });

  test('joinThread waits until what was put is in the queue', async () => {
    const queue = new Queue<Uint8Array>();
    for (let i = 0; i < 50; i++) void queue.put(new Uint8Array(20_000));
    queue.close();
    let joined = false;
    const join = queue.joinThread().then(() => (joined = true));
    await sleep(50);
    assert.equal(joined, false);
    // A handle of its own, as another process would have it.
    const carrier = new Queue<Queue<Uint8Array>>();
    await carrier.put(queue);
    const other = await carrier.get();
    for (let i = 0; i < 50; i++) await other.get();
    await join;
  });
});

describe('death', { timeout: DEADLINE * 2 }, () => {
  test('a consumer killed with a value in its hand: only that is gone', async () => {
    const queue = new Queue<number>();
    for (let i = 0; i < 4; i++) await queue.put(i);
    const [ours, theirs] = Pipe();
    const p = new Process({ target: tasks.takeAndStay, args: [queue, theirs] });
    p.start();
    assert.equal(await ours.recv(), 'has one');
    p.kill();
    await p.join();
    assert.deepEqual(await all(queue, 3), [1, 2, 3]);
    await queue.put(5);
    assert.equal(await queue.get(), 5);
  });

  test('a consumer killed while it waits leaves no trace', async () => {
    const queue = new Queue<unknown>();
    const sink = new Queue<unknown>();
    const p = new Process({ target: tasks.forward, args: [queue, sink, false] });
    p.start();
    await queue.put('first');
    assert.equal(await sink.get({ timeout: DEADLINE }), 'first');
    const get = queue.get({ timeout: DEADLINE });
    p.kill();
    await p.join();
    await queue.put('second');
    assert.equal(await get, 'second');
  });

  test('join of a queue does not wait for what a killed producer had kept', async () => {
    const queue = new JoinableQueue<Uint8Array>();
    const p = new Process({
      target: tasks.putBytes,
      args: [queue as unknown as Queue<Uint8Array>, 100, 100_000, false],
    });
    p.start();
    await queue.get({ timeout: DEADLINE });
    queue.taskDone();
    await sleep(200);
    p.kill();
    await p.join();
    for (;;) {
      try {
        await queue.get({ timeout: 100 });
      } catch {
        break;
      }
      queue.taskDone();
    }
    assert.equal(await queue.join({ timeout: 5000 }), true);
  });
});

describe('how it looks from outside', { timeout: DEADLINE }, () => {
  test('inspect text names size and bound', async () => {
    const queue = new Queue<number>(5, { name: 'jobs' });
    await queue.put(1);
    assert.equal(String(queue), "<Queue name='jobs' size=1 maxSize=5>");
    queue.close();
    assert.equal(String(queue), "<Queue name='jobs' size=1 maxSize=5 closed>");
    assert.match(String(new JoinableQueue()), /^<JoinableQueue name='JoinableQueue-\d+' size=0>$/);
    assert.equal(String(new SimpleQueue()), '<SimpleQueue size=0>');
  });

  test('maxSize has to be a whole number', () => {
    assert.throws(() => new Queue('3' as unknown as number), { name: 'TypeError' });
    assert.throws(() => new Queue(1.5), { name: 'TypeError' });
    assert.equal(new Queue(-1).full(), false);
  });

  test('the process table shows the queue with its depth, and who waits for it', async () => {
    const queue = new Queue<number>(0, { name: 'shown' });
    for (let i = 0; i < 3; i++) await queue.put(i);
    const look = () => readPrograms().find(program => program.mainPid === process.pid);
    const deadline = performance.now() + DEADLINE;
    while (look()?.queues.find(row => row.name === 'shown')?.depth !== 3) {
      assert.ok(performance.now() < deadline, 'the depth is published');
      await sleep(20);
    }
    await all(queue, 3);
    const get = queue.get();
    assert.equal(look()?.processes.find(row => row.pid === process.pid)?.waitingFor?.kind, 'queueGet');
    await queue.put(1);
    await get;
    assert.equal(look()?.processes.find(row => row.pid === process.pid)?.waitingFor, null);
  });
});
