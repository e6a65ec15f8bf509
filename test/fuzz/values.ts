import {
  Bag,
  Day,
  Labelled,
  Money,
  Point,
  Samples,
  Stack,
  Tagged,
  TaskError,
} from '../runtime/pickle/fixtures/classes.js';
import type { Random } from './random.js';

/** Values of every kind that travels; those only that `structuredClone` treats alike, where that is asked for. */
export class Values {
  readonly #random: Random;
  readonly #cloneable: boolean;
  readonly #met: object[] = [];
  #left = 60;

  constructor(random: Random, cloneable: boolean) {
    this.#random = random;
    this.#cloneable = cloneable;
  }

  any(depth = 0): unknown {
    const random = this.#random;
    if (depth > 5 || this.#left-- < 0 || random.chance(3)) return this.primitive();
    if (this.#met.length > 0 && random.chance(8)) return random.pick(this.#met);
    const made = random.pick(this.#cloneable ? this.#cloned : [...this.#cloned, ...this.#ours])(depth + 1);
    return made;
  }

  primitive(): unknown {
    const random = this.#random;
    switch (random.below(this.#cloneable ? 8 : 9)) {
      case 0:
        return random.pick([undefined, null, true, false]);
      case 1:
        return random.below(300) - 150;
      case 2:
        return random.u32() | 0;
      case 3:
        return random.pick([-0, NaN, Infinity, -Infinity, 2 ** 31, 2 ** 53, 5e-324, 0.1, (random.u32() - 2 ** 31) / 7]);
      case 4:
        return BigInt.asIntN(64, BigInt(random.u32()) * BigInt(random.u32()) * 3n);
      case 5:
        return (random.chance(2) ? -1n : 1n) * BigInt(random.u32() + 1) ** BigInt(random.below(12));
      case 8:
        return random.pick([Symbol.iterator, Symbol.for(this.text()), Math.max, Map, Point, Point.origin]);
      default:
        return this.text();
    }
  }

  text(): string {
    const random = this.#random;
    const unit = random.pick([128, 256, 0x800, 0x10000]);
    const length = random.pick([0, 1, 3, 8, 15, 16, 17, 62, 63, 64, 65, 100, 300]);
    return String.fromCharCode(...Array.from({ length }, () => random.below(unit)));
  }

  #keep<T extends object>(object: T): T {
    this.#met.push(object);
    return object;
  }

  #key(): string {
    const random = this.#random;
    return random.chance(4)
      ? this.text()
      : random.pick(['id', 'name', 'a', 'b', 'then', '__proto__', 'constructor', 'length', '0', '7', '-1', '']);
  }

  #fill<T extends object>(object: T, depth: number): T {
    for (let i = this.#random.below(6); i > 0; i--) {
      Object.defineProperty(object, this.#key(), { value: this.any(depth), enumerable: true, configurable: true, writable: true }); // prettier-ignore
    }
    return object;
  }

  #numbers(): number[] {
    const random = this.#random;
    const make = random.pick([() => random.below(1000), () => random.u32() / 3, () => (random.chance(9) ? -0 : 1)]);
    return Array.from({ length: random.below(20) }, make);
  }

  #view(): object {
    const random = this.#random;
    const kinds = [Uint8Array, Int8Array, Uint8ClampedArray, Uint16Array, Int16Array, Uint32Array, Int32Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array]; // prettier-ignore
    const View = random.pick(kinds);
    const size = View.BYTES_PER_ELEMENT;
    const buffer = new ArrayBuffer(size * (2 + random.below(10)) + random.below(9));
    new Uint8Array(buffer).forEach((_, i, all) => (all[i] = random.below(256)));
    const offset = size * random.below(3);
    if (random.chance(5)) return new DataView(buffer, random.below(Math.min(4, buffer.byteLength)));
    return new View(buffer, offset, random.below(Math.floor((buffer.byteLength - offset) / size) + 1));
  }

  readonly #cloned: readonly ((depth: number) => object)[] = [
    depth => this.#fill(this.#keep({}), depth),
    depth => this.#fill(this.#keep({}), depth),
    depth => {
      const array = this.#keep<unknown[]>([]);
      for (let i = this.#random.below(8); i > 0; i--) array.push(this.any(depth));
      return array;
    },
    () => this.#keep(this.#numbers()),
    depth => {
      const array = this.#keep<unknown[]>([]);
      array.length = this.#random.pick([3, 10, 80, 100_000]);
      for (let i = this.#random.below(5); i > 0; i--) array[this.#random.below(array.length)] = this.any(depth);
      return array;
    },
    depth => {
      const map = this.#keep(new Map<unknown, unknown>());
      for (let i = this.#random.below(5); i > 0; i--) map.set(this.primitive(), this.any(depth));
      return map;
    },
    () => {
      const set = this.#keep(new Set<unknown>());
      for (let i = this.#random.below(5); i > 0; i--) set.add(this.primitive());
      return set;
    },
    () => this.#keep(new Date(this.#random.u32() * 1000)),
    () => this.#keep(this.#view()),
    () => this.#keep(new Uint8Array(this.#random.bytes(this.#random.below(30))).buffer),
    () => this.#keep(Object(this.#random.pick([1, 'two', true, 4n])) as object),
  ];

  readonly #ours: readonly ((depth: number) => object)[] = [
    depth => this.#fill(this.#keep(Object.create(null) as object), depth),
    () => this.#keep(Object.assign(/a(b)+/giu, { lastIndex: this.#random.below(5) })),
    () => this.#keep(Buffer.from(this.#random.bytes(9))),
    depth => {
      const Type = this.#random.pick([Error, TypeError, RangeError]);
      const error = this.#keep(new Type(this.text()));
      if (this.#random.chance(2)) Object.defineProperty(error, 'cause', { value: this.any(depth), configurable: true, writable: true }); // prettier-ignore
      return Object.assign(error, { code: this.primitive() });
    },
    () => this.#keep(new AggregateError([1, new Error('inner')], this.text())),
    () => this.#keep(new TaskError(this.text(), 3)),
    () => this.#keep(new DOMException('gone', 'AbortError')),
    () => this.#keep(new URL(`https://example.org/${encodeURIComponent(this.#random.below(99))}`)),
    () => this.#keep(new URLSearchParams({ a: String(this.#random.below(99)) })),
    depth => this.#keep(Object.assign(new Point(1, 2), { x: this.any(depth) })),
    depth => this.#keep(Object.assign(new Labelled(1, 2, 'l'), { more: this.any(depth) })),
    () => this.#keep(new Money(BigInt(this.#random.u32()), this.text())),
    () => this.#keep(Object.assign(new Tagged([['a', 1]]), { tag: this.text() })),
    () => this.#keep(Object.assign(Stack.from([1, 2, 3]) as Stack, { label: this.text() })),
    () => this.#keep(Object.assign(new Day(5), { label: this.text() })),
    () => this.#keep(new Bag([this.primitive()])),
    () => this.#keep(new Samples(this.#numbers())),
  ];
}
