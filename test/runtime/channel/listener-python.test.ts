import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, test } from 'node:test';
import {
  addressType,
  answerChallenge,
  Client,
  deliverChallenge,
  families,
  Listener,
  Pipe,
  Process,
  type Connection,
} from 'manycore';
import * as tasks from './fixtures/netTasks.js';

const DEADLINE = 60_000;
const CHALLENGE = Buffer.from('#CHALLENGE#');

describe('Listener and Client, as in Python', { timeout: DEADLINE * 2 }, () => {
  for (const family of families) {
    test(`test_multiple_bind: an address is taken once (${family})`, async () => {
      await using listener = await Listener({ family });
      await assert.rejects(Listener({ address: listener.address, family }), { name: 'OSError', code: 'EADDRINUSE' });
    });

    test(`test_listener_client: a process connects and is heard (${family})`, async () => {
      await using listener = await Listener({ family });
      const p = new Process({ target: tasks.sayHello, args: [listener.address] });
      p.start();
      const connection = await listener.accept();
      assert.equal(await connection.recv(), 'hello');
      await assert.rejects(connection.recv(), { name: 'EOFError' });
      await p.join();
      assert.equal(p.exitCode, 0);
    });

    test(`test_issue14725: what a client wrote before it left is read after that (${family})`, async () => {
      await using listener = await Listener({ family });
      const p = new Process({ target: tasks.sayHello, args: [listener.address] });
      p.start();
      await p.join();
      const connection = await listener.accept();
      assert.equal(await connection.recv(), 'hello');
      connection.close();
    });

    test(`test_issue16955: an accepted connection can be polled (${family})`, async () => {
      await using listener = await Listener({ family });
      const client = await Client(listener.address);
      const connection = await listener.accept();
      await connection.sendBytes(Buffer.from('hello'));
      assert.equal(await client.poll({ timeout: 1000 }), true);
      client.close();
      connection.close();
    });
  }

  test('test_context: disposing closes; accept after that is an OSError', async () => {
    const held = await Listener();
    {
      await using listener = held;
      const client = await Client(listener.address);
      const connection = await listener.accept();
      await client.send(1729);
      assert.equal(await connection.recv(), 1729);
      client.close();
      connection.close();
    }
    await assert.rejects(held.accept(), { name: 'OSError', message: 'listener is closed' });
    held.close();
  });

  test('test_empty_authkey: no bytes at all are a key', async () => {
    await using listener = await Listener({ authKey: new Uint8Array() });
    const client = Client(listener.address, { authKey: new Uint8Array() });
    const connection = await listener.accept();
    await (await client).send(1729);
    assert.equal(await connection.recv(), 1729);
    const [without, accepted] = await Promise.allSettled([
      Client(listener.address, { authKey: Buffer.from('another') }),
      listener.accept(),
    ]);
    assert.equal(without.status, 'rejected');
    assert.equal(accepted.status, 'rejected');
  });

  test(
    'test_abstract_socket: an address without a file',
    { skip: process.platform !== 'linux' && 'Linux only' },
    async () => {
      const address = `\0manycore-test-${process.pid}`;
      await using listener = await Listener({ address });
      assert.equal(addressType(listener.address as string), 'AF_UNIX');
      const client = await Client(listener.address);
      client.close();
      const connection = await listener.accept();
      await assert.rejects(connection.recv(), { name: 'EOFError' });
      assert.equal(fs.existsSync(address.replace('\0', '')), false);
    },
  );

  test(
    'test_invalid_family: a pipe address where there are no pipes',
    { skip: process.platform === 'win32' },
    async () => {
      await assert.rejects(Listener({ address: String.raw`\\.\test` }), { name: 'ValueError' });
      await assert.rejects(Client(String.raw`\\.\test`), { name: 'ValueError' });
    },
  );

  test('test_invalid_family_win32: a path on Windows', { skip: process.platform !== 'win32' }, async () => {
    await assert.rejects(Listener({ address: '/var/test.pipe' }), { name: 'ValueError' });
  });

  test('addresses and keys that are none', async () => {
    await assert.rejects(Listener({ authKey: 'text' as unknown as Uint8Array }), { name: 'TypeError' });
    await assert.rejects(Client('/nowhere', { authKey: 'text' as unknown as Uint8Array }), { name: 'TypeError' });
    await assert.rejects(Client(7 as unknown as string), { name: 'ValueError', message: /address type of 7/ });
    await assert.rejects(Client(['localhost', 70_000]), { name: 'ValueError' });
    await assert.rejects(Client(['localhost', 1.5]), { name: 'TypeError' });
    await assert.rejects(Listener({ family: 'AF_INET', address: '/a/path' }), { name: 'TypeError' });
    await assert.rejects(Listener({ address: `/tmp/${'x'.repeat(200)}` }), { name: 'OSError', code: 'ENAMETOOLONG' });
    assert.deepEqual(
      [addressType('/a'), addressType(['h', 1]), addressType({ host: 'h', port: 1 })],
      ['AF_UNIX', 'AF_INET', 'AF_INET'],
    );
  });

  test('the address has its port, the last peer its address; IPv6 and { host, port } are addresses', async () => {
    for (const host of ['127.0.0.1', '::1', 'localhost']) {
      await using listener = await Listener({ address: { host, port: 0 } });
      const [at, port] = listener.address as readonly [string, number];
      assert.ok(port > 0);
      assert.equal(listener.lastAccepted, null);
      const client = await Client({ host, port });
      const connection = await listener.accept();
      assert.equal(listener.lastAccepted?.[0], at);
      await client.send('there');
      assert.equal(await connection.recv(), 'there');
      client.close();
      connection.close();
    }
  });

  test('a port that has been closed can be listened at again at once', async () => {
    const first = await Listener({ family: 'AF_INET' });
    const { address } = first;
    const client = await Client(address);
    const connection = await first.accept();
    first.close();
    await using second = await Listener({ address });
    assert.deepEqual(second.address, address);
    await client.send('the old connection lives on');
    assert.equal(await connection.recv(), 'the old connection lives on');
    client.close();
    connection.close();
  });

  test('nobody listens there', async () => {
    const listener = await Listener({ family: 'AF_INET' });
    const { address } = listener;
    listener.close();
    await assert.rejects(Client(address), { name: 'OSError', code: 'ECONNREFUSED' });
    await assert.rejects(Client('/tmp/nobody-listens-here'), { name: 'OSError', code: 'ENOENT' });
  });
});

