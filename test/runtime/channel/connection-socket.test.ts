import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { Client, Listener, Lock, Pipe, Process, Queue, wait, waitSync, type Connection, type Family } from 'manycore';
import * as tasks from './fixtures/netTasks.js';

const DEADLINE = 60_000;
const key = Buffer.from('key');

async function pair(options: { family?: Family; maxMessageBytes?: number } = {}): Promise<[Connection, Connection]> {
  await using listener = await Listener({ ...options, authKey: key });
  return await Promise.all([Client(listener.address, { authKey: key }), listener.accept()]);
}

/** A connection whose other side speaks bytes. */
async function raw(maxMessageBytes?: number): Promise<[Connection, net.Socket]> {
  await using listener = await Listener({ maxMessageBytes });
  const socket = net.connect({ path: listener.address as string, allowHalfOpen: true });
  socket.on('error', () => undefined);
  return [await listener.accept(), socket];
}

const frame = (bytes: Buffer): Buffer => {
  const header = Buffer.alloc(4);
  header.writeInt32BE(bytes.length);
  return Buffer.concat([header, bytes]);
};

describe('a Connection over a socket, as in Python', { timeout: DEADLINE * 4 }, () => {
  for (const family of ['AF_INET', 'AF_UNIX'] as const) {
    test(`test_connection: bytes, buffers, poll, a very big message, and the end (${family})`, async () => {
      await using listener = await Listener({ family, authKey: key });
      const p = new Process({ target: tasks.echoBytes, args: [listener.address] });
      p.start();
      const connection = await listener.accept();
      const message = Buffer.from('hello world');
      await connection.sendBytes(message);
      assert.deepEqual(await connection.recvBytes(), message);

      const buffer = new Int32Array(10);
      const expected = new Int32Array(10);
      new Uint8Array(expected.buffer).set(message, 12);
      await connection.sendBytes(message);
      assert.equal(await connection.recvBytesInto(buffer, 12), message.length);
      assert.deepEqual(buffer, expected);

      const long = Buffer.concat(Array.from({ length: 10 }, () => message));
      await connection.sendBytes(long);
      await assert.rejects(connection.recvBytesInto(new Uint8Array(40)), (error: Error & { data: Uint8Array }) => {
        assert.equal(error.name, 'BufferTooShort');
        assert.deepEqual(Buffer.from(error.data), long);
        return true;
      });
      await connection.sendBytes(message);
      await assert.rejects(connection.recvBytesInto(new Uint8Array(40), 41), { name: 'ValueError' });
      await assert.rejects(connection.recvBytesInto(new Uint8Array(40), -1), { name: 'ValueError' });
      assert.deepEqual(await connection.recvBytes(), message);

      assert.equal(await connection.poll(), false);
      assert.equal(await connection.poll({ timeout: -1 }), false);
      const start = performance.now();
      assert.equal(await connection.poll({ timeout: 100 }), false);
      assert.ok(performance.now() - start >= 99);
      await connection.sendBytes(message);
      assert.equal(await connection.poll({ timeout: DEADLINE }), true);
      assert.equal(await connection.poll(), true);
      assert.deepEqual(await connection.recvBytes(), message);

      for (const mebibytes of [16, 80]) {
        const big = Buffer.alloc(mebibytes * 1024 * 1024, 'X');
        const sent = connection.sendBytes(big);
        assert.ok((await connection.recvBytes()).equals(big));
        await sent;
      }

      await connection.sendBytes(Buffer.alloc(0));
      await p.join();
      assert.deepEqual([connection.readable, connection.writable], [true, true]);
      assert.equal(await connection.poll(), true);
      await assert.rejects(connection.recv(), { name: 'EOFError' });
      await assert.rejects(connection.recvBytes(), { name: 'EOFError' });
      connection.close();
      await assert.rejects(connection.recvBytes(), { name: 'OSError', message: 'handle is closed' });
      await assert.rejects(connection.send(1), { name: 'OSError', message: 'handle is closed' });
      await assert.rejects(connection.poll(), { name: 'OSError', message: 'handle is closed' });
    });
  }

  test('test_sendbytes: offset and size, and the five that are outside', async () => {
    const message = Buffer.from('abcdefghijklmnopqrstuvwxyz');
    const [a, b] = await pair();
    const sent = async (range?: { offset?: number; size?: number }): Promise<string> => {
      await a.sendBytes(message, range);
      return (await b.recvBytes()).toString();
    };
    assert.equal(await sent(), 'abcdefghijklmnopqrstuvwxyz');
    assert.equal(await sent({ offset: 5 }), 'fghijklmnopqrstuvwxyz');
    assert.equal(await sent({ offset: 7, size: 8 }), 'hijklmno');
    assert.equal(await sent({ offset: 26 }), '');
    assert.equal(await sent({ offset: 26, size: 0 }), '');
    for (const [offset, size] of [[27], [22, 5], [26, 1], [-1], [4, -1]] as const) {
      const range = size === undefined ? { offset } : { offset, size };
      await assert.rejects(a.sendBytes(message, range), { name: 'ValueError' });
    }
    assert.equal(await b.poll(), false);
  });

  test('test_empty_string, test_strings, test_dont_merge: messages stay what they are; polls take nothing', async () => {
    const [a, b] = await pair();
    const strings = ['hello', '', 'a', 'b', '', 'bye', '', 'lop'];
    for (const text of strings) await a.sendBytes(Buffer.from(text));
    for (const text of strings) {
      assert.equal(await b.poll(), true);
      assert.equal(await b.poll({ timeout: -1 }), true);
      assert.equal((await b.recvBytes()).toString(), text);
    }
    assert.equal(await b.poll(), false);
  });

  test('recvBytes with a limit: a longer message is an error by its header, and ends the reading', async () => {
    const [a, b] = await pair();
    await a.sendBytes(Buffer.alloc(10));
    assert.equal((await b.recvBytes({ maxLength: 10 })).length, 10);
    const [connection, socket] = await raw();
    socket.write(Buffer.from('7fffffff', 'hex')); // and no more
    await assert.rejects(connection.recvBytes({ maxLength: 1000 }), { name: 'OSError', message: 'bad message length' });
    assert.deepEqual([connection.readable, connection.writable, connection.closed], [false, true, false]);
    await assert.rejects(connection.recv(), { name: 'OSError' });
    await connection.sendBytes(Buffer.from('can still speak'));
    socket.destroy();
  });

  test('the end inside of a message is an OSError; what came before it is read', async () => {
    const [connection, socket] = await raw();
    socket.end(Buffer.concat([frame(Buffer.from('whole')), frame(Buffer.alloc(100)).subarray(0, 50)]));
    assert.equal((await connection.recvBytes()).toString(), 'whole');
    await assert.rejects(connection.recvBytes(), { name: 'OSError', message: 'got end of file during message' });
    await assert.rejects(connection.recv(), { name: 'OSError', message: 'got end of file during message' });
    socket.destroy();
  });

  test('a process that is killed in the middle of a message', async () => {
    await using listener = await Listener();
    const [ours, theirs] = Pipe();
    const p = new Process({ target: tasks.writeHalf, args: [listener.address, theirs] });
    p.start();
    const connection = await listener.accept();
    const received = assert.rejects(connection.recvBytes(), {
      name: 'OSError',
      message: 'got end of file during message',
    });
    assert.equal(await ours.recv(), 'written');
    p.kill();
    await received;
    await p.join();
  });

  test('sending to who has gone is EPIPE; what he had sent before is still read', async () => {
    const [a, b] = await pair();
    await a.send('first');
    await a.send('second');
    a.close();
    assert.equal(await b.poll({ timeout: DEADLINE }), true);
    const outcomes = [];
    for (let i = 0; i < 3; i++) outcomes.push(await b.send('to nobody').catch((error: unknown) => error));
    assert.equal((outcomes[2] as NodeJS.ErrnoException).code, 'EPIPE');
    assert.equal(await b.recv(), 'first');
    assert.equal(await b.recv(), 'second');
    await assert.rejects(b.recv(), { name: 'EOFError' });
  });
});

