import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pipe, Process, Queue, type Connection } from 'manycore';
import { readPrograms } from 'manycore/inspect';
import * as tasks from './fixtures/pipeTasks.js';

const DEADLINE = 60_000;
const quickly = async (what: string, promise: Promise<unknown>): Promise<void> => {
  const start = performance.now();
  await promise;
  const spent = performance.now() - start;
  assert.ok(spent < 5000, `${what} took ${Math.round(spent)} ms`);
};

describe('who holds an end', { timeout: DEADLINE * 4 }, () => {
  test('everything that was sent is read before the end shows', async () => {
    const [a, b] = Pipe<number>();
    const p = new Process({ target: tasks.sendAndEnd, args: [b] });
    p.start();
    b.close();
    for (let i = 0; i < 1000; i++) assert.equal(await a.recv(), i);
    assert.equal(await a.poll({ timeout: Infinity }), true);
    await assert.rejects(a.recv(), { name: 'EOFError' });
    await assert.rejects(a.recv(), { name: 'EOFError' });
    await p.join();
  });

  test('the end shows when all holders have closed it, and not before', async () => {
    const [a, b] = Pipe();
    const [ours, theirs] = Pipe<string>();
    const p = new Process({ target: tasks.holdUntilTold, args: [b, theirs] });
    p.start();
    b.close();
    assert.equal(await ours.recv(), 'holding');
    assert.equal(await a.poll({ timeout: 100 }), false);
    const end = assert.rejects(a.recv(), { name: 'EOFError' });
    await ours.send('close it');
    assert.equal(await ours.recv(), 'closed');
    await quickly('the end', end);
    await ours.send('go');
    await p.join();
  });

  test('the end shows when the last holder is killed', async () => {
    const [a, b] = Pipe();
    const [ours, theirs] = Pipe<string>();
    const p = new Process({ target: tasks.holdUntilTold, args: [b, theirs] });
    p.start();
    b.close();
    assert.equal(await ours.recv(), 'holding');
    const end = assert.rejects(a.recv(), { name: 'EOFError' });
    p.kill();
    await p.join();
    await quickly('the end after a kill', end);
    await assert.rejects(a.send('to nobody'), { name: 'OSError', code: 'EPIPE' });
    assert.equal(await a.poll(), true);
  });

  for (const target of [tasks.endAtOnce, tasks.exitAtOnce]) {
    test(`a process that ends without closing has closed (${target.name})`, async () => {
      const [a, b] = Pipe();
      const p = new Process({ target, args: [b] });
      p.start();
      b.close();
      await assert.rejects(a.recv(), { name: 'EOFError' });
      await p.join();
    });
  }

  test('a process killed before it has taken its arguments has closed', async () => {
    const [a, b] = Pipe();
    const p = new Process({ target: tasks.echo, args: [b] });
    p.start();
    b.close();
    p.kill();
    await p.join();
    await quickly('the end', assert.rejects(a.recv(), { name: 'EOFError' }));
  });

  test('an end on its way in a queue is held by the message', async () => {
    const [a, b] = Pipe<string>();
    const queue = new Queue<Connection<string>>();
    const p = new Process({ target: tasks.putEndIn, args: [queue, b] });
    p.start();
    b.close();
    await p.join();
    assert.equal(await a.poll({ timeout: 100 }), false);
    const arrived = await queue.get();
    await arrived.send('still there');
    assert.equal(await a.recv(), 'still there');
    arrived.close();
    await assert.rejects(a.recv(), { name: 'EOFError' });
  });

  test('an end in a message that was never sent is not held by it', async () => {
    const [a, b] = Pipe();
    const queue = new Queue<unknown>(1);
    await queue.put('full');
    await assert.rejects(queue.put(b, { timeout: 10 }), { name: 'Full' });
    assert.throws(() => queue.putNowait(b), { name: 'Full' });
    await assert.rejects(queue.put([b, () => 1]), { name: 'PicklingError' });
    b.close();
    await quickly('the end', assert.rejects(a.recv(), { name: 'EOFError' }));
  });

  test('test_recursion: one pipe through three generations, depth first', async () => {
    const [reader, writer] = Pipe<number[]>({ duplex: false });
    const p = new Process({ target: tasks.recurse, args: [writer, []] });
    p.start();
    await p.join();
    const seen: number[][] = [];
    while (await reader.poll()) seen.push(await reader.recv());
    assert.deepEqual(seen, [[], [0], [0, 0], [0, 1], [1], [1, 0], [1, 1]]);
  });

  test('a pipe that nobody holds leaves no memory behind', async () => {
    const dir = readPrograms().find(program => program.mainPid === process.pid)?.dir ?? assert.fail('no program');
    const segments = (): number => fs.readdirSync(dir).filter(name => name.startsWith('seg-')).length;
    let before = 0;
    for (let i = 0; i < 20; i++) {
      const [a, b] = Pipe<Uint8Array>();
      // The first one's memory is kept, for all that follow.
      if (i === 1) before = segments();
      const sent = a.send(new Uint8Array(300_000));
      await b.recv();
      await sent;
      a.close();
      b.close();
    }
    // Pipes of tests before this one may have been collected meanwhile.
    assert.ok(segments() <= before, `${segments()} segments, ${before} before`);
  });
});

