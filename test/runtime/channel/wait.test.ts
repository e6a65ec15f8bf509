import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import net from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import { Client, Listener, Pipe, Process, wait, waitSync, type Connection } from 'manycore';
import * as tasks from './fixtures/netTasks.js';

const DEADLINE = 60_000;

async function sockets(): Promise<[net.Socket, net.Socket]> {
  const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const client = net.connect(port, '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [net.Socket];
  server.close();
  return [client, accepted];
}

describe('wait', { timeout: DEADLINE * 2 }, () => {
  test('answers everything that is ready, of whatever kind, in the order of the list', async () => {
    const [a, b] = Pipe();
    await using listener = await Listener();
    const client = await Client(listener.address);
    const accepted = await listener.accept();
    const [there, here] = await sockets();
    const p = new Process({ target: tasks.doNothing });
    p.start();
    await p.join();
    const list = [here, p.sentinel, accepted, listener, a];
    assert.deepEqual(await wait(list), [p.sentinel]);
    there.write('x');
    await client.send('x');
    await b.send('x');
    const next = await Client(listener.address);
    for (let i = 0; i < 200 && (await wait(list)).length < list.length; i++);
    assert.deepEqual(await wait(list), list);
    assert.deepEqual(await wait([...list].reverse()), [...list].reverse());
    // Nothing was taken.
    assert.equal((here.read() as Buffer).toString(), 'x');
    assert.equal(await accepted.recv(), 'x');
    assert.equal(await a.recv(), 'x');
    (await listener.accept()).close();
    for (const each of [client, next, accepted]) each.close();
    there.destroy();
    here.destroy();
  });

  test('what the system has already is found by who does not want to wait', async () => {
    await using listener = await Listener();
    const client = await Client(listener.address);
    const accepted = await listener.accept();
    await client.send('x');
    assert.deepEqual(await wait([accepted], { timeout: 0 }), [accepted]);
    const [there, here] = await sockets();
    await new Promise(resolve => there.write('x', resolve));
    assert.deepEqual(await wait([here], { timeout: -1 }), [here]);
    client.close();
    accepted.close();
    there.destroy();
    here.destroy();
  });

  test('a peer that has closed or died counts as ready', async () => {
    const [a, b] = Pipe();
    const [reader, writer] = Pipe({ duplex: false });
    const p = new Process({ target: tasks.waitForWord, args: [b] });
    p.start();
    b.close();
    const waiting = wait([a]);
    p.kill();
    assert.deepEqual(await waiting, [a]);
    assert.deepEqual(await wait([p.sentinel]), [p.sentinel]);
    assert.equal(p.exitCode, -9);
    writer.close();
    assert.deepEqual(await wait([reader]), [reader]);
    const [there, here] = await sockets();
    there.end();
    assert.deepEqual(await wait([here]), [here]);
    assert.deepEqual(await wait([here]), [here]);
    assert.equal(here.read(), null);
    const [gone, left] = await sockets();
    gone.resetAndDestroy();
    left.on('error', () => undefined);
    assert.deepEqual(await wait([left]), [left]);
    there.destroy();
    here.destroy();
    await p.join();
  });

  test('two tasks wait for the same objects; each is told', async () => {
    const [a, b] = Pipe();
    await using listener = await Listener();
    const list = [a, listener];
    const waits = [wait(list), wait(list), wait([...list].reverse())];
    await b.send('x');
    for (const ready of await Promise.all(waits)) assert.deepEqual(ready, [a]);
    assert.equal(await a.recv(), 'x');
  });

  test('who only looks keeps no message from who takes it', async () => {
    const [a, b] = Pipe();
    const looking = wait([a]);
    const received = a.recv();
    await b.send('x');
    assert.equal(await received, 'x');
    // The one that looked found nothing any more: it waits on.
    await b.send('y');
    assert.deepEqual(await looking, [a]);
    assert.equal(await a.recv(), 'y');
  });

  test("a signal's reason ends it; the objects are as before", async () => {
    const [a, b] = Pipe();
    const stop = new AbortController();
    const waiting = wait([a], { signal: stop.signal });
    stop.abort(new Error('enough'));
    await assert.rejects(waiting, { message: 'enough' });
    await assert.rejects(wait([a], { signal: stop.signal }), { message: 'enough' });
    await b.send(1);
    assert.equal(await a.recv(), 1);
  });

  test('what is closed, or nothing to wait for, is refused by its place', async () => {
    const [a, b] = Pipe();
    const [, writer] = Pipe({ duplex: false });
    await assert.rejects(wait([writer]), { name: 'OSError', message: 'connection is write-only' });
    const waiting = wait([a, b]);
    a.close();
    await assert.rejects(waiting, { name: 'OSError', message: 'handle is closed' });
    await assert.rejects(wait([b, a]), { name: 'OSError', message: 'handle is closed' });
    await assert.rejects(wait([b, b]), { name: 'ValueError', message: /objects\[1\] is in the list twice/ });
    await assert.rejects(wait([b, 7 as unknown as Connection]), { name: 'TypeError', message: /objects\[1\].*7/ });
    await assert.rejects(wait([b, null as unknown as Connection]), {
      name: 'TypeError',
      message: /objects\[1\].*null/,
    });
    assert.deepEqual(await wait([]), []);
    assert.deepEqual(waitSync([]), []);
  });

  test('streams of any kind; one that flows keeps flowing to its own listener', async () => {
    const stream = new PassThrough();
    assert.deepEqual(await wait([stream], { timeout: 10 }), []);
    const waiting = wait([stream]);
    stream.write('x');
    assert.deepEqual(await waiting, [stream]);
    assert.equal(stream.read()?.toString(), 'x');

    const [there, here] = await sockets();
    let heard = '';
    here.on('data', (chunk: Buffer) => (heard += chunk.toString()));
    here.resume();
    const flowing = wait([here]);
    there.write('abc');
    assert.deepEqual(await flowing, [here]);
    there.write('def');
    while (heard.length < 6) await once(here, 'data');
    assert.equal(heard, 'abcdef');
    there.destroy();
    here.destroy();
  });

  test('thousands of waits leave nothing behind', async () => {
    const [a, b] = Pipe();
    await using listener = await Listener();
    const client = await Client(listener.address);
    const accepted = await listener.accept();
    const [there, here] = await sockets();
    const [word, theirs] = Pipe();
    const p = new Process({ target: tasks.waitForWord, args: [theirs] });
    p.start();
    const stop = new AbortController();
    const listeners = (): number =>
      here.eventNames().reduce((sum, name) => sum + here.listenerCount(name), 0) +
      getEventListeners(stop.signal, 'abort').length;
    const before = listeners();
    const list = [a, p.sentinel, accepted, listener, here];
    for (let i = 0; i < 2000; i++) {
      const waiting = wait(list, { signal: stop.signal, timeout: 1000 });
      await b.send(i);
      assert.deepEqual(await waiting, [a]);
      assert.equal(await a.recv(), i);
    }
    for (let i = 0; i < 500; i++) assert.deepEqual(await wait(list, { timeout: 0, signal: stop.signal }), []);
    assert.equal(listeners(), before);
    await word.send('end');
    assert.deepEqual(await wait(list), [p.sentinel]);
    client.close();
    accepted.close();
    there.destroy();
    here.destroy();
  });
});

describe('waitSync', { timeout: DEADLINE }, () => {
  test('ends of pipes and sentinels, blocking the thread', () => {
    const [word, theirs] = Pipe();
    const [reader, writer] = Pipe({ duplex: false });
    const p = new Process({ target: tasks.writeTen, args: [writer, true] });
    const q = new Process({ target: tasks.waitForWord, args: [theirs] });
    p.start();
    q.start();
    writer.close();
    assert.deepEqual(waitSync([q.sentinel, word], { timeout: 20 }), []);
    let count = 0;
    for (;;) {
      assert.deepEqual(waitSync([word, reader, q.sentinel], { timeout: DEADLINE }), [reader]);
      try {
        reader.recvSync();
      } catch (error) {
        assert.equal((error as Error).name, 'EOFError');
        break;
      }
      count++;
    }
    assert.equal(count, 10);
    word.sendSync('end');
    assert.deepEqual(waitSync([q.sentinel], { timeout: DEADLINE }), [q.sentinel]);
    assert.deepEqual(waitSync([word, q.sentinel, p.sentinel], { timeout: -1 }).includes(q.sentinel), true);
  });

  test('names what it cannot wait for', async () => {
    const [a] = Pipe();
    await using listener = await Listener();
    const stream = new PassThrough();
    assert.throws(() => waitSync([a, listener]), { name: 'RuntimeError', message: /objects\[1\], a Listener,/ });
    assert.throws(() => waitSync([stream as unknown as Connection]), {
      name: 'RuntimeError',
      message: /objects\[0\], a PassThrough,/,
    });
  });
});
