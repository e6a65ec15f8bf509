import * as T from './tags.js';
import { UnpicklingError } from '../errors.js';
import { corrupt, Reader, type ReceivedBuffer } from './reader.js';
import { readText, readValue } from './read.js';
import { newShape, type ReadShape } from './read-shapes.js';
import { shapeTable, type ShapeTable } from './shapes.js';
import { loadModules, loadModulesSync, NeedsModules, resolveLoaded } from './resolve.js';
import { parseReference, type Reference } from './reference.js';

export interface DecodeOptions {
  /** Gives the buffer that the sender's `outOfBand` numbered; it becomes the memory of the value's own arrays. */
  readonly fetch?: (id: number) => Uint8Array;
  /** How deep the value may be nested; 1,100 by default, above the encoder's own limit. */
  readonly maxDepth?: number;
  /**
   * The bytes are another program's: they name nothing that processes of one program share, and the functions they name
   * are put to this, which throws for those that they may not.
   * @internal
   */
  readonly foreign?: (reference: Reference) => void;
}

const NO_OPTIONS: DecodeOptions = {};
const MAX_DEPTH = T.DEFAULT_MAX_DEPTH + 100;
const reader = new Reader();
let busy = false;

/**
 * The value of the message in `bytes[start … end)`. Copies what it keeps: the bytes may be reused as soon as it returns.
 * Throws `NeedsModules` when the message names functions or classes of modules that are not loaded here, before anything
 * of it has been made; `UnpicklingError` for bytes that are no message, or that name what does not exist here.
 */
export function decode(bytes: Uint8Array, start = 0, end = bytes.length, options: DecodeOptions = NO_OPTIONS): unknown {
  const s = busy ? new Reader() : reader;
  const nested = busy;
  busy = true;
  try {
    s.open(bytes, start, end, options.maxDepth ?? MAX_DEPTH);
    s.foreign = options.foreign ?? null;
    return read(s, options);
  } catch (error) {
    if (error instanceof UnpicklingError || s.inHook) throw error;
    throw new UnpicklingError(`cannot read a message: ${String(error)}`, { cause: error });
  } finally {
    s.close();
    if (!nested) busy = false;
  }
}

/** As `decode`; loads modules with `require` where it can (CommonJS; all modules from Node 22.12 on). */
export function decodeSync(bytes: Uint8Array, start?: number, end?: number, options?: DecodeOptions): unknown {
  for (;;) {
    try {
      return decode(bytes, start, end, options);
    } catch (error) {
      if (!(error instanceof NeedsModules)) throw error;
      loadModulesSync(error);
    }
  }
}

/** As `decode`; imports the modules that the message names. The bytes may be reused as soon as it returns its promise. */
export async function decodeAsync(
  bytes: Uint8Array,
  start = 0,
  end = bytes.length,
  options?: DecodeOptions,
): Promise<unknown> {
  let needed: NeedsModules;
  try {
    return refuseThenable(decode(bytes, start, end, options));
  } catch (error) {
    if (!(error instanceof NeedsModules)) throw error;
    needed = error;
  }
  const copy = Uint8Array.prototype.slice.call(bytes, start, end);
  await loadModules(needed);
  return refuseThenable(decode(copy, 0, copy.length, options));
}

/**
 * Gives a value back that a promise may be resolved with. A promise would call the `then` method of an object that has
 * one: a function the sender named, and for a harmless value a wait without end. Throws `UnpicklingError`.
 */
export function refuseThenable<T>(value: T): T {
  if (typeof value !== 'object' && typeof value !== 'function') return value;
  if (value === null || !('then' in value) || typeof value.then !== 'function') return value;
  throw new UnpicklingError(
    "cannot read a message: it is an object with a 'then' method, which a promise would call. Send it inside an array.",
  );
}

function read(s: Reader, options: DecodeOptions): unknown {
  const head = s.u8();
  if ((head & T.MAGIC_MASK) !== T.MAGIC) corrupt(`it starts with a byte (${head}) that no message of this version has`);
  if (head & T.HAS_TRAILER) readTrailer(s, options);
  if (head & T.HAS_REFS) s.refs = [];
  const value = readValue(s);
  if (s.pos !== s.end) corrupt(`${s.end - s.pos} bytes are left over`);
  return value;
}

