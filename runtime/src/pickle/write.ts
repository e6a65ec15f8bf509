/** The hot half of the encoder: primitives, plain objects, arrays. Everything else is in write-special.ts. */
import * as T from './tags.js';
import type { Writer } from './writer.js';
import { root, step, tableIdOf, type ShapeNode } from './shapes.js';
import { isWide, writeLatin1, writeUtf16 } from './strings.js';
import { writeFunction, writeSpecial } from './write-special.js';
import { Refusal } from './refusal.js';

const OBJECT = Object.prototype;
const ARRAY = Array.prototype;
const hasOwn = Object.prototype.hasOwnProperty;
const getPrototypeOf = Object.getPrototypeOf;
/** Arrays from this length up are tried as packed numbers. */
const PACKED_FROM = 4;
/** A hole with more than this many places after it starts a list of pairs instead of one hole a byte. */
const SPARSE_FROM = 64;

/** Writes any value. Every branch relies on the 64 bytes made sure of here; longer ones reserve for themselves. */
export function writeValue(w: Writer, value: unknown): void {
  if (w.end - w.pos < 64) w.reserve(64);
  switch (typeof value) {
    case 'string':
      writeString(w, value);
      return;
    case 'number':
      writeNumber(w, value);
      return;
    case 'object':
      if (value === null) w.bytes[w.pos++] = T.NULL;
      else writeObject(w, value);
      return;
    case 'boolean':
      w.bytes[w.pos++] = value ? T.TRUE : T.FALSE;
      return;
    case 'undefined':
      w.bytes[w.pos++] = T.UNDEFINED;
      return;
    case 'function':
      writeFunction(w, value);
      return;
    case 'bigint':
      writeBigInt(w, value);
      return;
    case 'symbol':
      writeSymbol(w, value);
      return;
  }
}

function writeNumber(w: Writer, value: number): void {
  const pos = w.pos;
  if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
    if (value >= -64 && value < 64) {
      w.bytes[pos] = T.SMALL_INT_ZERO + value;
      w.pos = pos + 1;
    } else {
      w.bytes[pos] = T.INT32;
      w.view.setInt32(pos + 1, value, true);
      w.pos = pos + 5;
    }
  } else {
    w.bytes[pos] = T.DOUBLE;
    w.view.setFloat64(pos + 1, value, true);
    w.pos = pos + 9;
  }
}

function writeString(w: Writer, text: string): void {
  const length = text.length;
  if (length >= 64) {
    writeLongString(w, text);
    return;
  }
  const bytes = w.bytes;
  const pos = w.pos;
  bytes[pos] = T.SHORT_STRING + length;
  let wide = 0;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    wide |= unit;
    bytes[pos + 1 + i] = unit;
  }
  if (wide > 255) writeLongString(w, text);
  else w.pos = pos + 1 + length;
}

function writeLongString(w: Writer, text: string): void {
  const wide = isWide(text);
  const size = wide ? text.length * 2 : text.length;
  if (w.end - w.pos < size + 64) w.reserve(size + 64);
  const pos = w.pos;
  w.bytes[pos] = wide ? T.UTF16 : T.LATIN1;
  w.view.setUint32(pos + 1, size, true);
  if (wide) writeUtf16(w.bytes, text, pos + 5);
  else writeLatin1(w.bytes, text, pos + 5);
  w.pos = pos + 5 + size;
}

/** A string where no value needs to be told from it, with room made for it first. */
export function writeText(w: Writer, text: string): void {
  if (w.end - w.pos < 64) w.reserve(64);
  writeString(w, text);
}

function writeBigInt(w: Writer, value: bigint): void {
  if (BigInt.asIntN(64, value) === value) {
    w.bytes[w.pos] = T.BIGINT64;
    w.view.setBigInt64(w.pos + 1, value, true);
    w.pos += 9;
    return;
  }
  const negative = value < 0n;
  w.bytes[w.pos] = T.BIGINT;
  w.bytes[w.pos + 1] = negative ? 1 : 0;
  w.pos += 2;
  writeLongString(w, (negative ? -value : value).toString(16));
}

function writeSymbol(w: Writer, value: symbol): void {
  const key = Symbol.keyFor(value);
  if (key !== undefined) {
    w.bytes[w.pos++] = T.SYMBOL_FOR;
    writeText(w, key);
    return;
  }
  for (const [name, known] of T.WELL_KNOWN_SYMBOLS) {
    if (known !== value) continue;
    w.bytes[w.pos++] = T.SYMBOL_KNOWN;
    writeText(w, name);
    return;
  }
  throw new Refusal(
    `a symbol (${value.toString()})`,
    'it exists in this process only',
    'Use Symbol.for(…), which is the same symbol in every process, or a string.',
  );
}

function writeObject(w: Writer, object: object): void {
  const met = w.track(object);
  if (met >= 0) {
    w.bytes[w.pos] = T.REF;
    w.view.setUint32(w.pos + 1, met, true);
    w.pos += 5;
    return;
  }
  if (w.depth >= w.maxDepth) w.tooDeep();
  w.depth++;
  const prototype: unknown = getPrototypeOf(object);
  if (prototype === OBJECT) writeFields(w, object);
  else if (prototype === ARRAY && Array.isArray(object) && !isMatch(object)) writeArray(w, object);
  else writeSpecial(w, object);
  w.depth--;
}

