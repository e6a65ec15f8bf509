/** The decoder of everything that is not a plain object or dense array; the counterpart of write-special.ts. */
import * as T from './tags.js';
import { corrupt, type Reader } from './reader.js';
import { ERRORS, VIEWS } from './kinds.js';
import { handleNamed } from './handles.js';
import { reviverOf } from './hooks.js';
import { compileInstance } from './read-shapes.js';
import { readAnyFields, readLongString, readShape, readText, readValue } from './read.js';
import { readNumbers, readSparse } from './read-arrays.js';

type Callable = (...args: never[]) => unknown;

export function readSpecial(s: Reader, tag: number): unknown {
  switch (tag) {
    case T.BIGINT64:
      return s.view.getBigInt64(s.take(8), true);
    case T.BIGINT:
      return readBigInt(s);
    case T.SYMBOL_FOR:
      return Symbol.for(readText(s));
    case T.SYMBOL_KNOWN:
      return T.WELL_KNOWN_SYMBOLS.get(readText(s)) ?? corrupt('it names a symbol that does not exist');
    case T.ARRAY_SPARSE:
      return readSparse(s);
    case T.INT32_ARRAY:
    case T.DOUBLE_ARRAY:
      return readNumbers(s, tag);
    case T.OBJECT_NULL: {
      const object = s.keep(Object.create(null) as object);
      readAnyFields(s, object);
      return object;
    }
    case T.INSTANCE:
      return readInstance(s);
    case T.EXTENDED:
      return readExtended(s);
    case T.MAP:
      return readMap(s);
    case T.SET:
      return readSet(s);
    case T.DATE:
      return s.keep(new Date(s.f64()));
    case T.REGEXP:
      return readRegExp(s);
    case T.BUFFER:
      return readBuffer(s);
    case T.VIEW:
      return readView(s);
    case T.ERROR:
      return readError(s);
    case T.BOXED:
      return readBoxed(s);
    case T.URL_VALUE:
      return s.keep(new URL(readText(s)));
    case T.URL_PARAMS:
      return s.keep(new URLSearchParams(readText(s)));
    case T.FUNCTION:
      return functionAt(s, s.u16());
    case T.HANDLE:
      return readHandle(s);
    case T.REDUCED:
      return readReduced(s);
    default:
      return corrupt(`it holds an unknown kind of value (${tag})`);
  }
}

function functionAt(s: Reader, index: number): Callable {
  return s.functions[index] ?? corrupt('it uses a function that it does not name');
}

/** The prototype of the class at `index`, checked to be one that instances can have. */
function prototypeAt(s: Reader, index: number): object {
  const prototype: unknown = Reflect.get(functionAt(s, index), 'prototype');
  if (typeof prototype !== 'object' || prototype === null) corrupt('it uses a function as a class');
  return prototype;
}

function readBigInt(s: Reader): bigint {
  const negative = s.u8() === 1;
  const tag = s.u8();
  if (tag !== T.LATIN1) corrupt('there are no digits where some should be');
  const digits = readLongString(s, tag);
  if (!/^[0-9a-f]+$/.test(digits)) corrupt('a bigint has digits that are none');
  const value = BigInt(`0x${digits}`);
  return negative ? -value : value;
}

/** Fields travelled; the class's code does not run. */
function readInstance(s: Reader): object {
  const prototype = prototypeAt(s, s.u16());
  const tag = s.bytes[s.pos];
  if (s.refs === null && (tag === T.OBJECT_LOCAL || tag === T.OBJECT_SHARED)) {
    const start = s.pos;
    s.pos = start + 1;
    const make = compileInstance(readShape(s, tag), prototype, readValue);
    if (make !== null) return make(s);
    s.pos = start;
  }
  const object = s.keep(Object.create(prototype) as object);
  readAnyFields(s, object);
  return object;
}

/** The tags of what EXTENDED may stand around. */
const EXTENDABLE = new Set([
  ...[T.ARRAY, T.ARRAY_SPARSE, T.INT32_ARRAY, T.DOUBLE_ARRAY, T.MAP, T.SET, T.DATE, T.REGEXP],
  ...[T.BUFFER, T.VIEW, T.BOXED, T.URL_VALUE, T.URL_PARAMS],
]);

/** A built-in with a class of its own, with named properties, or both. */
function readExtended(s: Reader): unknown {
  const index = s.u16();
  const prototype = index === T.NO_CLASS ? null : prototypeAt(s, index);
  // Nothing but what was just made may get a prototype: not an object that a hook gave, nor one met before.
  if (!EXTENDABLE.has(s.bytes[s.pos] ?? -1)) corrupt('a class extends something that it cannot');
  const object = readValue(s) as object;
  if (prototype !== null) Object.setPrototypeOf(object, prototype);
  readAnyFields(s, object);
  return object;
}

function readMap(s: Reader): Map<unknown, unknown> {
  const count = s.u32();
  const map = s.keep(new Map<unknown, unknown>());
  for (let i = 0; i < count; i++) {
    const key = readValue(s);
    map.set(key, readValue(s));
  }
  return map;
}

