/**
 * Two neighbouring 32-bit words changed as one: what they say together is only true together (a count and whose it is,
 * the head of a list and how often it has moved). The first word is the low half: every supported machine is little-endian.
 */
const scratch = new BigInt64Array(1);
const halves = new Int32Array(scratch.buffer);

function pairOf(low: number, high: number): bigint {
  halves[0] = low;
  halves[1] = high;
  return scratch[0] ?? 0n;
}

/** Puts a pair in the place of another; false when it was not there. `at` counts pairs from the segment's start. */
export function swapPair(
  pairs: BigInt64Array,
  at: number,
  [low, high]: readonly [number, number],
  [newLow, newHigh]: readonly [number, number],
): boolean {
  const expected = pairOf(low, high);
  return Atomics.compareExchange(pairs, at, expected, pairOf(newLow, newHigh)) === expected;
}

/** Both words as they are at one moment. */
export function loadPair(pairs: BigInt64Array, at: number): readonly [low: number, high: number] {
  scratch[0] = Atomics.load(pairs, at);
  return [halves[0] ?? 0, halves[1] ?? 0];
}
