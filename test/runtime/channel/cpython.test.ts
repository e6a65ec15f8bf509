import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client, Listener, type Address, type Connection } from 'manycore';
import { noPython, onlyMd5, python } from './fixtures/cpython.js';

const DEADLINE = 60_000;
const key = Buffer.from('a key that both sides know');
const legacyMd5 = onlyMd5;

/** Messages of all sizes go there and come back; an empty one ends it. */
async function useEcho(connection: Connection): Promise<void> {
  for (const size of [1, 4, 16_380, 16_385, 70_000, 3 * 1024 * 1024]) {
    const bytes = Buffer.alloc(size, `${size} `);
    const sent = connection.sendBytes(bytes);
    assert.ok((await connection.recvBytes()).equals(bytes), `${size} bytes`);
    await sent;
  }
  await connection.sendBytes(Buffer.alloc(0));
  await assert.rejects(connection.recvBytes(), { name: 'EOFError' });
  connection.close();
}

const addressOf = (text: string): Address => JSON.parse(text) as Address;

describe('with CPython on the other side', { timeout: DEADLINE * 2, skip: noPython }, () => {
  for (const family of ['AF_INET', 'AF_UNIX'] as const) {
    test(`CPython listens, this library connects (${family})`, async () => {
      const py = python(
        `
import json
with Listener(family=sys.argv[1], authkey=sys.argv[2].encode()) as listener:
    print(json.dumps(listener.address))
    while True:
        try:
            connection = listener.accept()
        except AuthenticationError as error:
            print(error)
        else:
            break
    echo(connection)
`,
        family,
        key.toString(),
      );
      const address = addressOf(await py.line());
      await assert.rejects(Client(address, { authKey: Buffer.from('wrong'), legacyMd5 }), {
        name: 'AuthenticationError',
        message: 'digest sent was rejected',
      });
      assert.equal(await py.line(), 'digest received was wrong');
      await useEcho(await Client(address, { authKey: key, legacyMd5 }));
      assert.equal(await py.ended, 0);
    });

    test(`this library listens, CPython connects (${family})`, async () => {
      await using listener = await Listener({ family, authKey: key, legacyMd5 });
      const py = python(
        `
import json
address = json.loads(sys.argv[2])
address = address if isinstance(address, str) else tuple(address)
try:
    Client(address, authkey=b'wrong')
except AuthenticationError as error:
    print(error)
echo(Client(address, family=sys.argv[1], authkey=sys.argv[3].encode()))
`,
        family,
        JSON.stringify(listener.address),
        key.toString(),
      );
      await assert.rejects(listener.accept(), { name: 'AuthenticationError', message: 'digest received was wrong' });
      assert.equal(await py.line(), 'digest sent was rejected');
      await useEcho(await listener.accept());
      assert.equal(await py.ended, 0);
    });
  }

  test('the digests of CPython 3.12 and later, CPython listening', async () => {
    const py = python(
      `
with Listener() as listener:
    print(listener.address)
    for _ in range(2):
        connection = listener.accept()
        try:
            authenticate(connection, sys.argv[1].encode(), True)
        except AuthenticationError as error:
            print(error)
        else:
            echo(connection)
`,
      key.toString(),
    );
    const address = await py.line();
    await assert.rejects(Client(address, { authKey: Buffer.from('wrong') }), { name: 'AuthenticationError' });
    assert.equal(await py.line(), 'digest received was wrong');
    await useEcho(await Client(address, { authKey: key }));
    assert.equal(await py.ended, 0);
  });

  test('the digests of CPython 3.12 and later, CPython connecting', async () => {
    await using listener = await Listener({ authKey: key });
    const py = python(
      `
for key in (b'wrong', sys.argv[2].encode()):
    connection = Client(sys.argv[1])
    try:
        authenticate(connection, key, False)
    except AuthenticationError as error:
        print(error)
    else:
        echo(connection)
`,
      listener.address as string,
      key.toString(),
    );
    await assert.rejects(listener.accept(), { name: 'AuthenticationError' });
    assert.equal(await py.line(), 'digest sent was rejected');
    await useEcho(await listener.accept());
    assert.equal(await py.ended, 0);
  });

  test(
    'MD5 is refused unless it is asked for, on both sides',
    { skip: !onlyMd5 && 'this CPython knows more' },
    async () => {
      await using listener = await Listener({ authKey: key });
      const connecting = python(
        `
try:
    Client(sys.argv[1], authkey=sys.argv[2].encode())
except AuthenticationError as error:
    print(error)
`,
        listener.address as string,
        key.toString(),
      );
      await assert.rejects(listener.accept(), { name: 'AuthenticationError', message: /legacyMd5: true/ });
      assert.equal(await connecting.line(), 'digest sent was rejected');
      assert.equal(await connecting.ended, 0);
      const listening = python(
        `
with Listener(authkey=sys.argv[1].encode()) as listener:
    print(listener.address)
    try:
        listener.accept()
    except EOFError:
        print('hung up')
`,
        key.toString(),
      );
      const address = await listening.line();
      await assert.rejects(Client(address, { authKey: key }), {
        name: 'AuthenticationError',
        message: /legacyMd5: true/,
      });
      assert.equal(await listening.line(), 'hung up');
      assert.equal(await listening.ended, 0);
    },
  );
});
