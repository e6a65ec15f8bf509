import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { internals } from '../internals.js';
import { KEPT } from './cases.js';
import { Guarded, Labelled, Money, Point, Tagged, TaskError } from './fixtures/classes.js';

const { decode, encode, encodeToBuffer, useShapeTable } = internals.pickle;
const roundTrip = <T>(value: T): T => decode(encodeToBuffer(value)) as T;

/** The simplest table that keeps the promise of a shared one. */
function tableInThisProcess(): Parameters<typeof useShapeTable>[0] {
  const lists: (readonly string[])[] = [];
  const ids = new Map<string, number>();
  return {
    idOf(keys) {
      const key = JSON.stringify(keys);
      const id = ids.get(key) ?? lists.push([...keys]) - 1;
      ids.set(key, id);
      return id;
    },
    keysOf: id => lists[id],
  };
}

describe('a value arrives as it was sent', () => {
  for (const { name, make } of KEPT) {
    test(name, () => {
      const sent = make();
      // Often enough that the code generated for the shape is used, too.
      for (let i = 0; i < 12; i++) assert.deepStrictEqual(roundTrip(sent), sent);
    });
  }
});

describe('with the shapes in a shared table', () => {
  for (const { name, make } of KEPT) {
    test(name, () => {
      useShapeTable(tableInThisProcess());
      try {
        const sent = make();
        for (let i = 0; i < 12; i++) assert.deepStrictEqual(roundTrip(sent), sent);
      } finally {
        useShapeTable(null);
      }
    });
  }
});

test('a shared table makes messages shorter', () => {
  const sent = { identifier: 1, description: 'a', priority: 2 };
  const alone = encodeToBuffer(sent).length;
  useShapeTable(tableInThisProcess());
  try {
    encode(sent); // a shape met once is not entered
    assert.ok(encodeToBuffer(sent).length < alone / 2);
  } finally {
    useShapeTable(null);
  }
});

test('an invalid date stays invalid', () => {
  const date = roundTrip(new Date(NaN));
  assert.ok(date instanceof Date && Number.isNaN(date.getTime()));
});

test('shared references and cycles keep their identity', () => {
  const part = { n: 1 };
  const parent: { part: object; again: object; self?: object; list: unknown[] } = { part, again: part, list: [] };
  parent.self = parent;
  parent.list.push(parent.list);
  const got = roundTrip(parent);
  assert.equal(got.part, got.again);
  assert.equal(got.self, got);
  assert.equal(got.list[0], got.list);
  assert.notEqual(got.part, part);
});

test('cycles through every container keep their identity', () => {
  const map = new Map<string, unknown>();
  const set = new Set<unknown>([map]);
  const error = new Error('loop');
  const point = Object.assign(new Point(1, 2), { error });
  map.set('set', set).set('error', error);
  Object.assign(error, { point, cause: map });
  const got = roundTrip(map);
  const gotError = got.get('error') as Error & { point: Point & { error: Error } };
  assert.equal((got.get('set') as Set<unknown>).has(got), true);
  assert.equal(gotError.point.error, gotError);
  assert.equal(gotError.cause, got);
});

test('views of one buffer share one buffer again', () => {
  const buffer = new ArrayBuffer(64);
  const [bytes, doubles, same] = roundTrip([
    new Uint8Array(buffer, 8),
    new Float64Array(buffer, 16, 2),
    buffer,
  ] as const);
  assert.equal(bytes.buffer, same);
  assert.equal(doubles.buffer, same);
  doubles[0] = 1.5;
  assert.equal(new DataView(same).getFloat64(16, true), 1.5);
  assert.deepEqual([bytes.byteOffset, doubles.byteOffset, same.byteLength], [8, 16, 64]);
});

test('of a large buffer only the part that is looked at travels', () => {
  const large = new Float64Array(100_000);
  large[50_001] = 7;
  const bytes = encodeToBuffer(large.subarray(50_000, 50_010));
  assert.ok(bytes.length < 200);
  assert.deepEqual(decode(bytes), large.subarray(50_000, 50_010));
  assert.ok(encodeToBuffer(Buffer.from('pooled')).length < 100);
});

test('errors keep class, message, stack, cause and their own properties', () => {
  const error = Object.assign(new TaskError('failed', 7), { extra: [1] });
  const got = roundTrip(error);
  assert.ok(got instanceof TaskError);
  assert.deepEqual([got.message, got.stack, got.task, got.name], ['failed', error.stack, 7, 'Error']);
  assert.deepEqual(Object.keys(got), Object.keys(error));
  assert.equal(Object.prototype.propertyIsEnumerable.call(got, 'message'), false);
});

test('an error whose class cannot travel arrives as the nearest built-in, with its name', () => {
  class LocalError extends RangeError {
    code = 'E_LOCAL';
  }
  const got = roundTrip(new LocalError('m') as RangeError & { code: string });
  assert.equal(Object.getPrototypeOf(got), RangeError.prototype);
  assert.deepEqual([got.name, got.message, got.code], ['RangeError', 'm', 'E_LOCAL']);
  const plain = roundTrip(new (class QuotaError extends Error {})('q'));
  assert.equal(plain.name, 'QuotaError');
});

