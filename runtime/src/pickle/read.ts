/** The hot half of the decoder; the counterpart of write.ts. */
import * as T from './tags.js';
import { corrupt, type Reader } from './reader.js';
import { readLatin1, readUtf16 } from './strings.js';
import { compile, sharedShape, type ReadShape } from './read-shapes.js';
import { readSpecial } from './read-special.js';

export function readValue(s: Reader): unknown {
  const pos = s.pos;
  if (pos >= s.end) corrupt('it ends where a value should be');
  const tag = s.bytes[pos] as number; // bounds checked above
  s.pos = pos + 1;
  if (tag >= T.SMALL_INT) return tag - T.SMALL_INT_ZERO;
  if (tag >= T.SHORT_STRING) {
    const end = pos + 1 + tag - T.SHORT_STRING;
    if (end > s.end) corrupt('it ends in the middle of a string');
    s.pos = end;
    return readLatin1(s.bytes, pos + 1, end);
  }
  switch (tag) {
    case T.UNDEFINED:
      return undefined;
    case T.NULL:
      return null;
    case T.TRUE:
      return true;
    case T.FALSE:
      return false;
    case T.INT32:
      return s.view.getInt32(s.take(4), true);
    case T.DOUBLE:
      return s.view.getFloat64(s.take(8), true);
    case T.LATIN1:
    case T.UTF16:
      return readLongString(s, tag);
    case T.OBJECT_LOCAL:
    case T.OBJECT_SHARED:
      return readPlain(s, tag);
    case T.OBJECT_LOCAL_REST:
    case T.OBJECT_SHARED_REST:
      return readDictionary(s, tag);
    case T.ARRAY:
      return readArray(s);
    case T.REF:
      return readRef(s);
    default:
      s.enter();
      const value = readSpecial(s, tag);
      s.depth--;
      return value;
  }
}

export function readLongString(s: Reader, tag: number): string {
  const length = s.u32();
  const at = s.take(length);
  return tag === T.LATIN1 ? readLatin1(s.bytes, at, at + length) : readUtf16(s.bytes, at, at + length);
}

/** A string and nothing else. */
export function readText(s: Reader): string {
  const tag = s.u8();
  if (tag >= T.SHORT_STRING && tag < T.SMALL_INT) {
    const at = s.take(tag - T.SHORT_STRING);
    return readLatin1(s.bytes, at, s.pos);
  }
  if (tag !== T.LATIN1 && tag !== T.UTF16) corrupt('there is no string where one should be');
  return readLongString(s, tag);
}

function readRef(s: Reader): unknown {
  const object = s.refs?.[s.u32()];
  if (object === undefined) corrupt('it refers to an object that is not there yet');
  return object;
}

export function readShape(s: Reader, tag: number): ReadShape {
  const id = s.u16();
  const isLocal = (tag & 1) === (T.OBJECT_LOCAL & 1);
  const shape = isLocal ? s.shapes[id] : s.foreign === null ? sharedShape(id) : undefined;
  if (shape === undefined || shape === null) corrupt(`it uses a list of keys that nobody defined (${id})`);
  return shape;
}

function readPlain(s: Reader, tag: number): object {
  s.enter();
  const shape = readShape(s, tag);
  let object: object;
  const make = s.refs === null ? (shape.make ?? compile(shape, readValue)) : null;
  if (make !== null) object = make(s);
  else readFields(s, shape, (object = s.keep({})));
  s.depth--;
  return object;
}

/**
 * Fields into an object that exists already. A key that the prototype chain knows is defined, not assigned: assigning
 * could run a setter (`__proto__` is one) or be refused (a frozen prototype).
 */
function readFields(s: Reader, shape: ReadShape, object: object): void {
  for (const key of shape.keys) setOwn(object, key, readValue(s));
}

function setOwn(object: object, key: string, value: unknown): void {
  if (key in object)
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  else (object as Record<string, unknown>)[key] = value;
}

function readDictionary(s: Reader, tag: number): object {
  s.enter();
  const object = s.keep({});
  readFields(s, readShape(s, tag), object);
  readPairs(s, object);
  s.depth--;
  return object;
}

function readPairs(s: Reader, object: object): void {
  const count = s.u32();
  for (let i = 0; i < count; i++) {
    const key = readText(s);
    setOwn(object, key, readValue(s));
  }
}

/** The fields of an instance, an error, an object without prototype: whichever of the four headers is there. */
export function readAnyFields(s: Reader, object: object): void {
  const tag = s.u8();
  if (tag < T.OBJECT_LOCAL || tag > T.OBJECT_SHARED_REST) corrupt('there are no properties where some should be');
  readFields(s, readShape(s, tag), object);
  if (tag >= T.OBJECT_LOCAL_REST) readPairs(s, object);
}

function readArray(s: Reader): unknown[] {
  const length = s.u32();
  // Every element takes a byte at least: arrays that are longer together than the message lie, however they are nested.
  if (length > s.end - s.pos || (s.room -= length) < 0) corrupt('its arrays are longer than the message');
  s.enter();
  const array = s.keep(length < 64 ? [] : new Array<unknown>(length));
  for (let i = 0; i < length; i++) array[i] = readValue(s);
  s.depth--;
  return array;
}
