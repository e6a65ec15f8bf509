import type { Random } from './random.js';

/** Numbers that lengths, counts, offsets and positions get wrong on. */
const NASTY = [
  0, 1, 2, 7, 8, 63, 64, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000, 0xffffff, 0x7ffffffe, 0x7fffffff,
  0x80000000, 0xfffffff0, 0xfffffffe, 0xffffffff,
]; // prettier-ignore
const NASTY_DOUBLES = [-1, -0, 0.5, NaN, Infinity, -Infinity, 2 ** 31, 2 ** 32, 2 ** 53, 1e308];

const MUTATORS: readonly ((bytes: Buffer, random: Random, corpus: readonly Buffer[]) => Buffer)[] = [
  function flipBit(bytes, random) {
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
    return bytes;
  },
  function setByte(bytes, random) {
    bytes[random.below(bytes.length)] = random.u32() & 255;
    return bytes;
  },
  function retype(bytes, random) {
    // Tags are small numbers: one kind of value is taken for another.
    bytes[random.below(bytes.length)] = random.below(0x30);
    return bytes;
  },
  function truncate(bytes, random) {
    return bytes.subarray(0, random.below(bytes.length));
  },
  function lengthen(bytes, random) {
    return Buffer.concat([bytes, random.bytes(random.below(20))]);
  },
  function lieAboutLength(bytes, random) {
    if (bytes.length < 4) return bytes;
    bytes.writeUInt32LE(random.chance(4) ? random.u32() : random.pick(NASTY), random.below(bytes.length - 3));
    return bytes;
  },
  function lieAboutCount(bytes, random) {
    if (bytes.length < 2) return bytes;
    bytes.writeUInt16LE(random.pick(NASTY) & 0xffff, random.below(bytes.length - 1));
    return bytes;
  },
  function lieInDouble(bytes, random) {
    if (bytes.length < 8) return bytes;
    bytes.writeDoubleLE(random.pick(NASTY_DOUBLES), random.below(bytes.length - 7));
    return bytes;
  },
  function splice(bytes, random, corpus) {
    const other = random.pick(corpus);
    const [from, length] = [random.below(other.length), random.below(other.length)];
    const at = random.below(bytes.length);
    const skipped = random.chance(2) ? 0 : random.below(bytes.length - at);
    return Buffer.concat([bytes.subarray(0, at), other.subarray(from, from + length), bytes.subarray(at + skipped)]);
  },
  function repeat(bytes, random) {
    const at = random.below(bytes.length);
    const part = bytes.subarray(at, at + 1 + random.below(16));
    return Buffer.concat([bytes.subarray(0, at), ...Array.from({ length: random.below(200) }, () => part), bytes.subarray(at)]); // prettier-ignore
  },
  function remove(bytes, random) {
    const at = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(12))]);
  },
  function move(bytes, random) {
    bytes.copyWithin(random.below(bytes.length), random.below(bytes.length), random.below(bytes.length));
    return bytes;
  },
];

/** One input: mostly a valid one that a few mutators have changed, at times nothing but noise. */
export function makeInput(random: Random, corpus: readonly Buffer[], longest: number): Buffer {
  if (corpus.length === 0 || random.chance(50)) return random.bytes(random.below(64));
  let bytes = Buffer.from(random.pick(corpus));
  const count = random.chance(20) ? 0 : 1 + random.below(random.chance(4) ? 12 : 3);
  for (let i = 0; i < count && bytes.length > 0; i++) bytes = Buffer.from(random.pick(MUTATORS)(bytes, random, corpus));
  return bytes.subarray(0, longest);
}
