import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Pipe, Process, type Connection } from 'manycore';
import * as tasks from './fixtures/pipeTasks.js';

const DEADLINE = 60_000;

describe('Connection, as in Python', { timeout: DEADLINE * 4 }, () => {
  test('test_connection: values, bytes, buffers, poll, a very big message, and the end', async () => {
    const [connection, theirs] = Pipe();
    const p = new Process({ target: tasks.echo, args: [theirs] });
    p.daemon = true;
    p.start();
    const sequence = [1, 2.25, null];
    const message = Buffer.from('hello world');
    const longMessage = Buffer.concat(Array.from({ length: 10 }, () => message));

    await connection.send(sequence);
    assert.deepEqual(await connection.recv(), sequence);
    await connection.sendBytes(message);
    assert.deepEqual(await connection.recvBytes(), message);

    const buffer = new Int32Array(10);
    const expected = new Int32Array(10).fill(0);
    new Uint8Array(expected.buffer).set(message);
    await connection.sendBytes(message);
    assert.equal(await connection.recvBytesInto(buffer), message.length);
    assert.deepEqual(buffer, expected);

    buffer.fill(0);
    expected.fill(0);
    new Uint8Array(expected.buffer).set(message, 3 * 4);
    await connection.sendBytes(message);
    assert.equal(await connection.recvBytesInto(buffer, 3 * 4), message.length);
    assert.deepEqual(buffer, expected);

    await connection.sendBytes(longMessage);
    await assert.rejects(connection.recvBytesInto(new Uint8Array(40)), (error: Error & { data: Uint8Array }) => {
      assert.equal(error.name, 'BufferTooShort');
      assert.deepEqual(Buffer.from(error.data), longMessage);
      return true;
    });

    assert.equal(await connection.poll(), false);
    assert.equal(await connection.poll({ timeout: -1 }), false);
    const start = performance.now();
    assert.equal(await connection.poll({ timeout: 100 }), false);
    assert.ok(performance.now() - start >= 99);
    await connection.send(null);
    assert.equal(await connection.poll({ timeout: DEADLINE }), true);
    assert.equal(await connection.poll(), true);
    assert.equal(await connection.recv(), null);

    const big = Buffer.alloc(16 * 1024 * 1024, 'X');
    const sent = connection.sendBytes(big);
    assert.ok((await connection.recvBytes()).equals(big));
    await sent;

    await connection.sendBytes(Buffer.alloc(0));
    theirs.close();
    await p.join();
    assert.equal(connection.readable, true);
    assert.equal(connection.writable, true);
    await assert.rejects(connection.recv(), { name: 'EOFError' });
    await assert.rejects(connection.recvBytes(), { name: 'EOFError' });
  });

  test('Pipe(False) as Python writes it is refused with the form to write', () => {
    const made = Pipe as (duplex: unknown) => unknown;
    assert.throws(() => made(false), {
      name: 'TypeError',
      message: 'Pipe takes an object such as { duplex: false }, not false',
    });
    assert.throws(() => made({ Duplex: false }), /Pipe has no option 'Duplex'\. Did you mean 'duplex'\?/);
  });

  test('test_duplex_false: the first end receives, the second sends', async () => {
    const [reader, writer] = Pipe<number>({ duplex: false });
    await writer.send(1);
    assert.equal(await reader.recv(), 1);
    assert.deepEqual([reader.readable, reader.writable, writer.readable, writer.writable], [true, false, false, true]);
    await assert.rejects(reader.send(2), { name: 'OSError', message: 'connection is read-only' });
    await assert.rejects(writer.recv(), { name: 'OSError', message: 'connection is write-only' });
    await assert.rejects(writer.poll(), { name: 'OSError', message: 'connection is write-only' });
    assert.throws(() => writer.recvSync(), { name: 'OSError' });
    assert.throws(() => reader.sendSync(1), { name: 'OSError' });
  });

  test("test_spawn_close: the parent closes the child's end right after start", async () => {
    const [connection, theirs] = Pipe();
    const p = new Process({ target: tasks.sendWhatWasSent, args: [theirs] });
    p.start();
    theirs.close();
    await connection.sendBytes(Buffer.from('hello'));
    assert.equal((await connection.recvBytes()).toString(), 'hello');
    await assert.rejects(connection.recvBytes(), { name: 'EOFError' });
    await p.join();
  });

  test('test_sendbytes: offset and size, and the five that are outside', async () => {
    const message = Buffer.from('abcdefghijklmnopqrstuvwxyz');
    const [a, b] = Pipe();
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
      assert.throws(() => a.sendBytesSync(message, range), { name: 'ValueError' });
    }
    await assert.rejects(a.sendBytes('text' as unknown as Uint8Array), { name: 'TypeError' });
    assert.equal(await b.poll(), false);
  });

  test('test_context: disposing closes; OSError after', async () => {
    const [a, b] = Pipe<number>();
    {
      await using held = a;
      await held.send(1891);
      assert.equal(await b.recv(), 1891);
      assert.equal(held.closed, false);
    }
    assert.equal(a.closed, true);
    assert.equal(b.closed, false);
    a.close();
    await assert.rejects(a.recv(), { name: 'OSError', message: 'handle is closed' });
    await assert.rejects(a.send(1), { name: 'OSError', message: 'handle is closed' });
    await assert.rejects(a.poll(), { name: 'OSError', message: 'handle is closed' });
  });

  test('recvBytes with a limit: a longer message is an error that ends the reading; a negative limit is refused', async () => {
    const [a, b] = Pipe();
    await assert.rejects(b.recvBytes({ maxLength: -1 }), { name: 'ValueError' });
    await a.sendBytes(Buffer.alloc(10));
    assert.equal((await b.recvBytes({ maxLength: 10 })).length, 10);
    await a.sendBytes(Buffer.alloc(100));
    await assert.rejects(b.recvBytes({ maxLength: 10 }), { name: 'OSError', message: 'bad message length' });
    assert.deepEqual([b.readable, b.writable, b.closed], [false, true, false]);
    await assert.rejects(b.recv(), { name: 'OSError' });
    const [reader, writer] = Pipe({ duplex: false });
    await writer.sendBytes(Buffer.alloc(100));
    await assert.rejects(reader.recvBytes({ maxLength: 10 }), { name: 'OSError' });
    assert.equal(reader.closed, true);
  });

  test('recvBytesInto: an offset outside the buffer is refused and takes nothing', async () => {
    const [a, b] = Pipe();
    await a.sendBytes(Buffer.from('abc'));
    await assert.rejects(b.recvBytesInto(new Uint8Array(5), -1), { name: 'ValueError' });
    await assert.rejects(b.recvBytesInto(new Uint8Array(5), 6), { name: 'ValueError' });
    assert.equal(b.recvBytesIntoSync(new Uint8Array(5), 2), 3);
  });
});