/** What a regular expression's match gave: the one array that people know to have named properties. */
function isMatch(array: object): boolean {
  const { index, groups } = array as { readonly index?: unknown; readonly groups?: unknown };
  return index !== undefined || groups !== undefined;
}

/** The own enumerable string-keyed properties, values in the order of the keys, then the header that names the keys. */
export function writeFields(w: Writer, object: object): void {
  const at = w.pos;
  w.pos = at + 3;
  let node: ShapeNode = root;
  for (const key in object) {
    if (!hasOwn.call(object, key)) continue;
    const next = node.firstKey === key ? node.first : step(node, key);
    if (next === null) {
      writeRest(w, object, Object.keys(object).slice(node.depth));
      writeHeader(w, at, node, T.OBJECT_LOCAL_REST);
      return;
    }
    node = next;
    writeValue(w, (object as Readonly<Record<string, unknown>>)[key]);
  }
  writeHeader(w, at, node, T.OBJECT_LOCAL);
}

/** Properties written as pairs: of dictionaries, and named properties beside the contents of a built-in. */
export function writeNamedFields(w: Writer, object: object, keys: readonly string[]): void {
  const at = w.pos;
  w.pos = at + 3;
  writeRest(w, object, keys);
  writeHeader(w, at, root, T.OBJECT_LOCAL_REST);
}

function writeRest(w: Writer, object: object, keys: readonly string[]): void {
  if (w.end - w.pos < 64) w.reserve(64);
  w.view.setUint32(w.pos, keys.length, true);
  w.pos += 4;
  for (const key of keys) {
    writeText(w, key);
    writeValue(w, (object as Readonly<Record<string, unknown>>)[key]);
  }
}

function writeHeader(w: Writer, at: number, node: ShapeNode, tag: number): void {
  const shared = w.foreign ? -1 : node.tableId >= 0 ? node.tableId : tableIdOf(node);
  const bytes = w.bytes;
  const id = shared >= 0 ? shared : localIndexOf(w, node);
  bytes[at] = shared >= 0 ? tag + 1 : tag;
  bytes[at + 1] = id & 255;
  bytes[at + 2] = id >> 8;
}

function localIndexOf(w: Writer, node: ShapeNode): number {
  const index = node.localIndex;
  if (index < w.shapeCount && w.shapes[index] === node) return index;
  w.trailer = true;
  w.shapes[w.shapeCount] = node;
  return (node.localIndex = w.shapeCount++);
}

export function writeArray(w: Writer, array: readonly unknown[]): void {
  const length = array.length;
  if (length >= PACKED_FROM && typeof array[0] === 'number' && writeNumbers(w, array)) return;
  const at = w.pos;
  w.bytes[at] = T.ARRAY;
  w.view.setUint32(at + 1, length, true);
  w.pos = at + 5;
  for (let i = 0; i < length; i++) {
    const value = array[i];
    if (value === undefined && !hasOwn.call(array, i)) {
      w.bytes[at] = T.ARRAY_SPARSE;
      if (length - i > SPARSE_FROM) {
        writeSparseRest(w, array, i);
        return;
      }
      if (w.end - w.pos < 64) w.reserve(64);
      w.bytes[w.pos++] = T.HOLE;
    } else {
      writeValue(w, value);
    }
  }
}

function writeSparseRest(w: Writer, array: readonly unknown[], from: number): void {
  const indices: number[] = [];
  for (const key of Object.keys(array)) {
    const index = Number(key);
    if (index >= from && index < array.length && String(index) === key) indices.push(index);
  }
  if (w.end - w.pos < 64) w.reserve(64);
  w.bytes[w.pos] = T.REST;
  w.view.setUint32(w.pos + 1, indices.length, true);
  w.pos += 5;
  for (const index of indices) {
    if (w.end - w.pos < 64) w.reserve(64);
    w.view.setUint32(w.pos, index, true);
    w.pos += 4;
    writeValue(w, array[index]);
  }
}

/** Packs an array of numbers only, as integers while they fit; leaves the position alone when it holds anything else. */
function writeNumbers(w: Writer, array: readonly unknown[]): boolean {
  const length = array.length;
  if (typeof array[length - 1] !== 'number') return false;
  if (w.end - w.pos < length * 8 + 64) w.reserve(length * 8 + 64);
  const { pos, view } = w;
  let i = 0;
  let value: unknown;
  for (; i < length; i++) {
    value = array[i];
    if (typeof value !== 'number' || (value | 0) !== value || (value === 0 && 1 / value < 0)) break;
    view.setInt32(pos + 5 + i * 4, value, true);
  }
  if (i < length) {
    if (typeof value !== 'number') return false;
    for (i = 0; i < length; i++) {
      value = array[i];
      if (typeof value !== 'number') return false;
      view.setFloat64(pos + 5 + i * 8, value, true);
    }
    w.bytes[pos] = T.DOUBLE_ARRAY;
    w.pos = pos + 5 + length * 8;
  } else {
    w.bytes[pos] = T.INT32_ARRAY;
    w.pos = pos + 5 + length * 4;
  }
  view.setUint32(pos + 1, length, true);
  return true;
}