describe('sending and receiving', { timeout: DEADLINE * 2 }, () => {
  test('a message of 3 MiB is sent when it has been received', async () => {
    const [a, b] = Pipe<Uint8Array>();
    let isSent = false;
    const sent = a.send(new Uint8Array(3 * 1024 * 1024)).then(() => (isSent = true));
    assert.equal(await b.poll({ timeout: DEADLINE }), true);
    await sleep(50);
    assert.equal(isSent, false);
    assert.equal((await b.recv()).length, 3 * 1024 * 1024);
    await sent;
  });

  test('a sender waits for room, and fails when the reader goes instead', async () => {
    const [a, b] = Pipe<Uint8Array>();
    const sends = Array.from({ length: 40 }, (_, i) => a.send(new Uint8Array(8000).fill(i)));
    const settled = Promise.allSettled(sends);
    assert.equal((await b.recv())[0], 0);
    b.close();
    const results = await settled;
    assert.equal(results[0]?.status, 'fulfilled');
    const last = results[39];
    assert.equal(last?.status === 'rejected' && (last.reason as { code: string }).code, 'EPIPE');
  });

  test('blocking on both sides', async () => {
    const [a, b] = Pipe<unknown>();
    const p = new Process({ target: tasks.syncEcho, args: [b] });
    p.start();
    for (let i = 0; i < 200; i++) {
      a.sendSync({ i });
      assert.deepEqual(a.recvSync(), { i });
    }
    a.sendSync(new Uint8Array(1_000_000).fill(1));
    assert.equal((a.recvSync() as Uint8Array)[999_999], 1);
    a.sendSync(null);
    await p.join();
  });

  test('sends that were not awaited keep their order; the process ends only when they are delivered', async () => {
    const [a, b] = Pipe<unknown>();
    const p = new Process({ target: tasks.echoValues, args: [b] });
    p.start();
    const sends = Array.from({ length: 2000 }, (_, i) => a.send({ i, filling: 'x'.repeat(i % 200) }));
    for (let i = 0; i < 2000; i++) assert.equal(((await a.recv()) as { i: number }).i, i);
    await Promise.all(sends);
    await a.send(null);
    await p.join();
  });

  test('what waits to be sent is delivered although both ends have been closed here', async () => {
    const [ours, theirs] = Pipe<string>();
    const [a, b] = Pipe<Uint8Array>();
    const p = new Process({ target: tasks.countWhenTold, args: [b, theirs as Connection] });
    p.start();
    assert.equal(await ours.recv(), 'holding');
    const sends = Array.from({ length: 60 }, (_, i) => a.send(new Uint8Array(8000).fill(i)));
    a.close();
    b.close();
    await ours.send('count');
    assert.equal(await ours.recv(), '60');
    await Promise.all(sends);
    await p.join();
  });

  test('a receive with a timeout or a signal takes nothing when it gives up', async () => {
    const [a, b] = Pipe<number>();
    await assert.rejects(b.recv({ timeout: 20 }), { name: 'TimeoutError', code: 'ETIMEDOUT' });
    assert.throws(() => b.recvSync({ timeout: 20 }), { name: 'TimeoutError' });
    const abort = new AbortController();
    const aborted = assert.rejects(b.recv({ signal: abort.signal }), { name: 'AbortError' });
    abort.abort();
    await aborted;
    await a.send(1);
    assert.equal(await b.recv(), 1);
  });

  test(
    'an end that nobody can reach any more is closed',
    { skip: typeof gc !== 'function' && 'needs --expose-gc' },
    async () => {
      const [a] = Pipe();
      const deadline = performance.now() + DEADLINE;
      while (!(await a.poll())) {
        assert.ok(performance.now() < deadline);
        gc?.();
        await sleep(10);
      }
      await assert.rejects(a.recv(), { name: 'EOFError' });
    },
  );

  test('inspect text names the directions', () => {
    const [reader, writer] = Pipe({ duplex: false });
    assert.equal(String(reader), '<Connection readable>');
    assert.equal(String(writer), '<Connection writable>');
    reader.close();
    assert.equal(String(reader), '<Connection closed>');
  });
});
