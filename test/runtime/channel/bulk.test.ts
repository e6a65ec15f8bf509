import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import { describe, test } from 'node:test';
import v8 from 'node:v8';
import vm from 'node:vm';
import { Pipe, Process, Queue, SimpleQueue } from 'manycore';
import { putLateBulk } from './fixtures/lateStarter.js';
import * as tasks from './fixtures/bulkTasks.js';

const DEADLINE = 120_000;
const MiB = 1024 ** 2;
const GiB = 1024 ** 3;
const filled = (length: number, seed: number): Buffer => {
  const buffer = Buffer.allocUnsafeSlow(length);
  for (let i = 0; i < length; i++) buffer[i] = (i * 31 + seed) ^ (i >> 9);
  return buffer;
};
const timeout = DEADLINE;

describe('large buffers', { timeout: DEADLINE }, () => {
  test('arrive as they were, of every kind and size around the limits', async () => {
    const queue = new Queue<unknown>();
    for (const length of [65_535, 65_536, 65_537, 256 * 1024, MiB + 3, 5 * MiB]) {
      const value = { before: 1, bytes: filled(length, 1), more: [filled(length + 8, 2)], after: 'end' };
      await queue.put(value);
      assert.deepEqual(await queue.get({ timeout }), value);
    }
    const doubles = Float64Array.from({ length: 20_000 }, (_, i) => i / 3);
    await queue.put([doubles, doubles.buffer, new DataView(doubles.buffer, 8, 16)]);
    const [view, whole, part] = (await queue.get({ timeout })) as [Float64Array, ArrayBuffer, DataView];
    assert.deepEqual(view, doubles);
    assert.equal(whole, view.buffer, 'two views of one buffer are two views of one buffer');
    assert.equal(part.getFloat64(0, true), 1 / 3);
  });

  test('carry only the part that is looked at', async () => {
    const queue = new Queue<Uint8Array[]>();
    const buffer = filled(4 * MiB, 3);
    const parts = [buffer.subarray(100_001, 300_001), buffer.subarray(200_001, 400_001)];
    await queue.put(parts);
    const got = await queue.get({ timeout });
    assert.deepEqual(got, parts);
    assert.equal(got[0]?.buffer, got[1]?.buffer);
    assert.ok((got[0]?.buffer.byteLength ?? 0) < 400_000);
  });

  test('are the receiver’s own: later messages and the sender change nothing', async () => {
    const queue = new Queue<Buffer>();
    const sent = Buffer.alloc(MiB, 1);
    await queue.put(sent);
    sent.fill(2);
    const got = await queue.get({ timeout });
    got[0] = 9;
    for (let i = 0; i < 40; i++) {
      await queue.put(sent);
      await queue.get({ timeout });
    }
    assert.ok(got.equals(Buffer.concat([Buffer.from([9]), Buffer.alloc(MiB - 1, 1)])));
  });

  test('are copied by the put that has to wait, too', async () => {
    const queue = new Queue<Buffer>(1);
    const buffers = [1, 2, 3].map(i => Buffer.alloc(MiB, i));
    const puts = buffers.map(buffer => queue.put(buffer));
    for (const buffer of buffers) buffer.fill(77);
    for (const i of [1, 2, 3]) assert.ok((await queue.get({ timeout })).equals(Buffer.alloc(MiB, i)));
    await Promise.all(puts);
  });

  test('travel through every kind of channel, between processes', async () => {
    const sent = [filled(MiB, 5), { deep: filled(100_000, 6) }];
    const [here, there] = Pipe();
    const [to, from] = [new SimpleQueue<unknown>(), new SimpleQueue<unknown>()];
    const p = new Process({ target: tasks.echoOnce, args: [there, to, from] });
    p.start();
    await here.send(sent);
    assert.deepEqual(await here.recv({ timeout }), sent);
    await to.put(sent);
    assert.deepEqual(await from.get(), sent);
    assert.equal(await p.join(), true);
  });

  test('wait with the message for a module that is not loaded yet', async () => {
    const queue = new Queue<tasks.Bulky>();
    const p = new Process({ target: putLateBulk, args: [queue] });
    p.start();
    const got = await queue.get({ timeout });
    assert.equal(got.constructor.name, 'LateBulk');
    assert.ok(Buffer.from(got.bytes).equals(Buffer.alloc(200_000, 4)));
    const borrowed = await queue.getBorrowed({ timeout });
    assert.ok(Buffer.from(borrowed.value.bytes).equals(Buffer.alloc(200_000, 5)));
    borrowed.release();
    await p.join();
  });
});

