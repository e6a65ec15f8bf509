import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { describe, test } from 'node:test';
import { Client, Listener, Pipe, Process, wait, type Connection } from 'manycore';
import * as tasks from './fixtures/netTasks.js';

const DEADLINE = 60_000;

describe('wait, as in Python', { timeout: DEADLINE * 2 }, () => {
  for (const slow of [false, true]) {
    test(`test_wait${slow ? '_slow' : ''}: four writers; the end of a pipe removes its reader`, async () => {
      const readers: Connection[] = [];
      const processes: Process<[Connection, boolean]>[] = [];
      for (let i = 0; i < 4; i++) {
        const [reader, writer] = Pipe({ duplex: false });
        const p = new Process({ target: tasks.writeTen, args: [writer, slow] });
        p.daemon = true;
        p.start();
        writer.close();
        readers.push(reader);
        processes.push(p);
      }
      const messages: string[] = [];
      while (readers.length > 0) {
        for (const reader of await wait(readers)) {
          try {
            messages.push(JSON.stringify(await reader.recv()));
          } catch (error) {
            assert.equal((error as Error).name, 'EOFError');
            readers.splice(readers.indexOf(reader), 1);
            reader.close();
          }
        }
      }
      const expected = processes.flatMap(p => Array.from({ length: 10 }, (_, i) => JSON.stringify([i, p.pid])));
      assert.deepEqual(messages.sort(), expected.sort());
      for (const p of processes) await p.join();
    });

    test(`test_wait_socket${slow ? '_slow' : ''}: the same with plain sockets`, async () => {
      const server = net.createServer({ pauseOnConnect: true });
      const sockets: net.Socket[] = [];
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as net.AddressInfo;
      const processes = Array.from(
        { length: 4 },
        () => new Process({ target: tasks.writeTenLines, args: [port, slow] }),
      );
      const arrived = new Promise<void>(resolve =>
        server.on('connection', socket => {
          if (sockets.push(socket) === 4) resolve();
        }),
      );
      for (const p of processes) p.start();
      await arrived;
      server.close();
      const texts = new Map(sockets.map(socket => [socket, '']));
      const open = [...sockets];
      while (open.length > 0) {
        for (const socket of await wait(open)) {
          const chunk = socket.read() as Buffer | null;
          if (chunk === null) open.splice(open.indexOf(socket), 1);
          else texts.set(socket, `${texts.get(socket)}${chunk.toString()}`);
        }
      }
      for (const text of texts.values()) assert.equal(text, '0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n');
      for (const socket of sockets) socket.destroy();
      for (const p of processes) await p.join();
    });
  }

  test('test_wait_timeout: none in time; then the one that is ready', async () => {
    const [a, b] = Pipe();
    const start = performance.now();
    assert.deepEqual(await wait([a, b], { timeout: 500 }), []);
    const spent = performance.now() - start;
    assert.ok(spent >= 499 && spent < 5000, `${spent} ms`);
    await b.send(null);
    const again = performance.now();
    assert.deepEqual(await wait([a, b], { timeout: 20_000 }), [a]);
    assert.ok(performance.now() - again < 2000);
  });

  test('test_wait_integer: a sentinel among connections; all that are ready, in the order of the list', async () => {
    const [a, b] = Pipe();
    const [word, theirs] = Pipe();
    const p = new Process({ target: tasks.waitForWord, args: [theirs] });
    p.start();
    const { sentinel } = p;
    assert.deepEqual(await wait([a, sentinel, b], { timeout: 50 }), []);
    await word.send('end');
    assert.deepEqual(await wait([a, sentinel, b], { timeout: DEADLINE }), [sentinel]);
    assert.equal(p.exitCode, 0);
    await a.send(null);
    assert.deepEqual(await wait([a, sentinel, b], { timeout: DEADLINE }), [sentinel, b]);
    await b.send(null);
    assert.deepEqual(await wait([a, sentinel, b], { timeout: DEADLINE }), [a, sentinel, b]);
    await p.join();
    assert.deepEqual(await wait([b, sentinel]), [b, sentinel]);
  });

  test('test_neg_timeout: less than nothing is at once', async () => {
    const [a, b] = Pipe();
    await using listener = await Listener();
    const start = performance.now();
    assert.deepEqual(await wait([a, b, listener], { timeout: -1 }), []);
    assert.ok(performance.now() - start < 1000);
  });
});

describe('signals, as in Python', { timeout: DEADLINE }, () => {
  test('test_ignore: a signal harms neither a receive nor a big send', async () => {
    let signals = 0;
    const count = (): void => void signals++;
    process.on('SIGUSR1', count);
    try {
      const [stop, theirs] = Pipe();
      const p = new Process({ target: tasks.interruptParent, args: [theirs] });
      p.start();
      await using listener = await Listener({ authKey: Buffer.from('key') });
      const echo = new Process({ target: tasks.echoBytes, args: [listener.address] });
      echo.start();
      const connection = await listener.accept();
      const big = Buffer.alloc(4 * 1024 * 1024, 'x');
      const [a, b] = Pipe();
      for (let i = 0; i < 5 || signals < 10; i++) {
        const sent = connection.sendBytes(big);
        assert.equal((await connection.recvBytes()).equals(big), true);
        await sent;
        assert.deepEqual(await wait([a, b, connection], { timeout: 20 }), []);
      }
      await connection.sendBytes(Buffer.alloc(0));
      await stop.send('stop');
      await p.join();
      await echo.join();
    } finally {
      process.removeListener('SIGUSR1', count);
    }
    assert.ok(signals >= 10);
  });

  test('test_ignore_listener: a signal does not end an accept', async () => {
    let signals = 0;
    const count = (): void => void signals++;
    process.on('SIGUSR1', count);
    try {
      await using listener = await Listener();
      const accepted = listener.accept();
      process.kill(process.pid, 'SIGUSR1');
      await once(process, 'SIGUSR1');
      const client = await Client(listener.address);
      const connection = await accepted;
      await connection.send('welcome');
      assert.equal(await client.recv(), 'welcome');
      client.close();
      connection.close();
    } finally {
      process.removeListener('SIGUSR1', count);
    }
    assert.equal(signals, 1);
  });
});
