/** The encoder for everything that is not a plain object or array: built-ins, instances, handles, functions. */
import * as T from './tags.js';
import type { Writer } from './writer.js';
import { ERRORS, kindOf, VIEWS, type Kind } from './kinds.js';
import { checkReduced } from './hooks.js';
import { refuseHandle } from './unsendable.js';
import { referenceOf, type Reference } from './reference.js';
import { writeArray, writeFields, writeNamedFields, writeText, writeValue } from './write.js';

/** Of the built-in itself: a subclass may iterate differently. */
const mapEntries = Map.prototype.entries as Map<unknown, unknown>['entries'];
const setValues = Set.prototype.values as Set<unknown>['values'];

/** Functions and classes are numbered by reference, not as objects: the decoder resolves them before the value. */
export function writeFunction(w: Writer, value: unknown): void {
  const index = w.referenceIndex(referenceOf(value as (...args: never[]) => unknown)); // typeof said 'function'
  w.bytes[w.pos] = T.FUNCTION;
  w.view.setUint16(w.pos + 1, index, true);
  w.pos += 3;
}

export function writeSpecial(w: Writer, object: object): void {
  const kind = kindOf(object);
  switch (kind.code) {
    case 'instance':
      writeClass(w, T.INSTANCE, kind.reference);
      return writeFields(w, object);
    case 'null':
      w.bytes[w.pos++] = T.OBJECT_NULL;
      return writeFields(w, object);
    case 'plain':
      return writeFields(w, object);
    case 'handle':
      return writeHandle(w, object, kind);
    case 'reduced':
      return writeReduced(w, object, kind);
    case 'error':
      return writeError(w, object as Error, kind);
    case 'map':
    case 'set':
    case 'date':
    case 'regexp':
    case 'buffer':
    case 'view':
    case 'boxed':
    case 'url':
    case 'urlParams':
    case 'array':
      return writeBuiltIn(w, object, kind);
  }
}

function writeClass(w: Writer, tag: number, reference: Reference | null): void {
  w.bytes[w.pos] = tag;
  w.view.setUint16(w.pos + 1, reference === null ? T.NO_CLASS : w.referenceIndex(reference), true);
  w.pos += 3;
}

/** A built-in's contents; with its class and its named properties around them where it has such. */
function writeBuiltIn(w: Writer, object: object, kind: Kind): void {
  const names = namedProperties(object, kind);
  if (kind.reference === null && names.length === 0) return writeContents(w, object, kind);
  writeClass(w, T.EXTENDED, kind.reference);
  if (w.end - w.pos < 64) w.reserve(64);
  writeContents(w, object, kind);
  if (w.end - w.pos < 64) w.reserve(64);
  writeNamedFields(w, object, names);
}

const NONE: readonly string[] = [];

/** Own enumerable properties that are not the contents. Those of typed arrays and boxed strings are not looked for. */
function namedProperties(object: object, kind: Kind): readonly string[] {
  if (kind.code === 'view' || kind.code === 'boxed') return NONE;
  const names = Object.keys(object);
  if (names.length === 0 || kind.code !== 'array') return names;
  return names.filter(name => !/^\d+$/.test(name));
}

function writeContents(w: Writer, object: object, kind: Kind): void {
  switch (kind.code) {
    case 'map':
      return writeMap(w, object as Map<unknown, unknown>);
    case 'set':
      return writeSet(w, object as Set<unknown>);
    case 'date':
      w.bytes[w.pos] = T.DATE;
      w.view.setFloat64(w.pos + 1, Date.prototype.getTime.call(object), true);
      w.pos += 9;
      return;
    case 'regexp': {
      const { source, flags, lastIndex } = object as RegExp;
      w.bytes[w.pos++] = T.REGEXP;
      writeText(w, source);
      writeText(w, flags);
      return writeValue(w, lastIndex);
    }
    case 'buffer': {
      const buffer = object as ArrayBuffer;
      w.bytes[w.pos] = T.BUFFER;
      w.view.setUint32(w.pos + 1, w.bufferIndex(buffer, 0, buffer.byteLength), true);
      w.pos += 5;
      return;
    }
    case 'view':
      return writeView(w, object as ArrayBufferView, kind);
    case 'boxed':
      w.bytes[w.pos++] = T.BOXED;
      return writeValue(w, unboxed(object));
    case 'url':
      w.bytes[w.pos++] = T.URL_VALUE;
      return writeText(w, (object as URL).href);
    case 'urlParams':
      w.bytes[w.pos++] = T.URL_PARAMS;
      return writeText(w, (object as URLSearchParams).toString());
    default:
      return writeArray(w, object as unknown[]);
  }
}