describe('polls and boundaries, as in Python', { timeout: DEADLINE * 2 }, () => {
  test('test_empty_string: an empty message is a message', async () => {
    const [a, b] = Pipe();
    assert.equal(await a.poll(), false);
    await b.sendBytes(Buffer.alloc(0));
    assert.equal(await a.poll(), true);
    assert.equal(await a.poll(), true);
    assert.equal((await a.recvBytes()).length, 0);
    assert.equal(a.pollSync(), false);
  });

  test('test_strings: eight messages of another process, in order', async () => {
    const strings = ['hello', '', 'a', 'b', '', 'bye', '', 'lop'];
    const [a, b] = Pipe();
    const p = new Process({ target: tasks.sendStrings, args: [b, strings] });
    p.start();
    for (const text of strings) {
      while (!(await a.poll({ timeout: 200 })));
      assert.equal((await a.recvBytes()).toString(), text);
    }
    await p.join();
  });

  test('test_boundaries: a poll in another process takes no part of a message', async () => {
    const [reader, writer] = Pipe({ duplex: false });
    const [result, theirs] = Pipe<boolean>();
    const p = new Process({ target: tasks.pollOnly, args: [reader, theirs] });
    p.start();
    await writer.sendBytes(Buffer.from('first'));
    await writer.sendBytes(Buffer.from('second'));
    assert.equal(await result.recv(), true);
    assert.equal((await reader.recvBytes()).toString(), 'first');
    assert.equal((await reader.recvBytes()).toString(), 'second');
    await p.join();
  });

  test('test_dont_merge: messages stay apart, polls can be repeated', async () => {
    const [a, b] = Pipe();
    assert.equal(await a.poll({ timeout: 0 }), false);
    for (const text of ['a', 'b', 'cd']) await b.sendBytes(Buffer.from(text));
    for (const text of ['a', 'b', 'cd']) {
      assert.equal(await a.poll({ timeout: -1 }), true);
      assert.equal(await a.poll(), true);
      assert.equal((await a.recvBytes()).toString(), text);
    }
    assert.equal(await a.poll(), false);
  });

  test('test_pickling, test_access: ends sent through a pipe work where they arrive', async () => {
    const [ours, theirs] = Pipe<unknown>();
    const p = new Process({ target: tasks.useSentEnd, args: [theirs as Connection<Connection>] });
    p.start();
    const [reader, writer] = Pipe<string>({ duplex: false });
    await ours.send(writer);
    writer.close();
    assert.equal(await reader.recv(), 'written through an end that was sent');
    await assert.rejects(reader.recv(), { name: 'EOFError' });
    await p.join();

    const second = new Process({ target: tasks.useSentEnd, args: [theirs as Connection<Connection>] });
    second.start();
    const [theirReader, ourWriter] = Pipe<number>({ duplex: false });
    await ours.send(theirReader);
    theirReader.close();
    await ourWriter.send(42);
    assert.equal(await ours.recv(), 42);
    await second.join();
  });
});
