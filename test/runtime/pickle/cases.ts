/**
 * What travels and what does not, as data: the round-trip tests run over it, and so may every other part that has to
 * agree with the pickle (the analyzer's verdict on types). `expression` is the value in source form.
 */
import net from 'node:net';
import {
  Bag,
  Counter,
  Day,
  Labelled,
  Money,
  Point,
  Promised,
  Samples,
  Stack,
  Tagged,
  TaskError,
} from './fixtures/classes.js';

export interface Case {
  readonly name: string;
  readonly make: () => unknown;
}

export interface RefusedCase extends Case {
  /** The error's whole message; `<file>` stands for the directory of the fixtures. */
  readonly message: string;
}

const shared = { shared: true };
const cycle: Record<string, unknown> = { name: 'cycle' };
cycle['self'] = cycle;
const backing = new ArrayBuffer(64);
const float16 = Reflect.get(globalThis, 'Float16Array') as Float32ArrayConstructor | undefined;
const resizable = (bytes: number, most: number): ArrayBuffer =>
  new (ArrayBuffer as new (bytes: number, options: object) => ArrayBuffer)(bytes, { maxByteLength: most });
const transferred = (): ArrayBuffer => {
  const buffer = new ArrayBuffer(8);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
};

const withHoles = (length: number, places: Record<number, unknown>): unknown[] => {
  const array: unknown[] = [];
  array.length = length;
  return Object.assign(array, places);
};
const withFields = <T extends object>(object: T, fields: object): T => Object.assign(object, fields);