function readSet(s: Reader): Set<unknown> {
  const count = s.u32();
  const set = s.keep(new Set<unknown>());
  for (let i = 0; i < count; i++) set.add(readValue(s));
  return set;
}

function readRegExp(s: Reader): RegExp {
  const slot = s.reserveRef();
  const source = readText(s);
  const regexp = s.settle(slot, new RegExp(source, readText(s)));
  const lastIndex = readValue(s);
  if (typeof lastIndex !== 'number') corrupt('a regular expression has a lastIndex that is no number');
  regexp.lastIndex = lastIndex;
  return regexp;
}

/** Not numbered as an object: the same buffer is told by its place in the trailer. */
function readBuffer(s: Reader): ArrayBuffer {
  s.reserveRef();
  const received = s.buffers[s.u32()] ?? corrupt('it uses a buffer that it does not carry');
  const { buffer, offset, length } = received;
  const whole = offset === 0 && length === buffer.byteLength;
  return s.settle((s.refs?.length ?? 0) - 1, whole ? buffer : buffer.slice(offset, offset + length));
}

function readView(s: Reader): ArrayBufferView {
  const kind = VIEWS[s.u8()] ?? corrupt('it holds an unknown kind of typed array');
  const received = s.buffers[s.u32()] ?? corrupt('it uses a buffer that it does not carry');
  const from = s.f64() - received.low;
  const length = s.f64();
  if (!(from >= 0 && length >= 0 && from + length * kind.size <= received.length && Number.isInteger(from + length))) {
    corrupt('a typed array lies outside its buffer');
  }
  const at = received.offset + from;
  if (kind.make === (Buffer as unknown)) return s.keep(Buffer.from(received.buffer, at, length));
  return s.keep(new kind.make(received.buffer, at, length));
}

function readError(s: Reader): Error {
  const slot = s.reserveRef();
  const index = s.u16();
  const builtIn = ERRORS[s.u8()] ?? corrupt('it holds an unknown kind of error');
  const flags = s.u8();
  const message = flags & T.ERROR_MESSAGE ? readText(s) : undefined;
  const stack = flags & T.ERROR_STACK ? readText(s) : undefined;
  const name = flags & T.ERROR_NAME ? readText(s) : undefined;
  const error = s.settle(slot, makeError(builtIn.make, message, name));
  if (index !== T.NO_CLASS) {
    const prototype = prototypeAt(s, index);
    if (!(prototype instanceof Error)) corrupt('it uses a class that is no error as one');
    Object.setPrototypeOf(error, prototype);
  }
  hidden(error, 'stack', stack);
  if (name !== undefined && !(error instanceof DOMException)) hidden(error, 'name', name);
  if (flags & T.ERROR_CAUSE) hidden(error, 'cause', readValue(s));
  if (flags & T.ERROR_ERRORS) hidden(error, 'errors', readValue(s));
  readAnyFields(s, error);
  return error;
}

/** An error without a stack of its own: the sender's is put in its place, and collecting one costs microseconds. */
function makeError(
  make: new (message?: string) => Error,
  message: string | undefined,
  name: string | undefined,
): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    if (make === (DOMException as unknown)) return new DOMException(message ?? '', name ?? 'Error');
    if (make === (AggregateError as unknown)) return new AggregateError([], message);
    return new make(message);
  } finally {
    Error.stackTraceLimit = limit;
  }
}

function hidden(error: Error, name: string, value: unknown): void {
  Object.defineProperty(error, name, { value, writable: true, enumerable: false, configurable: true });
}

function readBoxed(s: Reader): object {
  const slot = s.reserveRef();
  const value = readValue(s);
  if (value === null || value === undefined || typeof value === 'object' || typeof value === 'function') {
    corrupt('it wraps something that is no primitive');
  }
  return s.settle(slot, Object(value) as object);
}

function readHandle(s: Reader): object {
  const slot = s.reserveRef();
  if (s.foreign !== null) corrupt('another program sent an object of its own shared memory');
  const handle = handleNamed(readText(s)) ?? corrupt('it holds a shared object of a kind that is unknown here');
  const args = readValue(s);
  if (!Array.isArray(args)) corrupt('a shared object has no name');
  return s.settle(slot, hook(s, () => handle.revive(args)) as object);
}

function readReduced(s: Reader): unknown {
  const slot = s.reserveRef();
  const callable = functionAt(s, s.u16());
  const args = readValue(s);
  if (!Array.isArray(args)) corrupt('a reduced object has no arguments');
  const revive =
    reviverOf(callable) ?? corrupt(`it asks to call '${callable.name}', which does not say that it may be`);
  return s.settle(
    slot,
    hook(s, () => revive(args)),
  );
}

function hook(s: Reader, call: () => unknown): unknown {
  s.inHook = true;
  const value = call();
  s.inHook = false;
  return value;
}
