let word: Int32Array | undefined;

/** Blocks the thread, and nothing else, for so many milliseconds. */
export function nap(ms: number): void {
  word ??= new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(word, 0, 0, ms);
}
