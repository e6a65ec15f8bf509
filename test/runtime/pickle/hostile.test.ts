import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../fuzz/random.js';
import { internals } from '../internals.js';
import { KEPT } from './cases.js';
import { forge } from './forge.js';
import { Point } from './fixtures/classes.js';

const { decode, encodeToBuffer, setReferencePolicy } = internals.pickle;
const { UnpicklingError } = internals.errors;

function mutate(original: Uint8Array, random: Random): Uint8Array {
  let bytes = Uint8Array.from(original);
  for (let i = random.below(3) + 1; i > 0; i--) {
    const at = random.below(bytes.length || 1);
    switch (random.below(5)) {
      case 0:
        bytes[at] = random.below(256);
        break;
      case 1:
        bytes = bytes.slice(0, at);
        break;
      case 2:
        bytes.copyWithin(at, random.below(bytes.length || 1));
        break;
      case 3:
        bytes.fill(0xff, at, at + 4);
        break;
      default:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
    }
  }
  return bytes;
}

test('20,000 mutated messages give a value or an UnpicklingError, nothing else', () => {
  const messages = KEPT.filter(({ name }) => !name.includes('1,000')).map(({ make }) => encodeToBuffer(make()));
  const before = [Reflect.ownKeys(Object.prototype), Reflect.ownKeys(Array.prototype), Reflect.ownKeys(Map.prototype)];
  const random = new Random(20_261_121);
  // A longer run: MANYCORE_FUZZ=1000000 node --test …
  const rounds = Number(process.env['MANYCORE_FUZZ'] ?? 20_000);
  const deadline = performance.now() + rounds * 3;
  let refused = 0;
  let done = 0;
  const heap = process.memoryUsage().rss;
  for (; done < rounds; done++) {
    const bytes = mutate(messages[random.below(messages.length)] ?? new Uint8Array(), random);
    try {
      decode(bytes);
    } catch (error) {
      assert.ok(error instanceof UnpicklingError, `${String(error)} from ${Buffer.from(bytes).toString('hex')}`);
      refused++;
    }
    assert.ok(performance.now() < deadline, 'the decoder is too slow to be safe');
  }
  assert.ok(refused > rounds / 4, `${refused} of ${done} were refused`);
  assert.ok(process.memoryUsage().rss - heap < 500_000_000, 'lying lengths allocated memory');
  assert.deepEqual(before, [
    Reflect.ownKeys(Object.prototype),
    Reflect.ownKeys(Array.prototype),
    Reflect.ownKeys(Map.prototype),
  ]);
  assert.deepEqual(decode(encodeToBuffer({ a: [1] })), { a: [1] });
});

test('every message cut short is refused', () => {
  for (const { make } of KEPT) {
    const bytes = encodeToBuffer(make());
    for (let end = 0; end < Math.min(bytes.length, 300); end++) {
      assert.throws(() => decode(bytes, 0, end), UnpicklingError, bytes.toString('hex'));
    }
  }
});

test('random bytes are refused', () => {
  const random = new Random(7);
  for (let i = 0; i < 5_000; i++) {
    const bytes = Uint8Array.from({ length: random.below(64) }, () => random.below(256));
    bytes[0] = 0xa4 | random.below(4);
    try {
      decode(bytes);
    } catch (error) {
      assert.ok(error instanceof UnpicklingError, String(error));
    }
  }
});

test('deep nesting is refused without exhausting the stack', () => {
  const arrays = Buffer.alloc(500_001);
  arrays[0] = 0xa4;
  for (let i = 1; i < arrays.length; i += 5) arrays.set([0x0d, 1, 0, 0, 0], i);
  assert.throws(() => decode(arrays), UnpicklingError);
});

test('lying lengths allocate nothing', () => {
  const before = process.memoryUsage().rss;
  for (const tag of [0x06, 0x07, 0x0d, 0x0e, 0x11, 0x12, 0x20, 0x21]) {
    assert.throws(() => decode(Uint8Array.from([0xa4, tag, 0xff, 0xff, 0xff, 0x7f, 0xc0])), UnpicklingError);
  }
  assert.ok(process.memoryUsage().rss - before < 50_000_000);
});

