import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Listener, Pipe, Process, wait, type Address, type Connection } from 'manycore';
import * as tasks from './fixtures/netTasks.js';

const DEADLINE = 60_000;
const key = Buffer.from('key');

const frame = (bytes: Buffer): Buffer => {
  const header = Buffer.alloc(4);
  header.writeInt32BE(bytes.length);
  return Buffer.concat([header, bytes]);
};

/** A stranger who speaks bytes; `heard` resolves with what he has been told when he is hung up on. */
async function stranger(address: Address): Promise<{ socket: net.Socket; heard: Promise<Buffer> }> {
  const socket = net.connect(address as string);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // Who is hung up on while a byte of his is still unread is told ECONNRESET, which `once` would reject with.
  const heard = new Promise<Buffer>(resolve => socket.once('close', () => resolve(Buffer.concat(chunks))));
  return { socket, heard };
}

async function letIn(listener: Listener): Promise<void> {
  const [client, connection] = await Promise.all([Client(listener.address, { authKey: key }), listener.accept()]);
  await client.send('let in');
  assert.equal(await connection.recv(), 'let in');
  client.close();
  connection.close();
}

test("Python's authkey, and whatever else is no option, is refused: nobody listens without the key that was meant", async () => {
  const message = "Listener has no option 'authkey'. Did you mean 'authKey'?";
  await assert.rejects(Listener({ authkey: key } as object), { name: 'TypeError', message });
  await assert.rejects(Listener(['127.0.0.1', 0] as object), /the options of Listener must be an object, not an array/);
  await using listener = await Listener();
  await assert.rejects(Client(listener.address, { authkey: key } as object), /Client has no option 'authkey'/);
  await assert.rejects(Client(listener.address, key as object), { name: 'TypeError' });
});