describe('a Connection over a socket', { timeout: DEADLINE * 4 }, () => {
  test('a send waits for a slow reader instead of piling up', async () => {
    const [a, b] = await pair({ family: 'AF_UNIX' });
    let isSent = false;
    const big = Buffer.alloc(3 * 1024 * 1024, 'x');
    const sent = a.sendBytes(big).then(() => (isSent = true));
    assert.equal(await b.poll({ timeout: DEADLINE }), true);
    await sleep(100);
    assert.equal(isSent, false);
    assert.ok((await b.recvBytes()).equals(big));
    await sent;

    // Small ones pile up no further than the system's own buffers, and a little here.
    let count = 0;
    let isStuck = true;
    const small = Buffer.alloc(1000);
    const sending = (async () => {
      while (count < 20_000) {
        await a.sendBytes(small);
        count++;
      }
      isStuck = false;
    })();
    for (let before = -1; before !== count;) {
      before = count;
      await sleep(100);
    }
    assert.equal(isStuck, true);
    for (let i = 0; i < 20_000; i++) assert.equal((await b.recvBytes()).length, 1000);
    await sending;
  });

  test('a loop that receives what is there lets timers and others have their turn', async () => {
    const [a, b] = await pair();
    let isOver = false;
    let turns = 0;
    const other = (async () => {
      while (!isOver) {
        await turn();
        turns++;
      }
    })();
    const sending = (async () => {
      for (let i = 0; i < 20_000; i++) await a.sendBytes(Buffer.alloc(8));
    })();
    for (let i = 0; i < 20_000; i++) await b.recvBytes();
    isOver = true;
    await Promise.all([sending, other]);
    assert.ok(turns > 20, `${turns} turns`);
  });

  test('values keep what they are; what lives in shared memory is refused by its path', async () => {
    const [a, b] = await pair();
    const value = { when: new Date(0), list: [1, undefined, 2n], map: new Map([[{ a: 1 }, new Set(['x'])]]) };
    await a.send(value);
    assert.deepEqual(await b.recv(), value);
    await a.send(undefined);
    assert.equal(await b.recv(), undefined);
    await a.send(Object.assign(new RangeError('text'), { detail: 7 }));
    const error = (await b.recv()) as RangeError & { detail: number };
    assert.ok(error instanceof RangeError);
    assert.equal(error.detail, 7);
    for (const shared of [new Lock(), new Queue(), Pipe()[0]]) {
      await assert.rejects(a.send({ deep: [shared] }), { name: 'PicklingError', message: /value\.deep\[0\]/ });
    }
    const [pipe] = Pipe();
    await assert.rejects(pipe.send([a]), { name: 'PicklingError', message: /value\[0\].*over a socket/ });
    assert.equal(await b.poll(), false);
  });

  test('bytes that are no value are an error of that receive alone', async () => {
    const [a, b] = await pair();
    const seed = Buffer.from('0123456789abcdef'.repeat(8));
    for (let i = 0; i < 200; i++) {
      const bytes = Buffer.from(seed.map((byte, at) => (byte * (i + 3) + at * i) & 0xff)).subarray(0, i % 100);
      await a.sendBytes(bytes);
      const outcome = await b.recv().then(
        () => 'a value',
        (error: unknown) => (error as Error).name,
      );
      assert.ok(outcome === 'UnpicklingError' || outcome === 'a value', outcome);
    }
    await a.send('still there');
    assert.equal(await b.recv(), 'still there');
  });

  test('a long message is refused by its header: no memory is taken for what is announced', async () => {
    const [limited, socket] = await raw(1000);
    socket.write(Buffer.concat([frame(Buffer.alloc(1000)), frame(Buffer.alloc(1001))]));
    assert.equal((await limited.recvBytes()).length, 1000);
    await assert.rejects(limited.recvBytes(), { name: 'OSError', code: 'EMSGSIZE' });
    await assert.rejects(limited.recvBytes(), { name: 'OSError', code: 'EMSGSIZE' });
    socket.destroy();

    const [connection, other] = await raw();
    const before = process.memoryUsage();
    other.write(Buffer.from('ffffffff00000000c0000000', 'hex')); // 3 GiB to come
    const received = connection.recvBytes();
    received.catch(() => undefined);
    other.write(Buffer.alloc(1024));
    await sleep(50);
    const after = process.memoryUsage();
    assert.ok(after.arrayBuffers - before.arrayBuffers < 2 ** 24, 'memory was taken');
    connection.close();
    await assert.rejects(received, { name: 'OSError' });
    other.destroy();
  });

  test('the long form of a length is read whatever the length', async () => {
    const [connection, socket] = await raw();
    socket.write(Buffer.concat([Buffer.from('ffffffff0000000000000003', 'hex'), Buffer.from('abc')]));
    assert.equal((await connection.recvBytes()).toString(), 'abc');
    socket.destroy();
  });

  test('bytes that drip in one at a time', async () => {
    const [connection, socket] = await raw();
    const dripping = (async () => {
      for (const byte of Buffer.concat([frame(Buffer.from('ab')), frame(Buffer.alloc(0)), frame(Buffer.from('c'))])) {
        socket.write(Buffer.of(byte));
        await sleep(2);
      }
    })();
    assert.equal((await connection.recvBytes()).toString(), 'ab');
    assert.equal((await connection.recvBytes()).toString(), '');
    assert.equal((await connection.recvBytes()).toString(), 'c');
    await dripping;
    socket.destroy();
  });

  test('receives are served in their order; one that gives up takes nothing', async () => {
    const [a, b] = await pair();
    const stop = new AbortController();
    const received = [
      b.recv(),
      b.recv({ timeout: 30 }).catch((error: unknown) => (error as Error).name),
      b.recv({ signal: stop.signal }).catch((error: unknown) => (error as Error).message),
      b.recv(),
    ];
    stop.abort(new Error('enough'));
    await a.send(1);
    await sleep(60);
    await a.send(2);
    assert.deepEqual(await Promise.all(received), [1, 'TimeoutError', 'enough', 2]);
    await assert.rejects(b.recv({ timeout: 0 }), { name: 'TimeoutError' });
  });

  test('what has been sent arrives although the connection has been closed since', async () => {
    const [a, b] = await pair();
    const big = Buffer.alloc(5 * 1024 * 1024, 'x');
    const sent = a.sendBytes(big);
    a.close();
    assert.ok((await b.recvBytes()).equals(big));
    await sent;
    await assert.rejects(b.recvBytes(), { name: 'EOFError' });
  });

  test('closing ends what waits', async () => {
    const [a, b] = await pair();
    const waits = [a.recv(), a.poll({ timeout: DEADLINE }), wait([a])];
    a.close();
    for (const outcome of await Promise.allSettled(waits)) {
      assert.equal(outcome.status === 'rejected' && (outcome.reason as Error).message, 'handle is closed');
    }
    await assert.rejects(wait([a]), { message: 'handle is closed' });
    await assert.rejects(b.recv(), { name: 'EOFError' });
  });

  test('the Sync forms say why they do not work here, and what does', async () => {
    const [a, b] = await pair();
    const calls = [
      () => a.sendSync(1),
      () => a.sendBytesSync(Buffer.alloc(1)),
      () => b.recvSync(),
      () => b.recvBytesSync(),
      () => b.recvBytesIntoSync(Buffer.alloc(1)),
      () => b.pollSync(),
      () => waitSync([a]),
    ];
    for (const call of calls) assert.throws(call, { name: 'RuntimeError', message: /event loop.*Pipe/ });
    assert.equal(await b.poll(), false);
  });

  test('a connection that nobody can reach any more is closed', async () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    const kept = await (async () => (await pair())[0])();
    const ended = kept.poll({ timeout: DEADLINE });
    let isOver = false;
    void ended.then(() => (isOver = true));
    while (!isOver) {
      await sleep(20);
      gc();
    }
    assert.equal(await ended, true);
    await assert.rejects(kept.recv(), { name: 'EOFError' });
  });

  test('a reset is an error, not an end', async () => {
    await using listener = await Listener({ family: 'AF_INET' });
    const socket = net.connect(listener.address[1] as number, '127.0.0.1');
    await once(socket, 'connect');
    const connection = await listener.accept();
    const received = assert.rejects(connection.recv(), { name: 'OSError', code: 'ECONNRESET' });
    socket.resetAndDestroy();
    await received;
    await assert.rejects(connection.send(1), { name: 'OSError', code: 'EPIPE' });
  });
});
