/** Copies of up to so many bytes are faster as a loop over words than as a call into the engine. */
const LOOP_BYTES = 256;

/**
 * Memory as bytes and as words. The words start at the bytes' first index that is a multiple of four in memory, which
 * is index 0 for everything made here.
 */
export interface Memory {
  readonly u8: Buffer;
  readonly i32: Int32Array;
}

/** Memory of this process alone, aligned. */
export function privateMemory(byteLength: number): Memory {
  const buffer = new ArrayBuffer((byteLength + 7) & ~7);
  return { u8: Buffer.from(buffer), i32: new Int32Array(buffer) };
}

let lastBuffer: ArrayBufferLike | undefined;
let lastWords: Int32Array = new Int32Array(0);

/** Copies `bytes[start..end)` to `target`, whose index `at` is a multiple of four. May write up to 3 bytes more. */
export function copyIn(target: Memory, at: number, bytes: Uint8Array, start: number, end: number): void {
  const length = end - start;
  const from = bytes.byteOffset + start;
  if (length <= LOOP_BYTES && (from & 3) === 0) {
    if (bytes.buffer !== lastBuffer) {
      lastBuffer = bytes.buffer;
      lastWords = new Int32Array(lastBuffer, 0, lastBuffer.byteLength >> 2);
    }
    const last = (from + length + 3) >> 2;
    if (last <= lastWords.length) {
      const words = lastWords;
      const { i32 } = target;
      for (let i = from >> 2, j = at >> 2; i < last; i++, j++) i32[j] = words[i] ?? 0;
      return;
    }
  }
  if (length <= 32) for (let i = start, j = at; i < end; i++, j++) target.u8[j] = bytes[i] ?? 0;
  else target.u8.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), at);
}

/** Copies `length` bytes between two memories, both indexes multiples of four. May write up to 3 bytes more. */
export function copyWords(target: Memory, at: number, source: Memory, from: number, length: number): void {
  if (length > LOOP_BYTES) {
    source.u8.copy(target.u8, at, from, from + length);
    return;
  }
  const into = target.i32;
  const words = source.i32;
  for (let i = from >> 2, j = at >> 2, last = (from + length + 3) >> 2; i < last; i++, j++) into[j] = words[i] ?? 0;
}