describe('strangers', { timeout: DEADLINE * 2 }, () => {
  test('who are silent do not keep others out, and are shown the door in time', async () => {
    await using listener = await Listener({ authKey: key, handshakeTimeout: 300 });
    const silent = await Promise.all(Array.from({ length: 20 }, () => stranger(listener.address)));
    await letIn(listener);
    for (const { heard } of silent) assert.equal((await heard).toString('latin1', 4, 15), '#CHALLENGE#');
    for (let i = 0; i < silent.length; i++) {
      await assert.rejects(listener.accept(), { name: 'AuthenticationError', message: /in time/ });
    }
    await letIn(listener);
  });

  test('who are many are shown the door, the first to come first', async () => {
    await using listener = await Listener({ authKey: key, handshakeTimeout: DEADLINE });
    const silent = [];
    for (let i = 0; i < 256; i++) silent.push(await stranger(listener.address));
    const client = await Client(listener.address, { authKey: key });
    await assert.rejects(listener.accept(), { name: 'AuthenticationError', message: /too many others/ });
    await silent[0]?.heard;
    assert.equal(silent[1]?.socket.closed, false);
    await (await listener.accept()).send('let in');
    assert.equal(await client.recv(), 'let in');
    for (const { socket } of silent) socket.destroy();
  });

  test('who drip their answer byte by byte are shown the door in time', async () => {
    await using listener = await Listener({ authKey: key, handshakeTimeout: 300 });
    const { socket, heard } = await stranger(listener.address);
    const answer = frame(Buffer.alloc(40));
    const drip = (async () => {
      for (const byte of answer) {
        if (socket.destroyed) return;
        socket.write(Buffer.of(byte));
        await sleep(50);
      }
    })();
    await assert.rejects(listener.accept(), { name: 'AuthenticationError', message: /in time/ });
    await heard;
    await drip;
    await letIn(listener);
  });

  for (const [what, bytes] of [
    ['announce 2^40 bytes', Buffer.from('ffffffff0000010000000000', 'hex')],
    ['announce 2 GiB', Buffer.from('7fffffff', 'hex')],
    ['announce 257 bytes', Buffer.from('00000101', 'hex')],
    ['announce less than nothing', Buffer.from('fffffff0', 'hex')],
    ['send the challenge back as their answer', undefined],
    ['answer with nothing', frame(Buffer.alloc(0))],
    ['answer with MD5', frame(Buffer.alloc(16))],
    ['answer with a digest nobody knows', frame(Buffer.from('{sha1}01234567890123456789'))],
    ['speak HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ] as const) {
    test(`who ${what} fail to log in, and nothing else`, async () => {
      await using listener = await Listener({ authKey: key });
      const { socket, heard } = await stranger(listener.address);
      if (bytes === undefined) socket.once('data', (chunk: Buffer) => socket.write(chunk));
      else socket.write(bytes);
      await assert.rejects(listener.accept(), { name: 'AuthenticationError' });
      await heard;
      await letIn(listener);
    });
  }

  test('who hang up at any point fail to log in, and nothing else', async () => {
    await using listener = await Listener({ authKey: key });
    for (const words of [[], [Buffer.of(0)], [frame(Buffer.alloc(30)).subarray(0, 20)]]) {
      const { socket } = await stranger(listener.address);
      for (const word of words) socket.write(word);
      socket.end();
      await assert.rejects(listener.accept(), { name: 'AuthenticationError' });
    }
    await letIn(listener);
    await using overTcp = await Listener({ authKey: key, family: 'AF_INET' });
    const dead = net.connect(overTcp.address[1] as number, '127.0.0.1');
    await once(dead, 'data');
    dead.resetAndDestroy();
    await assert.rejects(overTcp.accept(), { name: 'AuthenticationError' });
    await letIn(overTcp);
  });

  test('what comes right behind the proof, in one piece with it, is taken however long it is', async () => {
    const proof = (challenge: Buffer): Buffer =>
      Buffer.concat([Buffer.from('{sha256}'), createHmac('sha256', key).update(challenge).digest()]);
    await using listener = await Listener({ authKey: key, family: 'AF_INET' });
    const socket = net.connect(listener.address[1] as number, '127.0.0.1');
    const accepted = listener.accept();
    const [challenge] = (await once(socket, 'data')) as [Buffer];
    socket.write(frame(proof(challenge.subarray(4 + 11))));
    await once(socket, 'data');
    socket.write(frame(Buffer.concat([Buffer.from('#CHALLENGE#{sha256}'), Buffer.alloc(40)])));
    await once(socket, 'data');
    const long = Buffer.alloc(100_000, 'x');
    socket.write(Buffer.concat([frame(Buffer.from('#WELCOME#')), frame(long), frame(Buffer.from('next'))]));
    const connection = await accepted;
    assert.ok((await connection.recvBytes()).equals(long));
    assert.equal((await connection.recvBytes()).toString(), 'next');
    socket.destroy();
  });

  test('a crowd of clients at once: who does not fit into the queue waits', async () => {
    await using listener = await Listener({ authKey: key, backlog: 1 });
    const clients = Array.from({ length: 200 }, () => Client(listener.address, { authKey: key }));
    for (let i = 0; i < 200; i++) (await listener.accept()).close();
    for (const client of await Promise.all(clients)) client.close();
  });

  test('a thousand failed logins leave no descriptor', { skip: process.platform !== 'linux' }, async () => {
    await using listener = await Listener({ authKey: key });
    await letIn(listener);
    const before = tasks.openFiles();
    for (let round = 0; round < 100; round++) {
      const wrong = { authKey: Buffer.from('wrong') };
      const logins = Array.from({ length: 10 }, () => Client(listener.address, wrong));
      for (const login of await Promise.allSettled(logins)) assert.equal(login.status, 'rejected');
    }
    // Nobody accepted: the outcomes that are kept are few.
    let failures = 0;
    for (;;) {
      const outcome = await listener.accept({ timeout: 0 }).catch((error: unknown) => (error as Error).name);
      if (outcome !== 'AuthenticationError') break;
      failures++;
    }
    assert.ok(failures > 0 && failures <= 64, `${failures} failures are kept`);
    await letIn(listener);
    for (let i = 0; i < 100 && tasks.openFiles() > before; i++) await sleep(20);
    assert.ok(tasks.openFiles() <= before, `${tasks.openFiles()} open, ${before} before`);
  });

  test('who play the listener cannot have one client answer for another', async () => {
    // Two clients of this process come; what the first asks is put to the second.
    const server = net.createServer();
    const address = path.join(fs.mkdtempSync('/tmp/manycore-test-'), 'fake');
    server.listen(address);
    await once(server, 'listening');
    const came: net.Socket[] = [];
    const both = new Promise<void>(resolve => {
      server.on('connection', socket => {
        socket.on('error', () => undefined);
        if (came.push(socket) === 2) resolve();
      });
    });
    const clients = [Client(address, { authKey: key }), Client(address, { authKey: key })];
    const outcomes = Promise.allSettled(clients);
    await both;
    const [first, second] = came as [net.Socket, net.Socket];
    first.write(frame(Buffer.concat([Buffer.from('#CHALLENGE#{sha256}'), Buffer.alloc(40, 1)])));
    await once(first, 'data');
    first.write(frame(Buffer.from('#WELCOME#')));
    const [challenge] = (await once(first, 'data')) as [Buffer];
    assert.equal(challenge.toString('latin1', 4, 15), '#CHALLENGE#');
    second.write(challenge);
    await once(second, 'end');
    first.end();
    for (const outcome of await outcomes) assert.equal(outcome.status, 'rejected');
    const reasons = (await outcomes).map(each => (each.status === 'rejected' ? (each.reason as Error).message : ''));
    assert.match(reasons[1] ?? '', /challenge of ours/);
    server.close();
    fs.rmSync(path.dirname(address), { recursive: true });
  });
});

describe('clients', { timeout: DEADLINE * 2 }, () => {
  test('whose listener dies between challenge and answer', async () => {
    const server = net.createServer(socket => {
      socket.write(frame(Buffer.concat([Buffer.from('#CHALLENGE#{sha256}'), Buffer.alloc(40)])));
      socket.once('data', () => socket.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    await assert.rejects(Client(['127.0.0.1', port], { authKey: key }), { name: 'EOFError' });
    server.close();
  });

  test('whose listener is killed while they wait to be let in', async () => {
    const [ours, theirs] = Pipe<Address>();
    const p = new Process({ target: tasks.listenAndWait, args: [theirs] });
    p.start();
    const address = await ours.recv();
    const login = Client(address, { authKey: key });
    login.catch(() => undefined);
    await sleep(50);
    p.kill();
    await p.join();
    await assert.rejects(login, (error: Error) => ['EOFError', 'OSError'].includes(error.name));
    await assert.rejects(Client(address), { name: 'OSError', code: 'ECONNREFUSED' });
    fs.rmSync(path.dirname(address as string), { recursive: true });
  });

  test('give up after a time, or when they are told to', async () => {
    await using listener = await Listener();
    const start = performance.now();
    await assert.rejects(Client(listener.address, { authKey: key, timeout: 100 }), { name: 'TimeoutError' });
    assert.ok(performance.now() - start < 5000);
    const stop = new AbortController();
    const login = Client(listener.address, { authKey: key, signal: stop.signal });
    stop.abort(new Error('enough'));
    await assert.rejects(login, { message: 'enough' });
    await assert.rejects(Client(listener.address, { signal: AbortSignal.abort(new Error('before')) }), /before/);
  });
});

describe('a listener', { timeout: DEADLINE }, () => {
  test('gives up an accept after a time or when told to, and serves accepts in order', async () => {
    await using listener = await Listener();
    await assert.rejects(listener.accept({ timeout: 50 }), { name: 'TimeoutError' });
    await assert.rejects(listener.accept({ timeout: -1 }), { name: 'TimeoutError' });
    const stop = new AbortController();
    const accepted = listener.accept({ signal: stop.signal });
    stop.abort(new Error('enough'));
    await assert.rejects(accepted, { message: 'enough' });
    const [first, second] = [listener.accept(), listener.accept()];
    const a = await Client(listener.address);
    await a.send('a');
    const b = await Client(listener.address);
    await b.send('b');
    assert.deepEqual([await (await first).recv(), await (await second).recv()], ['a', 'b']);
    a.close();
    b.close();
  });

  test('that is closed fails its accepts, hangs up on who was not accepted, and leaves no file', async () => {
    const listener = await Listener({ authKey: key });
    const folder = path.dirname(listener.address as string);
    assert.equal(fs.statSync(folder).mode & 0o777, 0o700);
    const client = await Client(listener.address, { authKey: key });
    const silent = await stranger(listener.address);
    await once(silent.socket, 'data');
    listener.close();
    listener.close();
    await assert.rejects(client.recv(), { name: 'EOFError' });
    await silent.heard;
    client.close();
    assert.equal(fs.existsSync(folder), false);
    const other = await Listener();
    const accepted = other.accept();
    const ready = wait([other]);
    other.close();
    await assert.rejects(accepted, { name: 'OSError', message: 'listener is closed' });
    await assert.rejects(ready, { name: 'OSError' });
  });

  test('leaves no file when its process ends', async () => {
    const [ours, theirs] = Pipe<Address>();
    const p = new Process({ target: tasks.listenAndWait, args: [theirs] });
    p.start();
    const address = (await ours.recv()) as string;
    assert.equal(fs.existsSync(address), true);
    await ours.send('end');
    await p.join();
    assert.equal(fs.existsSync(path.dirname(address)), false);
  });

  test("somebody's left-over file is in the way, as in Python", async () => {
    const [ours, theirs] = Pipe<Address>();
    const p = new Process({ target: tasks.listenAndWait, args: [theirs] });
    p.start();
    const address = (await ours.recv()) as string;
    p.kill();
    await p.join();
    await assert.rejects(Listener({ address }), { name: 'OSError', code: 'EADDRINUSE' });
    fs.unlinkSync(address);
    await using again = await Listener({ address });
    assert.equal(again.address, address);
    again.close();
    fs.rmSync(path.dirname(address), { recursive: true });
  });

  test('is a sequence of connections, without those who failed to log in', async () => {
    const listener = await Listener({ authKey: key });
    const words: unknown[] = [];
    const serving = (async () => {
      for await (const connection of listener) {
        words.push(await connection.recv());
        if (words.length === 2) listener.close();
      }
    })();
    await assert.rejects(Client(listener.address, { authKey: Buffer.from('wrong') }), { name: 'AuthenticationError' });
    for (const word of ['one', 'two']) {
      const client = await Client(listener.address, { authKey: key });
      await client.send(word);
    }
    await serving;
    assert.deepEqual(words, ['one', 'two']);
  });

  test('alone does not keep its process alive, nor does a connection that nobody waits for', async () => {
    const [ours, theirs] = Pipe<Address>();
    const p = new Process({ target: tasks.listenOnly, args: [theirs] });
    p.start();
    await p.join({ timeout: DEADLINE });
    assert.equal(p.exitCode, 0);
    ours.close();
  });

  test('can be waited for: ready when somebody has come in', async () => {
    await using listener = await Listener({ authKey: key });
    assert.deepEqual(await wait([listener], { timeout: 10 }), []);
    const ready = wait([listener]);
    const client = await Client(listener.address, { authKey: key });
    assert.deepEqual(await ready, [listener]);
    assert.deepEqual(await wait([listener], { timeout: 0 }), [listener]);
    const connection: Connection = await listener.accept();
    assert.deepEqual(await wait([listener], { timeout: 0 }), []);
    connection.close();
    client.close();
  });
});