describe('authentication, as in Python', { timeout: DEADLINE }, () => {
  const key = Buffer.from('a key that both sides know');

  test('test_deliver_challenge_auth_failure: a bogus answer', async () => {
    const [ours, theirs] = Pipe();
    const delivered = deliverChallenge(ours, Buffer.from('abc'));
    const challenge = await theirs.recvBytes();
    assert.ok(challenge.subarray(0, 11).equals(CHALLENGE));
    assert.equal(challenge.toString('latin1', 11, 19), '{sha256}');
    assert.equal(challenge.length, 11 + 8 + 40);
    await theirs.sendBytes(Buffer.from('something bogus'));
    await assert.rejects(delivered, { name: 'AuthenticationError' });
    assert.equal((await theirs.recvBytes()).toString(), '#FAILURE#');
  });

  test('test_answer_challenge_auth_failure: a bogus challenge, then a bogus welcome', async () => {
    const [ours, theirs] = Pipe();
    await theirs.sendBytes(Buffer.from('something bogus'));
    await assert.rejects(answerChallenge(ours, Buffer.from('abc')), {
      name: 'AuthenticationError',
      message: /expected challenge/,
    });
    const answered = answerChallenge(ours, Buffer.from('abc'));
    await theirs.sendBytes(Buffer.concat([CHALLENGE, Buffer.from('{sha256}'), Buffer.alloc(40)]));
    assert.equal((await theirs.recvBytes()).length, 8 + 32);
    await theirs.sendBytes(Buffer.from('something bogus'));
    await assert.rejects(answered, { name: 'AuthenticationError', message: 'digest sent was rejected' });
  });

  test('test_challengeresponse: the digests of Python, MD5 only when asked for', async () => {
    const both = async (challenge: Buffer, legacyMd5: boolean): Promise<Buffer> => {
      const [ours, theirs] = Pipe();
      using _ours = ours;
      using _theirs = theirs;
      const answered = answerChallenge(ours, key, { legacyMd5 });
      await theirs.sendBytes(Buffer.concat([CHALLENGE, challenge]));
      const received = theirs.recvBytes();
      received.catch(() => undefined);
      const answer = await Promise.race([received, answered]);
      await theirs.sendBytes(Buffer.from('#WELCOME#'));
      await answered;
      return answer as Buffer;
    };
    const random = Buffer.alloc(40, 7);
    for (const [name, length] of [
      ['sha256', 32],
      ['sha384', 48],
      ['sha3_256', 32],
      ['sha3_384', 48],
    ] as const) {
      const answer = await both(Buffer.concat([Buffer.from(`{${name}}`), random]), false);
      assert.equal(answer.toString('latin1', 0, name.length + 2), `{${name}}`);
      assert.equal(answer.length, name.length + 2 + length);
    }
    assert.equal((await both(Buffer.alloc(20, 7), true)).length, 16);
    await assert.rejects(both(Buffer.alloc(20, 7), false), { name: 'AuthenticationError', message: /legacyMd5/ });
    for (const challenge of [
      Buffer.alloc(19, 7),
      Buffer.alloc(21, 7),
      Buffer.concat([Buffer.from('{md5}'), random]),
      Buffer.concat([Buffer.from('{sha1}'), random]),
      Buffer.concat([Buffer.from('{sha256'), random]),
      Buffer.concat([Buffer.from('{}'), random]),
    ]) {
      await assert.rejects(both(challenge, true), { name: 'AuthenticationError' }, challenge.toString('latin1'));
    }
  });

  test('the two functions, one on each side', async () => {
    const [a, b] = Pipe();
    await Promise.all([deliverChallenge(a, key), answerChallenge(b, key)]);
    await Promise.all([answerChallenge(a, key), deliverChallenge(b, key)]);
    await assert.rejects(deliverChallenge(a, 'text' as unknown as Uint8Array), { name: 'ValueError' });
    const wrong = await Promise.allSettled([deliverChallenge(a, key), answerChallenge(b, Buffer.from('wrong'))]);
    assert.deepEqual(
      wrong.map(each => each.status === 'rejected' && (each.reason as Error).message),
      ['digest received was wrong', 'digest sent was rejected'],
    );
  });

  test('a challenge of ours that comes back is not answered', async () => {
    const [ours, theirs] = Pipe();
    const delivered = deliverChallenge(ours, key);
    const challenge = await theirs.recvBytes();
    await theirs.sendBytes(Buffer.from('no answer'));
    await assert.rejects(delivered, { name: 'AuthenticationError' });
    assert.equal((await theirs.recvBytes()).toString(), '#FAILURE#');
    await theirs.sendBytes(challenge);
    await assert.rejects(answerChallenge(ours, key), { name: 'AuthenticationError', message: /challenge of ours/ });
  });

  test('a wrong key fails on both sides, and the next is let in', async () => {
    await using listener = await Listener({ authKey: key });
    for (let i = 0; i < 3; i++) {
      const [client, accepted] = await Promise.allSettled([
        Client(listener.address, { authKey: Buffer.from('another') }),
        listener.accept(),
      ]);
      assert.equal(client.status === 'rejected' && (client.reason as Error).name, 'AuthenticationError');
      assert.equal(accepted.status === 'rejected' && (accepted.reason as Error).name, 'AuthenticationError');
    }
    // One side after the other: the outcome waits for who accepts.
    await assert.rejects(Client(listener.address, { authKey: new Uint8Array() }), { name: 'AuthenticationError' });
    await assert.rejects(listener.accept(), { name: 'AuthenticationError' });
    const client = await Client(listener.address, { authKey: key });
    const connection = await listener.accept();
    await connection.send('welcome');
    assert.equal(await client.recv(), 'welcome');
    connection.close();
    client.close();
  });

  test('processes of one program share a key without being told: that of the process', async () => {
    await using listener = await Listener({ authKey: true });
    const p = new Process({ target: tasks.loginWithOwnKey, args: [listener.address] });
    p.start();
    const connection: Connection = await listener.accept();
    assert.equal(typeof (await connection.recv()), 'string');
    await p.join();
  });
});