describe('borrowed buffers', { timeout: DEADLINE }, () => {
  test('lie where the sender has put them until they are released, and are zeros afterwards', async () => {
    const queue = new Queue<{ name: string; bytes: Buffer }>();
    await queue.put({ name: 'one', bytes: filled(MiB, 1) });
    const borrowed = await queue.getBorrowed({ timeout });
    const { name, bytes } = borrowed.value;
    assert.equal(name, 'one');
    assert.equal(borrowed.isCopy, false);
    for (let i = 0; i < 40; i++) {
      await queue.put({ name: 'other', bytes: Buffer.alloc(MiB, 99) });
      await queue.get({ timeout });
    }
    assert.ok(bytes.equals(filled(MiB, 1)), 'no later message touches them');
    bytes[0] = 42;
    assert.equal(bytes[0], 42, 'the receiver may write');
    borrowed.release();
    assert.ok(bytes.equals(Buffer.alloc(MiB)));
    bytes[0] = 1;
    assert.throws(() => borrowed.value, { name: 'ValueError', message: /released/ });
    borrowed.release();
    await queue.put({ name: 'next', bytes: filled(MiB, 2) });
    assert.ok((await queue.get({ timeout })).bytes.equals(filled(MiB, 2)), 'a stale write reaches nobody');
  });

  test('small values are copies that stay', async () => {
    const queue = new Queue<{ bytes: Buffer }>();
    await queue.put({ bytes: Buffer.from('small') });
    const borrowed = queue.getBorrowedSync();
    const { bytes } = borrowed.value;
    assert.equal(borrowed.isCopy, true);
    borrowed[Symbol.dispose]();
    assert.equal(bytes.toString(), 'small');
  });

  test('who keeps them all stops nobody: the rest are copies', async () => {
    const queue = new Queue<Buffer>();
    const kept = [];
    for (let i = 0; i < 40; i++) {
      await queue.put(Buffer.alloc(MiB, i));
      kept.push(await queue.getBorrowed({ timeout }));
    }
    kept.forEach((each, i) => assert.ok(each.value.equals(Buffer.alloc(MiB, i)), `message ${i}`));
    const lent = kept.filter(each => !each.isCopy).length;
    assert.ok(lent > 0 && lent <= 8, `${lent} are lent`);
    for (const each of kept) each.release();
    await queue.put(Buffer.alloc(MiB, 1));
    assert.equal((await queue.getBorrowed({ timeout })).isCopy, false, 'what was released is lent again');
  });

  test('of more than 256 MiB the rest are copies', { skip: noRoomFor(2 * GiB) }, async () => {
    const queue = new Queue<Buffer>();
    const kept = [];
    for (let i = 0; i < 6; i++) {
      await queue.put(Buffer.alloc(80 * MiB, i));
      kept.push(await queue.getBorrowed({ timeout }));
    }
    assert.deepEqual(
      kept.map(each => each.isCopy),
      [false, false, true, true, true, true],
    );
    for (const each of kept) each.release();
  });

  test('count as released when nobody can reach them', async () => {
    v8.setFlagsFromString('--expose-gc');
    const collect = vm.runInNewContext('gc') as () => void;
    const queue = new Queue<Buffer>();
    let lent = 0;
    for (let i = 0; i < 60; i++) {
      await queue.put(Buffer.alloc(MiB, i));
      const { value, isCopy } = await queue.getBorrowed({ timeout });
      assert.equal(value[MiB - 1], i);
      if (!isCopy) lent++;
      collect();
      await new Promise(resolve => setImmediate(resolve));
    }
    assert.ok(lent > 30, `${lent} of 60 were lent`);
  });

  test('outlive the queue and the pipe they came through', async () => {
    const queue = new Queue<Buffer>();
    await queue.put(filled(MiB, 1));
    const [end, other] = Pipe();
    const sending = other.send(filled(MiB, 2));
    const borrowed = [await queue.getBorrowed({ timeout }), await end.recvBorrowed({ timeout })];
    await sending;
    queue.close();
    end.close();
    other.close();
    // Others may get the memory of what was closed.
    const more = Array.from({ length: 4 }, () => new Queue<Buffer>());
    for (const each of more) await each.put(Buffer.alloc(MiB, 50));
    assert.ok((borrowed[0]?.value as Buffer).equals(filled(MiB, 1)));
    assert.ok((borrowed[1]?.value as Buffer).equals(filled(MiB, 2)));
    for (const each of borrowed) each.release();
    for (const each of more) assert.ok((await each.get({ timeout })).equals(Buffer.alloc(MiB, 50)));
  });

  test('cannot be moved to another thread, only copied', async () => {
    const queue = new Queue<Buffer>();
    await queue.put(filled(MiB, 1));
    const { value } = await queue.getBorrowed({ timeout });
    const buffer = value.buffer as ArrayBuffer & { transfer?: () => void };
    try {
      structuredClone(value, { transfer: [buffer] });
    } catch (error) {
      assert.match(String(error), /DataCloneError/);
    }
    assert.throws(() => buffer.transfer?.() ?? assert.fail('TypeError'), /TypeError|cannot be transferred/);
    assert.ok(value.equals(filled(MiB, 1)), 'the memory is still there');
  });

  test('come from another process, and go back when that one is killed', async () => {
    const [queue, told] = [new Queue<Buffer>(), new Queue<string>()];
    const p = new Process({ target: tasks.borrowAndStay, args: [queue, told] });
    p.start();
    for (let i = 0; i < 8; i++) await queue.put(Buffer.alloc(MiB, i));
    assert.equal(await told.get({ timeout }), 'borrowed 8 0');
    p.kill();
    await p.join();
    for (let i = 0; i < 40; i++) {
      await queue.put(Buffer.alloc(MiB, i));
      assert.equal((await queue.get({ timeout }))[0], i);
    }
    for (let i = 0; i < 16; i++) queue.putSync(Buffer.alloc(MiB, i), { timeout: 5000 });
    for (let i = 0; i < 16; i++) assert.equal(queue.getSync({ timeout: 5000 })[0], i);
  });
});

