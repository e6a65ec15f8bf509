import * as T from './tags.js';
import { Writer, type SentBuffer } from './writer.js';
import { forgetShapesWhenFull, shapeTable, type ShapeNode } from './shapes.js';
import { writeText, writeValue } from './write.js';
import { picklingError } from './explain.js';
import type { Reference } from './reference.js';

export interface EncodeOptions {
  /** What messages call the value: `args`, `result`; `value` by default. */
  readonly root?: string;
  /**
   * Takes over a large part of a buffer and answers a number (0 … 2^32-1) by which the receiver's `fetch` gets it, or
   * `undefined` to have it copied into the message. Called last, when nothing else can be refused any more.
   */
  readonly outOfBand?: (view: Uint8Array) => number | undefined;
  /** Bytes from which buffers are offered to `outOfBand`; 256 KiB by default. */
  readonly outOfBandFrom?: number;
  /** How deep objects may be nested; 1,000 by default. */
  readonly maxDepth?: number;
  /** The message's largest size in bytes, without what goes out of band; 2^31-1 by default. */
  readonly maxBytes?: number;
  /**
   * The message leaves the program: it carries all it needs, and objects of shared memory are refused.
   * @internal
   */
  readonly foreign?: boolean;
}

/** A finished message: `bytes[start … end)`. The encoder reuses object and bytes: valid until the next `encode`. */
export interface Encoded {
  bytes: Buffer;
  start: number;
  end: number;
}

const NO_OPTIONS: EncodeOptions = {};
const writer = new Writer();
const encoded: Encoded = { bytes: writer.bytes, start: 0, end: 0 };
let busy = false;

/**
 * Turns a value into bytes. Throws `PicklingError`, whose message names the property that cannot travel and why. The
 * answer is valid until the next `encode` of this thread; a reduce hook may itself encode.
 */
export function encode(value: unknown, options: EncodeOptions = NO_OPTIONS): Encoded {
  if (busy) return encodeNested(value, options);
  busy = true;
  try {
    write(writer, value, options);
    encoded.bytes = writer.bytes;
    encoded.end = writer.pos;
    return encoded;
  } catch (error) {
    throw picklingError(error, { ...options, value, reducing: writer.reducing[0] });
  } finally {
    writer.forget();
    busy = false;
  }
}

/** The bytes of a value in a buffer of their own. Errors as for `encode`. */
export function encodeToBuffer(value: unknown, options?: EncodeOptions): Buffer {
  const { bytes, start, end } = encode(value, options);
  return Buffer.from(bytes.subarray(start, end));
}

/** A hook that encodes while its own object is being encoded gets a writer of its own. */
function encodeNested(value: unknown, options: EncodeOptions): Encoded {
  const own = new Writer();
  try {
    write(own, value, options);
  } catch (error) {
    throw picklingError(error, { ...options, value, reducing: own.reducing[0] });
  }
  return { bytes: own.bytes, start: 0, end: own.pos };
}

function write(w: Writer, value: unknown, options: EncodeOptions): void {
  forgetShapesWhenFull();
  w.rewind();
  w.maxDepth = options.maxDepth ?? T.DEFAULT_MAX_DEPTH;
  w.maxBytes = options.maxBytes ?? T.DEFAULT_MAX_BYTES;
  w.foreign = options.foreign ?? false;
  w.pos = 1;
  writeValue(w, value);
  let head = T.MAGIC;
  if (w.shared) head |= T.HAS_REFS;
  if (w.trailer && (w.shapeCount > 0 || w.references.length > 0 || w.buffers.length > 0)) {
    head |= T.HAS_TRAILER;
    writeTrailer(w, options);
  }
  w.bytes[0] = head;
  if (w.pos > w.maxBytes) w.tooLarge(w.pos);
}

function writeTrailer(w: Writer, options: EncodeOptions): void {
  const start = w.pos;
  w.reserve(64);
  w.view.setUint16(w.pos, w.shapeCount, true);
  w.view.setUint16(w.pos + 2, w.references.length, true);
  w.view.setUint32(w.pos + 4, w.buffers.length, true);
  w.pos += 8;
  for (let i = 0; i < w.shapeCount; i++) writeBlock(w, blockOf(w.shapes[i] as ShapeNode)); // below shapeCount
  for (const reference of w.references) writeReference(w, reference);
  for (const buffer of w.buffers) writeBuffer(w, buffer, options);
  w.reserve(64);
  w.view.setUint32(w.pos, start, true);
  w.pos += 4;
}

/** Length, hash and bytes of a list of strings: a receiver that met the same bytes before does not parse them. */
function writeBlock(w: Writer, block: Buffer): void {
  if (w.end - w.pos < block.length) w.reserve(block.length);
  const { bytes, pos } = w;
  const length = block.length;
  if (length < 64) for (let i = 0; i < length; i++) bytes[pos + i] = block[i] as number;
  else block.copy(bytes, pos);
  w.pos = pos + length;
}

function blockOf(shape: ShapeNode): Buffer {
  return (shape.block ??= makeBlock(shape.keys));
}

function makeBlock(strings: readonly string[]): Buffer {
  const w = new Writer(1024);
  w.pos = 8;
  for (const text of strings) writeText(w, text);
  w.view.setUint32(0, w.pos - 8, true);
  w.view.setUint32(4, hashOf(w.bytes, 8, w.pos), true);
  return Buffer.from(w.bytes.subarray(0, w.pos));
}

/** FNV-1a, 32 bits: a hint for the receiver's cache, which compares the bytes themselves. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return hash >>> 0;
}

function writeReference(w: Writer, reference: Reference): void {
  w.reserve(64);
  const table = w.foreign ? null : shapeTable();
  if (table !== null && reference.table !== table) {
    reference.table = table;
    reference.tableId = table.idOf(reference.strings);
  }
  if (table !== null && reference.tableId >= 0) {
    w.bytes[w.pos] = T.ENTRY_SHARED;
    w.view.setUint16(w.pos + 1, reference.tableId, true);
    w.pos += 3;
    return;
  }
  w.bytes[w.pos++] = T.ENTRY_INLINE;
  writeBlock(w, (reference.block ??= makeBlock(reference.strings)));
}

/** Element types need their offsets to stay multiples of their size, so the part sent starts on one of eight. */
function writeBuffer(w: Writer, sent: SentBuffer, options: EncodeOptions): void {
  const low = sent.low - (sent.low % 8);
  const part = new Uint8Array(sent.buffer, low, sent.high - low);
  const wanted = options.outOfBand !== undefined && part.length >= (options.outOfBandFrom ?? T.OUT_OF_BAND_FROM);
  const number = wanted ? options.outOfBand?.(part) : undefined;
  w.reserve(number === undefined ? part.length + 64 : 64);
  const { pos } = w;
  w.bytes[pos] = number === undefined ? T.BUFFER_INLINE : T.BUFFER_OUT_OF_BAND;
  w.view.setFloat64(pos + 1, low, true);
  w.view.setFloat64(pos + 9, part.length, true);
  if (number === undefined) {
    w.bytes.set(part, pos + 17);
    w.pos = pos + 17 + part.length;
  } else {
    w.view.setUint32(pos + 17, number, true);
    w.pos = pos + 21;
  }
}
