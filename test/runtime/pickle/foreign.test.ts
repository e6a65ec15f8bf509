import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { internals } from '../internals.js';
import { KEPT, REFUSED } from './cases.js';
import { Point } from './fixtures/classes.js';

const { decode, decodeForeign, decodeForeignAsync, encodeForeign, encodeToBuffer, useShapeTable } = internals.pickle;
const { PicklingError, UnpicklingError } = internals.errors;

/** A table that only this test knows: whatever names it is not self-contained. */
function tableOfThisProgram(): { restore(): void } {
  const lists: (readonly string[])[] = [];
  useShapeTable({ idOf: keys => lists.push([...keys]) - 1, keysOf: id => lists[id] });
  return { restore: () => useShapeTable(null) };
}

describe('what one program sends another is all in the message', () => {
  for (const { name, make } of KEPT) {
    test(name, () => {
      const sent = make();
      const table = tableOfThisProgram();
      let messages: Buffer[];
      try {
        for (let i = 0; i < 3; i++) encodeToBuffer(sent); // its shapes and references have numbers in the table now
        messages = Array.from({ length: 12 }, () => encodeForeign(sent));
      } finally {
        table.restore();
      }
      for (const bytes of messages) {
        assert.deepStrictEqual(decodeForeign(bytes, 0, bytes.length, { allowModules: ['node:path'] }), sent);
      }
    });
  }
});

test('bytes that name what only one program shares are no message of another', () => {
  const table = tableOfThisProgram();
  try {
    const sent = [{ a: 1 }, { a: 2 }, new Point(1, 2)];
    encodeToBuffer(sent);
    const bytes = encodeToBuffer(sent);
    assert.deepEqual(decode(bytes), sent);
    assert.throws(() => decodeForeign(bytes), UnpicklingError);
  } finally {
    table.restore();
  }
  const outOfBand = internals.pickle.encode(new Uint8Array(300_000), { outOfBand: () => 1 });
  const bytes = Buffer.from(outOfBand.bytes.subarray(outOfBand.start, outOfBand.end));
  assert.throws(() => decodeForeign(bytes), { name: 'UnpicklingError', message: /out of band/ });
});

describe('what cannot travel within a program cannot leave it either', () => {
  for (const { name, make, message } of REFUSED) {
    test(name, () => {
      assert.throws(
        () => encodeForeign(make()),
        error => {
          assert.ok(error instanceof PicklingError);
          assert.equal(error.message.split(' to another ')[0], message.split(' to another ')[0]);
          assert.match(error.message, / to another program/);
          return true;
        },
      );
    });
  }
});

test('objects of shared memory are refused by the sender, with their path', () => {
  const { Lock, Event, channel } = internals;
  const lock = new Lock();
  const kinds: readonly (readonly [string, object])[] = [
    ['Lock', lock],
    ['Event', new Event()],
    ['Queue', new channel.Queue()],
    ['Connection', channel.Pipe()[0]],
  ];
  for (const [name, handle] of kinds) {
    assert.throws(() => encodeForeign({ jobs: [1, { handle }] }), {
      name: 'PicklingError',
      message:
        `cannot send value.jobs[1].handle to another program: it is a ${name}: it lives in this program's shared ` +
        'memory, which other programs do not have. Send the values that the other program needs.',
    });
  }
  assert.throws(() => encodeForeign([new Map([['k', lock]])], { root: 'message' }), {
    message: /^cannot send message\[0\]\.get\("k"\) to another program: it is a Lock/,
  });
});

test('objects of shared memory are refused by the receiver before anything of them is made', () => {
  const bytes = encodeToBuffer([1, new internals.Lock()]);
  assert.throws(() => decodeForeign(bytes), {
    name: 'UnpicklingError',
    message: 'cannot read a message: another program sent an object of its own shared memory',
  });
});

test('an object with a then method is not handed to a promise', async () => {
  await assert.rejects(decodeForeignAsync(encodeForeign({ then: Math.max })), {
    name: 'UnpicklingError',
    message: /then/,
  });
  assert.deepEqual(await decodeForeignAsync(encodeForeign([{ then: 1 }])), [{ then: 1 }]);
});

test('ranges that the bytes do not have are refused', () => {
  const bytes = encodeForeign([1, 2]);
  for (const [start, end] of [
    [0, 99],
    [-1, 3],
    [3, 2],
    [NaN, 3],
    [0, Infinity],
  ] as const)
    // prettier-ignore
    assert.throws(() => decodeForeign(bytes, start, end), UnpicklingError);
});
