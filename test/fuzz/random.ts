/** Mulberry32: the same numbers on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** The generator of one input of a run: any input can be made again without the ones before it. */
  static of(seed: number, index: number): Random {
    return new Random(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35));
  }

  u32(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** 0 up to, but not including, 1. */
  unit(): number {
    return this.u32() / 2 ** 32;
  }

  /** 0 … below-1. */
  below(below: number): number {
    return below <= 1 ? 0 : this.u32() % below;
  }

  chance(one: number): boolean {
    return this.below(one) === 0;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T; // callers have a list with something in it
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    for (let i = 0; i < length; i++) bytes[i] = this.u32() & 255;
    return bytes;
  }
}

/** Numbers from 0 up to, but not including, 1: the same for the same seed. */
export function seeded(seed: number): () => number {
  const random = new Random(seed);
  return () => random.unit();
}