export const KEPT: readonly Case[] = [
  ...[undefined, null, true, false].map(value => ({ name: String(value), make: () => value })),
  ...[0, -0, 1, -1, 63, 64, -64, -65, 127, -128, 255, 65536, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 53, 0.1, NaN].map(
    value => ({ name: `number ${Object.is(value, -0) ? '-0' : value}`, make: () => value }),
  ),
  ...[Infinity, -Infinity, Number.MIN_VALUE, Number.MAX_VALUE].map(value => ({
    name: `number ${value}`,
    make: () => value,
  })),
  { name: 'empty string', make: () => '' },
  ...[1, 5, 12, 16, 17, 63, 64, 1000].map(n => ({
    name: `ASCII string of ${n}`,
    make: () => 'abcdefghij'.repeat(n).slice(0, n),
  })),
  { name: 'latin-1 string', make: () => 'é\u00ff\u0000' },
  { name: 'long latin-1 string', make: () => 'é'.repeat(500) },
  { name: 'short UTF-16 string', make: () => '日本語 😀' },
  { name: 'long UTF-16 string', make: () => '日本語 😀'.repeat(200) },
  { name: 'string with lone surrogates', make: () => '\ud800a\udfff' },
  ...[0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, -(2n ** 200n)].map(value => ({
    name: `bigint ${value}`,
    make: () => value,
  })),
  { name: 'well-known symbol', make: () => Symbol.iterator },
  { name: 'registered symbol', make: () => Symbol.for('manycore test') },
  { name: 'empty array', make: () => [] },
  { name: 'array of mixed values', make: () => [1, 'two', null, undefined, [3]] },
  { name: 'array of integers', make: () => Array.from({ length: 100 }, (_, i) => i * 1000) },
  { name: 'array of doubles', make: () => Array.from({ length: 100 }, (_, i) => i / 7) },
  { name: 'array of numbers with -0 and NaN', make: () => [1, -0, NaN, 4, 5] },
  { name: 'array of numbers with an intruder', make: () => [1, 2, 'three', 4, 5] },
  { name: 'array with holes', make: () => withHoles(5, { 1: 'one', 3: undefined }) },
  { name: 'sparse array of 10^9', make: () => withHoles(1e9, { 3: 'three', 999_999_999: 'last' }) },
  { name: 'sparse array with nothing in it', make: () => withHoles(4_000_000_000, {}) },
  { name: 'sparse array of every index', make: () => withHoles(2 ** 32 - 1, {}) },
  { name: 'sparse array with its last index', make: () => withHoles(2 ** 32 - 1, { 4_294_967_294: 'last' }) },
  { name: 'match of a regular expression', make: () => /b(?<x>c)/.exec('abc') },
  { name: 'empty object', make: () => ({}) },
  { name: 'flat object', make: () => ({ id: 7, name: 'seven', ok: true, score: 0.5 }) },
  { name: 'nested object', make: () => ({ a: { b: { c: [{ d: 1 }] } } }) },
  { name: 'object with undefined', make: () => ({ a: undefined }) },
  { name: 'object without prototype', make: () => withFields(Object.create(null) as object, { a: 1 }) },
  { name: 'object with __proto__ as a key', make: () => JSON.parse('{"__proto__":{"polluted":1},"b":2}') as unknown },
  {
    name: 'object with odd keys',
    make: () => ({ '': 1, 'a b': 2, '"': 3, '\u2028': 4, 日本: 5, constructor: 6, toString: 7 }),
  },
  { name: 'object with integer keys', make: () => ({ 1: 'a', 20: 'b', c: 'd' }) },
  {
    name: 'dictionary of 1,000',
    make: () => Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`key ${i * 7919}`, i])),
  },
  { name: '100 objects of one shape', make: () => Array.from({ length: 100 }, (_, i) => ({ id: i, text: `t${i}` })) },
  { name: 'object met twice', make: () => [shared, shared] },
  { name: 'cycle', make: () => cycle },
  {
    name: '50 objects, each met twice',
    make: () => ((all: object[]) => [...all, ...all])(Array.from({ length: 50 }, (_, i) => ({ i }))),
  },
  { name: 'object with an accessor', make: () => ({ get shown() { return 'its value'; } }) }, // prettier-ignore
  { name: 'Proxy of a plain object', make: () => new Proxy({ a: [1] }, {}) },
  { name: 'Map with keys of all kinds', make: () => new Map<unknown, unknown>([[NaN, 1], [undefined, 2], [null, 3], [1n, 4]]) }, // prettier-ignore
  { name: 'Map', make: () => new Map<unknown, unknown>([[1, 'a'], ['k', { deep: new Map([[{ key: 1 }, 2]]) }]]) }, // prettier-ignore
  { name: 'Set', make: () => new Set<unknown>([1, 'a', { b: 2 }]) },
  { name: 'Date', make: () => new Date(1_234_567_890_123) },
  { name: 'RegExp', make: () => withFields(/a(b)+/giu, { lastIndex: 3 }) },
  { name: 'ArrayBuffer', make: () => new Uint8Array([1, 2, 3]).buffer },
  { name: 'Buffer', make: () => Buffer.from('hello, world') },
  { name: 'DataView', make: () => new DataView(new ArrayBuffer(16), 4, 8) },
  ...[
    Uint8Array,
    Int8Array,
    Uint8ClampedArray,
    Uint16Array,
    Int16Array,
    Uint32Array,
    Int32Array,
    Float32Array,
    Float64Array,
  ].map(Type => ({ name: Type.name, make: () => new Type([1, 2, 250]) })),
  { name: 'BigInt64Array', make: () => new BigInt64Array([-1n, 2n ** 62n]) },
  { name: 'BigUint64Array', make: () => new BigUint64Array([1n, 2n ** 63n]) },
  ...(float16 === undefined ? [] : [{ name: 'Float16Array', make: () => new float16([1.5, NaN, 65504]) }]),
  { name: 'typed array over a resizable buffer', make: () => new Uint16Array(resizable(8, 16)) },
  { name: 'empty typed array', make: () => new Float64Array(0) },
  { name: 'views of one buffer', make: () => [new Uint8Array(backing), new Float64Array(backing, 8, 2), backing] },
  { name: 'Error', make: () => withFields(new Error('message'), { code: 'E_TEST', detail: { a: 1 } }) },
  ...[TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError].map(Type => ({
    name: Type.name,
    make: () => new Type('m'),
  })),
  {
    name: 'Error with a cause',
    make: () => new Error('outer', { cause: new TypeError('inner', { cause: 'innermost' }) }),
  },
  { name: 'Error with a name of its own', make: () => withFields(new Error('m'), { name: 'CustomError' }) },
  { name: 'Error whose cause is undefined', make: () => new Error('m', { cause: undefined }) },
  {
    name: 'DOMException with a cause of its own',
    make: () => withFields(new DOMException('m', 'DataCloneError'), { detail: 1 }),
  },
  { name: 'AggregateError', make: () => new AggregateError([new Error('a'), new RangeError('b')], 'both') },
  { name: 'DOMException', make: () => new DOMException('gone', 'AbortError') },
  { name: 'subclass of Error', make: () => new TaskError('failed', 42) },
  ...[Object(5), Object('text'), Object(true), Object(5n)].map((value: object) => ({
    name: `boxed ${typeof value.valueOf()}`,
    make: () => value,
  })),
  { name: 'boxed symbol', make: () => Object(Symbol.iterator) as object },
  { name: 'boxed -0', make: () => Object(-0) as object },
  { name: 'URL', make: () => new URL('https://example.org/a?b=c#d') },
  { name: 'URLSearchParams', make: () => new URLSearchParams('a=1&b=2&a=3') },
  { name: 'instance of a class', make: () => new Point(3, 4) },
  { name: '20 instances of a class', make: () => Array.from({ length: 20 }, (_, i) => new Point(i, -i)) },
  { name: 'instance of a subclass', make: () => new Labelled(1, 2, 'here') },
  { name: 'instance with hooks', make: () => new Money(12n, 'EUR') },
  { name: 'subclass of Array with fields', make: () => withFields(Stack.from([1, 2]) as Stack, { label: 'x' }) },
  { name: 'subclass of Date', make: () => withFields(new Day(86_400_000), { label: 'x' }) },
  { name: 'subclass of Set', make: () => new Bag(['a', { b: 1 }]) },
  { name: 'subclass of a typed array', make: () => new Samples([1.5, 2.5]) },
  { name: 'subclass of Map with fields', make: () => withFields(new Tagged([['a', 1]]), { tag: 'x' }) },
  { name: 'global function', make: () => Math.hypot },
  { name: 'exported class', make: () => Point },
  { name: 'static method of an exported class', make: () => Point.origin },
];