/** Reads what stands after the value, and leaves position and end around the value alone. */
function readTrailer(s: Reader, options: DecodeOptions): void {
  const body = s.pos;
  const end = s.end;
  if (end - body < 12) corrupt('it is too short for its trailer');
  s.pos = end - 4;
  const start = body - 1 + s.u32();
  if (start < body || start > end - 12) corrupt('its trailer lies outside of it');
  s.pos = start;
  s.end = end - 4;
  const shapes = s.u16();
  const references = s.u16();
  const buffers = s.u32();
  if (shapes * 8 + references * 3 + buffers * 17 > s.end - s.pos) corrupt('its trailer is too short');
  if (shapes > 0) s.shapes = readMany(shapes, () => shapeOf(s));
  if (references > 0)
    s.functions = resolveLoaded(
      readMany(references, () => referenceOf(s)),
      s.foreign,
    );
  if (buffers > 0) s.buffers = readMany(buffers, () => bufferOf(s, options));
  if (s.pos !== s.end) corrupt('its trailer is too long');
  s.pos = body;
  s.end = start;
}

function readMany<T>(count: number, one: () => T): T[] {
  const all: T[] = [];
  for (let i = 0; i < count; i++) all.push(one());
  return all;
}

/** Lists of strings met before, found by the hash of their bytes and then compared byte by byte. */
interface Met<T> {
  readonly block: Uint8Array;
  readonly value: T;
}
const CACHE_SIZE = 1024;
const shapeCache = new Array<Met<ReadShape> | undefined>(CACHE_SIZE).fill(undefined);
const referenceCache = new Array<Met<Reference> | undefined>(CACHE_SIZE).fill(undefined);

function readBlock<T>(s: Reader, cache: (Met<T> | undefined)[], make: (strings: string[]) => T): T {
  const length = s.u32();
  const place = s.u32() % CACHE_SIZE;
  const at = s.take(length);
  const met = cache[place];
  if (met !== undefined && sameBytes(met.block, s.bytes, at, length)) return met.value;
  const end = s.end;
  s.end = at + length;
  s.pos = at;
  const strings: string[] = [];
  while (s.pos < s.end) strings.push(readText(s));
  s.end = end;
  const value = make(strings);
  cache[place] = { block: Uint8Array.prototype.slice.call(s.bytes, at, at + length), value };
  return value;
}

function sameBytes(block: Uint8Array, bytes: Uint8Array, at: number, length: number): boolean {
  if (block.length !== length) return false;
  for (let i = 0; i < length; i++) if (block[i] !== bytes[at + i]) return false;
  return true;
}

function shapeOf(s: Reader): ReadShape {
  return readBlock(s, shapeCache, keys => {
    if (new Set(keys).size !== keys.length) corrupt('an object has a key twice');
    return newShape(keys);
  });
}

function referenceOf(s: Reader): Reference {
  const how = s.u8();
  if (how === T.ENTRY_INLINE) return readBlock(s, referenceCache, parseReference);
  if (how !== T.ENTRY_SHARED || s.foreign !== null) corrupt('it names a function in an unknown way');
  return sharedReference(s.u16());
}

let table: ShapeTable | null = null;
let sharedReferences: (Reference | undefined)[] = [];

/** The reference with this number in the shared table, which says the same for ever. */
function sharedReference(id: number): Reference {
  const now = shapeTable();
  if (now !== table) {
    table = now;
    sharedReferences = [];
  }
  const known = sharedReferences[id];
  if (known !== undefined) return known;
  const strings = table?.keysOf(id);
  if (strings === undefined) corrupt('it names a function that nobody defined');
  return (sharedReferences[id] = parseReference(strings));
}

function bufferOf(s: Reader, options: DecodeOptions): ReceivedBuffer {
  const how = s.u8();
  const low = s.f64();
  const length = s.f64();
  if (!(Number.isSafeInteger(low) && Number.isSafeInteger(length) && low >= 0 && length >= 0)) {
    corrupt('a buffer has no size');
  }
  if (how === T.BUFFER_OUT_OF_BAND) return fetched(s.u32(), low, length, options);
  if (how !== T.BUFFER_INLINE) corrupt('it carries a buffer in an unknown way');
  const at = s.take(length);
  const buffer = new ArrayBuffer(length);
  new Uint8Array(buffer).set(s.bytes.subarray(at, at + length));
  return { buffer, offset: 0, low, length };
}

function fetched(id: number, low: number, length: number, options: DecodeOptions): ReceivedBuffer {
  if (options.fetch === undefined) corrupt('it has data out of band, and the receiver does not know where');
  const part = options.fetch(id);
  if (part.length < length) corrupt('data out of band is shorter than the message says');
  if (part.byteOffset % 8 === 0 && part.buffer instanceof ArrayBuffer) {
    return { buffer: part.buffer, offset: part.byteOffset, low, length };
  }
  return { buffer: part.slice(0, length).buffer as ArrayBuffer, offset: 0, low, length };
}