function unboxed(object: object): unknown {
  // Symbol and BigInt wrappers have no constructor to tell them by; valueOf of the right prototype is the test.
  for (const { prototype } of [Number, String, Boolean, BigInt, Symbol]) {
    try {
      return (prototype.valueOf as () => unknown).call(object);
    } catch {
      continue;
    }
  }
  throw new TypeError('not a boxed primitive');
}

function writeMap(w: Writer, map: Map<unknown, unknown>): void {
  const at = w.pos;
  let count = 0;
  w.bytes[at] = T.MAP;
  w.pos = at + 5;
  for (const [key, value] of mapEntries.call(map)) {
    count++;
    writeValue(w, key);
    writeValue(w, value);
  }
  w.view.setUint32(at + 1, count, true);
}

function writeSet(w: Writer, set: Set<unknown>): void {
  const at = w.pos;
  let count = 0;
  w.bytes[at] = T.SET;
  w.pos = at + 5;
  for (const value of setValues.call(set)) {
    count++;
    writeValue(w, value);
  }
  w.view.setUint32(at + 1, count, true);
}

/** Views name their buffer by number; of the buffer only the part that the message's views look at will travel. */
function writeView(w: Writer, view: ArrayBufferView, kind: Kind): void {
  const { buffer, byteOffset, byteLength } = view;
  if (buffer instanceof SharedArrayBuffer) {
    kindOf(buffer); // refuses, with the reason
  }
  const size = VIEWS[kind.index]?.size ?? 1;
  const index = w.bufferIndex(buffer as ArrayBuffer, byteOffset, byteOffset + byteLength);
  w.bytes[w.pos] = T.VIEW;
  w.bytes[w.pos + 1] = kind.index;
  w.view.setUint32(w.pos + 2, index, true);
  w.view.setFloat64(w.pos + 6, byteOffset, true);
  w.view.setFloat64(w.pos + 14, byteLength / size, true);
  w.pos += 22;
}

function writeHandle(w: Writer, object: object, kind: Kind): void {
  const handle = kind.handle;
  if (handle === null) throw new TypeError('a handle without its registration');
  if (w.foreign) refuseHandle(object);
  w.bytes[w.pos++] = T.HANDLE;
  writeText(w, handle.tag);
  w.trailer = true;
  w.reducing.push(object);
  writeValue(w, handle.reduce(object));
  w.reducing.pop();
}

function writeReduced(w: Writer, object: object, kind: Kind): void {
  const { reference, args } = checkReduced(kind.reduce?.(object));
  writeClass(w, T.REDUCED, reference);
  w.trailer = true;
  w.reducing.push(object);
  writeValue(w, args);
  w.reducing.pop();
}

/** Properties of errors that travel in places of their own. */
const ERROR_PLACES = new Set(['message', 'stack', 'cause', 'errors']);

function writeError(w: Writer, error: Error, kind: Kind): void {
  const own = (name: string): boolean => Object.prototype.hasOwnProperty.call(error, name);
  const stack: unknown = error.stack;
  const builtIn = ERRORS[kind.index];
  const isDomException = builtIn?.make === (DOMException as unknown);
  const lostClass = kind.reference === null && Object.getPrototypeOf(error) !== builtIn?.make.prototype;
  const hiddenName = own('name') && !Object.prototype.propertyIsEnumerable.call(error, 'name');
  const flags =
    (own('message') || isDomException ? T.ERROR_MESSAGE : 0) |
    (typeof stack === 'string' ? T.ERROR_STACK : 0) |
    (own('cause') ? T.ERROR_CAUSE : 0) |
    (own('errors') ? T.ERROR_ERRORS : 0) |
    (lostClass || hiddenName || isDomException ? T.ERROR_NAME : 0);
  writeClass(w, T.ERROR, kind.reference);
  w.bytes[w.pos] = kind.index;
  w.bytes[w.pos + 1] = flags;
  w.pos += 2;
  if (flags & T.ERROR_MESSAGE) writeText(w, String(error.message));
  if (flags & T.ERROR_STACK) writeText(w, stack as string);
  if (flags & T.ERROR_NAME) writeText(w, lostClass && !own('name') ? nameOfLost(error) : String(error.name));
  if (flags & T.ERROR_CAUSE) writeValue(w, error.cause);
  if (flags & T.ERROR_ERRORS) writeValue(w, (error as AggregateError).errors);
  if (w.end - w.pos < 64) w.reserve(64);
  writeNamedFields(
    w,
    error,
    Object.keys(error).filter(name => !ERROR_PLACES.has(name)),
  );
}

/** An error whose class cannot travel keeps the name people know it by. */
function nameOfLost(error: Error): string {
  const inherited = String(error.name);
  return inherited !== 'Error' ? inherited : error.constructor.name;
}