const closed = (() => {
  const inner = (x: number): number => x;
  return inner;
})();

export const REFUSED: readonly RefusedCase[] = [
  {
    name: 'Promise',
    make: () => ({ result: Promise.resolve(1) }),
    message:
      'cannot send value.result to another process: it is a Promise: its result is not there yet. Await it and send the result.',
  },
  {
    name: 'WeakMap',
    make: () => new WeakMap(),
    message:
      'cannot send value to another process: it is a WeakMap or WeakSet: its entries cannot be listed. Send a Map, a Set or an array of what is needed.',
  },
  {
    name: 'local symbol',
    make: () => [Symbol('mine')],
    message:
      'cannot send value[0] to another process: it is a symbol (Symbol(mine)): it exists in this process only. Use Symbol.for(…), which is the same symbol in every process, or a string.',
  },
  {
    name: 'generator',
    make: () => (function* () {})(),
    message:
      'cannot send value to another process: it is a generator: a running function cannot move. Send its values as an array: [...generator].',
  },
  {
    name: 'socket',
    make: () => ({ config: { logger: { stream: new net.Socket() } } }),
    message:
      'cannot send value.config.logger.stream to another process: it is a net.Socket: it is a resource that only this process holds. Send what is needed to open or make it there: a path, a host and port, the data itself.',
  },
  {
    name: 'AbortSignal',
    make: () => ({ signal: new AbortController().signal }),
    message:
      'cannot send value.signal to another process: it is an AbortSignal or AbortController: it fires in this process only. Pass { signal } to the call that waits, or send an Event of this library.',
  },
  {
    name: 'SharedArrayBuffer',
    make: () => new Map([['memory', new SharedArrayBuffer(8)]]),
    message:
      'cannot send value.get("memory") to another process: it is a SharedArrayBuffer: its memory is shared by the threads of one process only. Send a copy of its bytes, or use this library\'s shared memory.',
  },
  {
    name: 'object with a foreign prototype',
    make: () => Object.create({ inherited: 1 }) as unknown,
    message:
      'cannot send value to another process: it is an object whose prototype is not that of a class: no module can be named that has it. Copy it into a plain object: { ...value }, or make it an instance of an exported class.',
  },
  {
    name: 'instance with private state',
    make: () => new Counter(),
    message:
      "cannot send value to another process: it is an instance of class 'Counter': its private state (#count) is out of reach. Give the class a [Symbol.for('manycore.reduce')]() method that returns [its class, the arguments to make it again].",
  },
  {
    name: 'bound function',
    make: () => Point.origin.bind(null),
    message:
      "cannot send function 'bound origin' to another process: a bound function keeps its object and arguments in this process. Send the object as an argument of an exported function that calls the method.",
  },
  {
    name: 'nested function in data',
    make: () => ({ options: [{ filter: closed }] }),
    message:
      "cannot send value.options[0].filter to another process: it is function 'inner' (<here>): it is nested inside another function. Move it to the top level of its module and export it.",
  },
  {
    name: 'subclass of Promise',
    make: () => ({ a: new Promised(() => undefined) }),
    message:
      'cannot send value.a to another process: it is a Promise: its result is not there yet. Await it and send the result.',
  },
  {
    name: 'WeakRef',
    make: () => [new WeakRef({})],
    message:
      'cannot send value[0] to another process: it is a WeakRef: what it refers to may be gone. Send what deref() gives.',
  },
  {
    name: 'FinalizationRegistry',
    make: () => ({ a: new FinalizationRegistry(() => undefined) }),
    message:
      'cannot send value.a to another process: it is an instance of the built-in class FinalizationRegistry: its state is out of reach. Send what is needed to make it there.',
  },
  {
    name: 'Intl',
    make: () => new Set([new Intl.NumberFormat('de')]),
    message:
      'cannot send an element of value to another process: it is an instance of the built-in class NumberFormat: its state is out of reach. Send what is needed to make it there.',
  },
  {
    name: 'Blob',
    make: () => ({ a: { b: [0, new Blob(['x'])] } }),
    message:
      'cannot send value.a.b[1] to another process: it is a Blob: its contents are out of reach. Send its bytes: await blob.arrayBuffer().',
  },
  {
    name: 'Headers',
    make: () => [new Headers()],
    message:
      'cannot send value[0] to another process: it is a Headers: its contents are out of reach. Send its entries: [...headers].',
  },
  {
    name: 'stream of the web',
    make: () => new ReadableStream(),
    message:
      'cannot send value to another process: it is a ReadableStream: it is a resource that only this process holds. Send what is needed to open or make it there: a path, a host and port, the data itself.',
  },
  {
    name: 'iterator',
    make: () => ({ rows: new Map().entries() }),
    message:
      'cannot send value.rows to another process: it is an iterator: a running iteration cannot move. Send its values as an array: [...iterator].',
  },
  {
    name: 'environment',
    make: () => ({ env: process.env }),
    message:
      'cannot send value.env to another process: it is an object whose prototype is not that of a class: no module can be named that has it. Copy it into a plain object: { ...value }, or make it an instance of an exported class.',
  },
  {
    name: 'view of a SharedArrayBuffer',
    make: () => ({ a: [new Uint8Array(new SharedArrayBuffer(4))] }),
    message:
      "cannot send value.a[0] to another process: it is a SharedArrayBuffer: its memory is shared by the threads of one process only. Send a copy of its bytes, or use this library's shared memory.",
  },
  {
    name: 'buffer that was transferred',
    make: () => ({ a: [transferred()] }),
    message:
      'cannot send value.a[0] to another process: it is an object that cannot be read: TypeError: Cannot perform Construct on a detached ArrayBuffer. Send a plain copy of what is needed.',
  },
  {
    name: 'boxed local symbol',
    make: () => ({ a: Object(Symbol('x')) as object }),
    message:
      'cannot send value.a to another process: it is a symbol (Symbol(x)): it exists in this process only. Use Symbol.for(…), which is the same symbol in every process, or a string.',
  },
  {
    name: 'Proxy of a Map',
    make: () => ({ a: new Proxy(new Map(), {}) }),
    message:
      'cannot send value.a to another process: it is a Proxy that cannot be read: TypeError: Method Map.prototype.has called on incompatible receiver #<Map>. Send a plain copy of what is needed.',
  },
  {
    name: 'what only looks like a Date',
    make: () => ({ a: Object.create(Date.prototype) as unknown }),
    message:
      'cannot send value.a to another process: it is an object that cannot be read: TypeError: this is not a Date object. Send a plain copy of what is needed.',
  },
  {
    name: 'key of a Map',
    make: () => new Map([[Symbol('k'), 1]]),
    message:
      'cannot send a key of value to another process: it is a symbol (Symbol(k)): it exists in this process only. Use Symbol.for(…), which is the same symbol in every process, or a string.',
  },
  {
    name: 'cause of an error',
    make: () => ({ failed: new Error('m', { cause: new WeakSet() }) }),
    message:
      'cannot send value.failed.cause to another process: it is a WeakMap or WeakSet: its entries cannot be listed. Send a Map, a Set or an array of what is needed.',
  },
];
