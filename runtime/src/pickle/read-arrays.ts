import * as T from './tags.js';
import { corrupt, type Reader } from './reader.js';
import { readValue } from './read.js';

/** Arrays of numbers only, copied from packed integers or doubles. */
export function readNumbers(s: Reader, tag: number): number[] {
  const length = s.u32();
  const size = tag === T.INT32_ARRAY ? 4 : 8;
  const at = s.take(length * size);
  const { view } = s;
  const array = s.keep(length < 64 ? [] : new Array<number>(length));
  if (tag === T.INT32_ARRAY) for (let i = 0; i < length; i++) array[i] = view.getInt32(at + i * 4, true);
  else for (let i = 0; i < length; i++) array[i] = view.getFloat64(at + i * 8, true);
  return array;
}

/** Beyond any index the engine would make room for, so that writing there makes the array a sparse one. */
const FAR = 0xffff_fffe;

/** Arrays with holes. The length is only a number until an element is there, so a lying one allocates nothing. */
export function readSparse(s: Reader): unknown[] {
  const length = s.u32();
  const array = s.keep<unknown[]>([]);
  if (length > s.end - s.pos || (s.holes -= length) < 0) {
    array[FAR] = undefined;
    array.pop();
  }
  array.length = length;
  for (let i = 0; i < length; i++) {
    const tag = s.bytes[s.pos];
    if (tag === T.HOLE && s.pos < s.end) {
      s.pos++;
    } else if (tag === T.REST && s.pos < s.end) {
      s.pos++;
      readPlaces(s, array, length);
      return array;
    } else {
      array[i] = readValue(s);
    }
  }
  return array;
}

function readPlaces(s: Reader, array: unknown[], length: number): void {
  const count = s.u32();
  for (let i = 0; i < count; i++) {
    const index = s.u32();
    if (index >= length) corrupt('an element lies outside its array');
    array[index] = readValue(s);
  }
}
