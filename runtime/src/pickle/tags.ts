/**
 * The wire format's vocabulary; README.md beside this file tells what follows each tag. Encoder and decoder of one
 * program are always the same build, so tags may be renumbered freely between versions: `MAGIC` changes with them.
 */

/** First byte of every message: the format's version in the high bits, what the message carries in the low two. */
export const MAGIC = 0xa4;
export const MAGIC_MASK = 0xfc;
/** Some object is met twice: the decoder must number what it makes. */
export const HAS_REFS = 1;
/** A trailer with shapes, references or buffers follows the value. */
export const HAS_TRAILER = 2;

/** 0x80-0xff are the integers -64 … 63, 0x40-0x7f a latin-1 string of 0 … 63 characters. */
export const SMALL_INT = 0x80;
export const SMALL_INT_ZERO = 0xc0;
export const SHORT_STRING = 0x40;

export const UNDEFINED = 0x00;
export const NULL = 0x01;
export const TRUE = 0x02;
export const FALSE = 0x03;
export const INT32 = 0x04;
export const DOUBLE = 0x05;
export const LATIN1 = 0x06;
export const UTF16 = 0x07;
export const BIGINT64 = 0x08;
export const BIGINT = 0x09;
export const SYMBOL_FOR = 0x0a;
export const SYMBOL_KNOWN = 0x0b;
export const REF = 0x0c;
export const ARRAY = 0x0d;
export const ARRAY_SPARSE = 0x0e;
export const HOLE = 0x0f;
export const REST = 0x10;
export const INT32_ARRAY = 0x11;
export const DOUBLE_ARRAY = 0x12;
/** Four object headers in a row: shape defined in this message or in the shared table, without or with further pairs. */
export const OBJECT_LOCAL = 0x14;
export const OBJECT_SHARED = 0x15;
export const OBJECT_LOCAL_REST = 0x16;
export const OBJECT_SHARED_REST = 0x17;
export const OBJECT_NULL = 0x18;
export const INSTANCE = 0x19;
export const EXTENDED = 0x1a;
export const MAP = 0x20;
export const SET = 0x21;
export const DATE = 0x22;
export const REGEXP = 0x23;
export const BUFFER = 0x24;
export const VIEW = 0x25;
export const ERROR = 0x26;
export const BOXED = 0x27;
export const URL_VALUE = 0x28;
export const URL_PARAMS = 0x29;
export const FUNCTION = 0x2a;
export const HANDLE = 0x2b;
export const REDUCED = 0x2c;

/** Stands where a u16 index of a class may stand, and says there is none. */
export const NO_CLASS = 0xffff;

/** Bits of the byte after an error's class: which of its own properties travel apart from the enumerable ones. */
export const ERROR_MESSAGE = 1;
export const ERROR_STACK = 2;
export const ERROR_CAUSE = 4;
export const ERROR_ERRORS = 8;
export const ERROR_NAME = 16;

/** Trailer entries are written out, or name an entry of the shared table. */
export const ENTRY_INLINE = 0;
export const ENTRY_SHARED = 1;
/** Trailer buffers are written out, or handed over out of band under a number. */
export const BUFFER_INLINE = 0;
export const BUFFER_OUT_OF_BAND = 1;

/** Nesting allowed when the caller sets no other limit: about half of what the default stack has room for. */
export const DEFAULT_MAX_DEPTH = 1000;
/** Offsets in a message are 31-bit; larger data travels out of band. */
export const DEFAULT_MAX_BYTES = 0x7fff_ffff;
/** Buffers from this size up are offered to `outOfBand`. */
export const OUT_OF_BAND_FROM = 256 * 1024;

export const WELL_KNOWN_SYMBOLS: ReadonlyMap<string, symbol> = new Map(
  Object.getOwnPropertyNames(Symbol).flatMap(name => {
    const value: unknown = Reflect.get(Symbol, name);
    return typeof value === 'symbol' ? [[name, value] as const] : [];
  }),
);
