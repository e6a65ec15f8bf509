import { OSError } from '../errors.js';
import { program } from './program.js';

const FIRST_BYTES = 4096;
/** Words of the first part. Each further part is as long as all before it together. */
const FIRST_WORDS = FIRST_BYTES / 4;
/** The first words name the further parts, 0 where there is none yet. */
const PARTS = 16;

/**
 * Shared memory that becomes longer: twice as long each time, by one part more in a file of its own. What is in it
 * stays where it is, for everybody, so nothing is ever mapped anew; a process maps the new part when it first looks
 * there. Growing is one swap of a word: a process that dies before leaves an unused file until the program's end.
 */
export class GrowingSegment {
  /** Words that are the segment's own; what it is used for starts behind them. */
  static readonly START = PARTS;
  readonly id: number;
  readonly #parts: Int32Array[];

  private constructor(id: number, first: Int32Array) {
    this.id = id;
    this.#parts = [first];
  }

  /** Makes one, zeroed, with 1,024 words. Throws OSError (`ENOSPC`, …). */
  static create(): GrowingSegment {
    const { id, segment } = program().createSegment(FIRST_BYTES);
    return new GrowingSegment(id, segment.i32);
  }

  /** The one that another process made. */
  static open(id: number): GrowingSegment {
    return new GrowingSegment(id, program().segment(id).i32);
  }

  /** The part in which a word lies; undefined when the segment is not so long. Its place in there is `indexOf`. */
  partOf(word: number): Int32Array | undefined {
    const nth = nthPart(word);
    return this.#parts[nth] ?? this.#map(nth);
  }

  /** Where in its part a word lies. Words that lie side by side in a block of a power of two lie so here, too. */
  indexOf(word: number): number {
    return word < FIRST_WORDS ? word : word - FIRST_WORDS * 2 ** (nthPart(word) - 1);
  }

  /** Makes it long enough for a word, whoever else does so at the same time. Throws OSError (`ENOSPC`, `EFBIG`). */
  growTo(word: number): void {
    const wanted = nthPart(word);
    if (wanted > PARTS) throw new OSError('EFBIG', 'a segment that grows has grown as far as it can');
    for (let nth = 1; nth <= wanted; nth++) {
      if (this.#parts[nth] === undefined && this.#map(nth) === undefined) this.#add(nth);
    }
  }

  #add(nth: number): void {
    const { id } = program().createSegment(FIRST_BYTES * 2 ** (nth - 1));
    if (Atomics.compareExchange(this.#first, nth - 1, 0, id) !== 0) program().dropSegment(id);
    this.#map(nth);
  }

  #map(nth: number): Int32Array | undefined {
    const id = nth > PARTS ? 0 : Atomics.load(this.#first, nth - 1);
    if (id === 0) return undefined;
    return (this.#parts[nth] = program().segment(id).i32);
  }

  get #first(): Int32Array {
    return this.#parts[0] as Int32Array; // there from the start
  }
}

const nthPart = (word: number): number => (word < FIRST_WORDS ? 0 : Math.floor(Math.log2(word / FIRST_WORDS)) + 1);