test('errors of Node itself arrive with their code', () => {
  const thrown = ((): unknown => {
    try {
      Buffer.alloc('x' as unknown as number);
      return null;
    } catch (error) {
      return error;
    }
  })() as NodeJS.ErrnoException;
  const got = roundTrip(thrown);
  assert.ok(got instanceof TypeError);
  assert.deepEqual([got.code, got.message, got.stack], ['ERR_INVALID_ARG_TYPE', thrown.message, thrown.stack]);
});

test('the library’s own errors arrive as themselves', () => {
  const got = roundTrip(new internals.errors.BrokenPoolError('no worker'));
  assert.ok(got instanceof internals.errors.BrokenPoolError);
  assert.deepEqual([got.message, got.code], ['no worker', 'ERR_MANYCORE_BROKEN_POOL']);
});

test('instances keep their methods, accessors are not run', () => {
  assert.equal(roundTrip(new Point(3, 4)).norm(), 5);
  assert.ok(roundTrip(new Labelled(1, 2, 'x')) instanceof Point);
  assert.equal(roundTrip(new Money(5n, 'EUR')).cents, 5n);
  assert.ok(roundTrip(new Tagged([['a', 1]])) instanceof Tagged);
  const guarded = Object.defineProperty(new Guarded(), 'value', { value: 7, enumerable: true });
  for (let i = 0; i < 12; i++) assert.equal(roundTrip(guarded).value, 7);
  assert.equal(Guarded.writes, 0);
});

test('the answer of encode is reused, encodeToBuffer’s is not', () => {
  const first = encode({ a: 1 });
  const copy = encodeToBuffer({ a: 1 });
  assert.deepEqual(decode(first.bytes, first.start, encode({ a: 2 }).end), { a: 2 });
  assert.deepEqual(decode(copy), { a: 1 });
});

test('a message may lie anywhere in its bytes', () => {
  const bytes = encodeToBuffer({ list: [1.5, 2, 3, 4], map: new Map([['k', new Float64Array([1])]]) });
  for (const offset of [0, 1, 3, 8]) {
    const around = new Uint8Array(bytes.length + offset + 5).fill(0xff);
    around.set(bytes, offset);
    assert.deepEqual(decode(around, offset, offset + bytes.length), {
      list: [1.5, 2, 3, 4],
      map: new Map([['k', new Float64Array([1])]]),
    });
  }
});

test('large buffers may travel out of band', () => {
  const kept: Uint8Array[] = [];
  const large = new Uint8Array(300_000).fill(7);
  const small = new Uint8Array(10).fill(1);
  const { bytes, start, end } = encode({ large, small }, { outOfBand: view => kept.push(view.slice()) - 1 });
  assert.ok(end - start < 1000);
  const got = decode(bytes, start, end, { fetch: id => kept[id] ?? new Uint8Array() }) as { large: Uint8Array };
  assert.deepEqual(got, { large, small });
  assert.equal(got.large.buffer, kept[0]?.buffer);
});

test('what outOfBand does not take travels in the message', () => {
  const large = new Uint8Array(300_000).fill(7);
  const bytes = encode({ large }, { outOfBand: () => undefined });
  assert.ok(bytes.end > 300_000);
  assert.deepEqual(decode(bytes.bytes, bytes.start, bytes.end), { large });
});

test('a hook may encode and decode while its own object is encoded and decoded', () => {
  const got = roundTrip([new Nesting([1, { a: 2 }]), 'after', { x: 1 }]);
  assert.deepEqual(got, [new Nesting([1, { a: 2 }]), 'after', { x: 1 }]);
});

export class Nesting {
  readonly content: unknown;
  constructor(content: unknown) {
    this.content = content;
  }
  [Symbol.for('manycore.reduce')](): unknown {
    return [Nesting, [encodeToBuffer(this.content)]];
  }
  static [Symbol.for('manycore.revive')](bytes: Uint8Array): Nesting {
    return new Nesting(decode(bytes));
  }
}

test('handles travel by their registered name and keep their identity', () => {
  class Door {
    constructor(readonly number: number) {}
  }
  internals.pickle.registerHandle('test.door', Door, {
    reduce: door => [door.number],
    revive: ([number]) => new Door(number as number),
  });
  const door = new Door(12);
  const [one, two] = roundTrip([door, { door }] as const);
  assert.ok(one instanceof Door && one.number === 12);
  assert.equal(two.door, one);
});

test('100,000 objects of random keys do not slow down what follows', () => {
  for (let i = 0; i < 100_000; i++) encode({ [`random${i}`]: i, [`other${i % 977}`]: 1 });
  assert.deepEqual(roundTrip({ plain: 1, [`random${5}`]: 2 }), { plain: 1, random5: 2 });
});
