/**
 * Text in and out of bytes. Latin-1 and UTF-16 are straight copies of what the engine holds, so lone surrogates
 * survive; UTF-8 would be smaller for mixed text, lossy for lone surrogates, and several times slower.
 */

/** Node's own Buffer methods, typed: its declarations leave them out. The public `write(…, encoding)` costs twice. */
interface NativeText {
  latin1Write(text: string, offset: number, length: number): number;
  ucs2Write(text: string, offset: number, length: number): number;
  latin1Slice(start: number, end: number): string;
  ucs2Slice(start: number, end: number): string;
}

const native = Buffer.prototype as unknown as NativeText;
/** Takes elements of arrays whose bounds are checked elsewhere without an assertion for each. */
const fromCharCode = String.fromCharCode as (...units: (number | undefined)[]) => string;

/** Whether any UTF-16 unit needs more than a byte; instant for strings the engine itself stores as one-byte. */
const WIDE = /[^\x00-\xff]/;
export function isWide(text: string): boolean {
  return WIDE.test(text);
}

export function writeLatin1(bytes: Uint8Array, text: string, at: number): void {
  native.latin1Write.call(bytes, text, at, text.length);
}

export function writeUtf16(bytes: Uint8Array, text: string, at: number): void {
  native.ucs2Write.call(bytes, text, at, text.length * 2);
}

export function readUtf16(bytes: Uint8Array, start: number, end: number): string {
  return native.ucs2Slice.call(bytes, start, end);
}

/**
 * Crossing into Node's native code costs as much as reading three short strings here: `fromCharCode` with its
 * arguments written out is compiled in place (15 ns for 12 characters against 44 ns).
 */
// prettier-ignore -- one line a length is the readable form
export function readLatin1(b: Uint8Array, p: number, end: number): string {
  switch (end - p) {
    case 0:
      return '';
    case 1:
      return fromCharCode(b[p]);
    case 2:
      return fromCharCode(b[p], b[p + 1]);
    case 3:
      return fromCharCode(b[p], b[p + 1], b[p + 2]);
    case 4:
      return fromCharCode(b[p], b[p + 1], b[p + 2], b[p + 3]);
    case 5:
      return fromCharCode(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4]);
    case 6:
      return fromCharCode(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5]);
    case 7:
      return fromCharCode(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6]);
    case 8:
      return fromCharCode(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7]);
    case 9:
      return fromCharCode(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8]);
    case 10:
      return fromCharCode(
        b[p],
        b[p + 1],
        b[p + 2],
        b[p + 3],
        b[p + 4],
        b[p + 5],
        b[p + 6],
        b[p + 7],
        b[p + 8],
        b[p + 9],
      );
    case 11:
      return fromCharCode(
        b[p],
        b[p + 1],
        b[p + 2],
        b[p + 3],
        b[p + 4],
        b[p + 5],
        b[p + 6],
        b[p + 7],
        b[p + 8],
        b[p + 9],
        b[p + 10],
      );
    case 12:
      return fromCharCode(
        b[p],
        b[p + 1],
        b[p + 2],
        b[p + 3],
        b[p + 4],
        b[p + 5],
        b[p + 6],
        b[p + 7],
        b[p + 8],
        b[p + 9],
        b[p + 10],
        b[p + 11],
      );
    case 13:
      return fromCharCode(
        b[p],
        b[p + 1],
        b[p + 2],
        b[p + 3],
        b[p + 4],
        b[p + 5],
        b[p + 6],
        b[p + 7],
        b[p + 8],
        b[p + 9],
        b[p + 10],
        b[p + 11],
        b[p + 12],
      );
    case 14:
      return fromCharCode(
        b[p],
        b[p + 1],
        b[p + 2],
        b[p + 3],
        b[p + 4],
        b[p + 5],
        b[p + 6],
        b[p + 7],
        b[p + 8],
        b[p + 9],
        b[p + 10],
        b[p + 11],
        b[p + 12],
        b[p + 13],
      );
    case 15:
      return fromCharCode(
        b[p],
        b[p + 1],
        b[p + 2],
        b[p + 3],
        b[p + 4],
        b[p + 5],
        b[p + 6],
        b[p + 7],
        b[p + 8],
        b[p + 9],
        b[p + 10],
        b[p + 11],
        b[p + 12],
        b[p + 13],
        b[p + 14],
      );
    case 16:
      return fromCharCode(
        b[p],
        b[p + 1],
        b[p + 2],
        b[p + 3],
        b[p + 4],
        b[p + 5],
        b[p + 6],
        b[p + 7],
        b[p + 8],
        b[p + 9],
        b[p + 10],
        b[p + 11],
        b[p + 12],
        b[p + 13],
        b[p + 14],
        b[p + 15],
      );
    default:
      return native.latin1Slice.call(b, p, end);
  }
}