test('arrays inside arrays that each claim the whole message allocate nothing', () => {
  const size = 2_000_000;
  const bytes = Buffer.alloc(size, 0xc0);
  bytes[0] = 0xa4;
  for (let i = 0; i < 1000; i++) {
    bytes[1 + i * 5] = i % 2 === 0 ? 0x0d : 0x0e;
    bytes.writeUInt32LE(size - 10_000, 2 + i * 5);
  }
  const before = process.memoryUsage().rss;
  assert.throws(() => decode(bytes), UnpicklingError);
  assert.ok(process.memoryUsage().rss - before < 200_000_000);
});

test('nothing but a built-in that the message itself holds can be given a class', () => {
  const door = { opened: true };
  class Door {}
  internals.pickle.registerHandle('test.oneDoor', Door, { reduce: () => [], revive: () => door });
  const tag = Buffer.from('test.oneDoor');
  // EXTENDED, no class, around a handle, with one property more.
  const handle = [0x2b, 0x40 + tag.length, ...tag, 0x0d, 0, 0, 0, 0];
  const forged = forge([0x1a, 0xff, 0xff, ...handle, 0x14, 0, 0, 0xc1], [], [['opened']]);
  assert.throws(() => decode(forged), { name: 'UnpicklingError', message: /a class extends something that it cannot/ });
  assert.deepEqual(door, { opened: true });
  assert.equal(decode(forge(handle, [])), door);
});

test('__proto__ arrives as a key and pollutes nothing', () => {
  for (let i = 0; i < 20; i++) {
    const got = decode(encodeToBuffer(JSON.parse('{"a":{"__proto__":{"polluted":1}}}'))) as {
      a: { polluted?: number };
    };
    assert.equal(got.a.polluted, undefined);
    assert.ok(Object.hasOwn(got.a, '__proto__'));
  }
  assert.equal(({} as { polluted?: number }).polluted, undefined);
});

test('keys are data, whatever they spell', () => {
  const keys = [
    '"]: (globalThis.ran = 1), ["',
    '`${globalThis.ran = 1}`',
    "'};globalThis.ran=1;//",
    '\u2028globalThis.ran=1',
  ];
  const sent = Object.fromEntries(keys.map((key, i) => [key, i]));
  for (let i = 0; i < 20; i++) assert.deepEqual(decode(encodeToBuffer(sent)), sent);
  const point = Object.assign(new Point(1, 2), sent);
  for (let i = 0; i < 20; i++) assert.deepEqual(decode(encodeToBuffer(point)), point);
  assert.equal('ran' in globalThis, false);
});

test('a message cannot have a function called that does not offer itself', () => {
  const bytes = encodeToBuffer([Offered.prototype.constructor, new Offered()]);
  const name = bytes.indexOf('Offered', bytes.indexOf('Offered') + 1);
  assert.ok(name < 0, 'a class is named once in a message');
  const forged = Buffer.from(bytes);
  forged.write('Trapped', forged.indexOf('Offered'), 'latin1');
  assert.throws(() => decode(forged), {
    name: 'UnpicklingError',
    message: /asks to call 'Trapped', which does not say/,
  });
  assert.equal(Trapped.calls, 0);
});

export class Offered {
  [Symbol.for('manycore.reduce')](): unknown {
    return [Offered, []];
  }
}
export class Trapped {
  static calls = 0;
  constructor() {
    Trapped.calls++;
  }
}
internals.pickle.encode([Trapped]); // so that this process knows it, as if it had been sent before

test('which modules a message may name is the receiver’s choice', () => {
  const bytes = encodeToBuffer(new Point(1, 2));
  setReferencePolicy(url => !url.endsWith('classes.js'));
  try {
    assert.throws(() => decode(bytes), { name: 'UnpicklingError', message: /does not allow file:.*classes\.js#Point/ });
  } finally {
    setReferencePolicy();
  }
  assert.deepEqual(decode(bytes), new Point(1, 2));
  const remote = Buffer.from(encodeToBuffer(new Point(1, 2)));
  remote.write('http', remote.indexOf('file:'), 'latin1');
  assert.throws(() => decode(remote), UnpicklingError);
});

test('an object with a then method is not handed to a promise', async () => {
  const { decodeAsync } = internals.pickle;
  const thenable = encodeToBuffer({ then: Math.max });
  await assert.rejects(decodeAsync(thenable), { name: 'UnpicklingError', message: /an object with a 'then' method/ });
  assert.deepEqual(decode(thenable), { then: Math.max });
  assert.deepEqual(await decodeAsync(encodeToBuffer([{ then: 1 }])), [{ then: 1 }]);
});