describe('messages of more than 2 GiB', { timeout: DEADLINE * 3 }, () => {
  const big = 2.5 * GiB;
  /** Only ends and middle are looked at: the rest is memory that was never touched. */
  const marked = (length: number): Buffer => {
    const buffer = Buffer.from(new ArrayBuffer(length));
    for (const at of [0, length / 2, length - 1]) buffer[Math.floor(at)] = 7;
    return buffer;
  };
  const check = (got: Buffer, length: number): void => {
    assert.equal(got.length, length);
    for (const at of [0, length / 2, length - 1]) assert.equal(got[Math.floor(at)], 7);
    assert.equal(got[1], 0);
  };

  test('one buffer of 2.5 GiB through a queue', { skip: noRoomFor(big, 2 * big) }, async () => {
    const queue = new Queue<Buffer>();
    queue.putSync(marked(big));
    check(queue.getSync({ timeout }), big);
    queue.close();
  });

  test('two buffers of 4.2 GiB in all through a queue', { skip: noRoomFor(4.2 * GiB) }, async () => {
    const queue = new Queue<Buffer[]>();
    const half = Math.floor(2.1 * GiB);
    queue.putSync([marked(half), marked(half)]);
    const borrowed = queue.getBorrowedSync({ timeout });
    for (const buffer of borrowed.value) check(buffer, half);
    borrowed.release();
    queue.close();
  });

  test('2.5 GiB of bytes through a pipe', { skip: noRoomFor(big, 2 * big) }, async () => {
    const [here, there] = Pipe({ duplex: false });
    const sending = there.sendBytes(marked(big));
    check(await here.recvBytes({ timeout }), big);
    await sending;
    here.close();
    there.close();
  });

  test('one buffer of 4 GiB is refused, with what to do', async () => {
    const refusal = { name: 'OSError', code: 'EFBIG', message: /4294967296 bytes.*below 4 GiB.*in parts/ };
    const huge = new Uint8Array(4 * GiB);
    await assert.rejects(new Queue().put(huge), refusal);
    assert.throws(() => new Queue().putSync({ huge }), refusal);
    const [, there] = Pipe();
    await assert.rejects(there.sendBytes(huge), refusal);
  });
});

/** Why a test with so many bytes of shared memory, and of memory in all, cannot run here; false when it can. */
function noRoomFor(shared: number, all = shared): string | false {
  const { bavail, bsize } = fs.statfsSync('/dev/shm');
  const free = Math.min(bavail * bsize, os.freemem());
  if (bavail * bsize < shared * 1.2) return `/dev/shm has no room for ${(shared / GiB).toFixed(1)} GiB`;
  return free < all * 1.2 ? `there is no memory free for ${(all / GiB).toFixed(1)} GiB` : false;
}
