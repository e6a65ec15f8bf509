import { program, type Block, type Segment } from '../memory/index.js';
import { forgetResting } from './resting.js';
import * as layout from './ringLayout.js';

/** Words of a cell. */
const ID = 0;
const HOLDER = 1;
const PAGES = 2;

/** Values of a cell's holder besides an owner word. */
const FREE = 0;
const QUEUED = -1;

const PAGE = 4096;
const SMALLEST = 64 * 1024;
/** The first word of a side segment says whether it has been dropped; the message starts behind it. */
const DROPPED = 1;
export const DATA_START = 64;
/** A buffer above 4 GiB would abort Node 20. */
export const LARGEST_SIDE = 4 * 1024 ** 3 - 2 * PAGE;
/** How much a ring keeps for messages to come, and how much may wait in it unless it is one message alone. */
const KEPT_BYTES = 256 * 1024 * 1024;
const QUEUED_BYTES = 128 * 1024 * 1024;
/** How much readers may have on loan, unless it is one message alone, and in how many cells: the others carry on. */
const LENT_BYTES = 256 * 1024 * 1024;
const LENT_CELLS = layout.CELLS / 2;

/** A side segment in this process's hand. */
export interface Side {
  readonly cell: number;
  readonly id: number;
  readonly segment: Segment;
}

/**
 * The segments in which a ring's large messages travel. A fresh segment costs far more than the copy into it (the
 * system clears its pages), so up to `CELLS` of them are kept and used again. A cell's holder is the process that
 * fills or reads the segment, QUEUED while a record names it, or FREE.
 */
export class SideSegments {
  readonly #block: Block;
  readonly #i32: Int32Array;
  readonly #start: number;

  constructor(block: Block) {
    this.#block = block;
    this.#i32 = block.segment.i32;
    this.#start = block.word + layout.CELLS_START;
  }

  /** Which ring they belong to: the same in all Ring objects of it. */
  get block(): Block {
    return this.#block;
  }

  /**
   * Segments of so many bytes each, for one message, held by this process; undefined when so many large messages wait
   * that this one has to. Throws OSError (`ENOSPC`).
   */
  take(lengths: readonly number[]): Side[] | undefined {
    forgetDropped();
    const wanted = lengths.map(pagesFor);
    const queued = this.#bytes(QUEUED);
    if (queued > 0 && queued + sum(wanted) * PAGE > QUEUED_BYTES) return undefined;
    const taken: Side[] = [];
    try {
      for (const pages of wanted) {
        const side = this.#takeKept(pages) ?? this.#takeEmpty(pages) ?? this.#replaceSmaller(pages);
        if (side === undefined) break;
        taken.push(side);
      }
      if (taken.length === wanted.length) return taken;
    } catch (error) {
      this.giveBack(taken);
      throw error;
    }
    this.giveBack(taken);
    return undefined;
  }

  /** The writer is about to publish the record that names the segments. Behind the writer lock. */
  enqueue(sides: readonly Side[]): void {
    for (const { cell } of sides) Atomics.store(this.#i32, this.#at(cell) + HOLDER, QUEUED);
  }

  /**
   * The reader has found the record, and is about to take it out. Behind the reader lock. Answers whether it may keep
   * the segments for longer than it takes to read them.
   */
  hold(cells: readonly number[]): boolean {
    let [held, bytes] = [0, 0];
    for (let cell = 0; cell < layout.CELLS; cell++) {
      const holder = Atomics.load(this.#i32, this.#at(cell) + HOLDER);
      if (holder === FREE || holder === QUEUED) continue;
      held++;
      bytes += Atomics.load(this.#i32, this.#at(cell) + PAGES) * PAGE;
    }
    const wanted = sum(cells.map(cell => Atomics.load(this.#i32, this.#at(cell) + PAGES))) * PAGE;
    for (const cell of cells) Atomics.store(this.#i32, this.#at(cell) + HOLDER, program().me);
    return held === 0 || (held + cells.length <= LENT_CELLS && bytes + wanted <= LENT_BYTES);
  }

  open(cell: number, id: number): Side {
    if (!mapped.has(id)) forgetDropped();
    mapped.add(id);
    return { cell, id, segment: program().segment(id) };
  }

  /** Their message is read, or was never sent: keep the segments for another, or remove them. */
  giveBack(sides: readonly Pick<Side, 'cell'>[]): void {
    for (const { cell } of sides) {
      const at = this.#at(cell);
      if (this.#isTooMuch(at)) this.#empty(at);
      Atomics.store(this.#i32, at + HOLDER, FREE);
    }
  }

  /**
   * As `giveBack`, for one that was held for long: the ring may be gone, and its memory somebody else's, at any step. So
   * both words are swapped, from what only this ring can have there. Answers whether the segment is kept for another
   * message.
   */
  giveBackLate(cell: number, id: number): boolean {
    const at = this.#at(cell);
    const { me } = program();
    if (Atomics.load(this.#i32, at + ID) !== id || Atomics.load(this.#i32, at + HOLDER) !== me) return false;
    const isTooMuch = this.#isTooMuch(at);
    if (isTooMuch && Atomics.compareExchange(this.#i32, at + ID, id, 0) === id) drop(id);
    return Atomics.compareExchange(this.#i32, at + HOLDER, me, FREE) === me && !isTooMuch;
  }

  /**
   * Puts right what the dead have left; behind both locks. `named` are the cells that records in the ring name: those
   * are queued, whoever was about to take them; and nobody else will ever free the ones that only look queued.
   */
  reclaim(named: ReadonlySet<number>): void {
    for (let cell = 0; cell < layout.CELLS; cell++) {
      const at = this.#at(cell);
      const holder = Atomics.load(this.#i32, at + HOLDER);
      if (holder === FREE || (holder !== QUEUED && !program().isDead(holder))) continue;
      Atomics.store(this.#i32, at + HOLDER, named.has(cell) ? QUEUED : FREE);
    }
  }

  /** Removes those that are kept for messages to come; the system wants their memory. Answers how many there were. */
  removeKept(): number {
    let removed = 0;
    for (let cell = 0; cell < layout.CELLS; cell++) {
      const at = this.#at(cell);
      if (Atomics.load(this.#i32, at + ID) === 0 || !this.#claim(at)) continue;
      if (this.#empty(at)) removed++;
      Atomics.store(this.#i32, at + HOLDER, FREE);
    }
    return removed;
  }

  /** Removes them all; nobody may use the ring any more. */
  destroy(): void {
    for (let cell = 0; cell < layout.CELLS; cell++) this.#empty(this.#at(cell));
  }

  /** Whether the ring would keep too much with this one. */
  #isTooMuch(at: number): boolean {
    return this.#bytes(FREE) + Atomics.load(this.#i32, at + PAGES) * PAGE > KEPT_BYTES;
  }

  #at(cell: number): number {
    return this.#start + cell * layout.CELL_WORDS;
  }

  #claim(at: number): boolean {
    return Atomics.compareExchange(this.#i32, at + HOLDER, FREE, program().me) === FREE;
  }

  /** Of the kept ones that are large enough the smallest, and of those always the same: its pages are warm. */
  #takeKept(pages: number): Side | undefined {
    for (;;) {
      let [best, size] = [-1, Infinity];
      for (let cell = 0; cell < layout.CELLS; cell++) {
        const at = this.#at(cell);
        if (Atomics.load(this.#i32, at + HOLDER) !== FREE || !this.#fits(at, pages)) continue;
        const found = Atomics.load(this.#i32, at + PAGES);
        if (found < size) [best, size] = [cell, found];
      }
      if (best < 0) return undefined;
      const at = this.#at(best);
      if (!this.#claim(at)) continue;
      try {
        if (this.#fits(at, pages)) return this.open(best, Atomics.load(this.#i32, at + ID));
      } catch (error) {
        // No descriptor or no address space left here: others may have.
        Atomics.store(this.#i32, at + HOLDER, FREE);
        throw error;
      }
      Atomics.store(this.#i32, at + HOLDER, FREE);
    }
  }

  #fits(at: number, pages: number): boolean {
    return Atomics.load(this.#i32, at + ID) !== 0 && Atomics.load(this.#i32, at + PAGES) >= pages;
  }

  #takeEmpty(pages: number): Side | undefined {
    for (let cell = 0; cell < layout.CELLS; cell++) {
      const at = this.#at(cell);
      if (Atomics.load(this.#i32, at + ID) !== 0 || !this.#claim(at)) continue;
      if (Atomics.load(this.#i32, at + ID) === 0) return this.#fill(cell, pages);
      Atomics.store(this.#i32, at + HOLDER, FREE);
    }
    return undefined;
  }

  #replaceSmaller(pages: number): Side | undefined {
    for (let cell = 0; cell < layout.CELLS; cell++) {
      const at = this.#at(cell);
      if (!this.#claim(at)) continue;
      this.#empty(at);
      return this.#fill(cell, pages);
    }
    return undefined;
  }

  #fill(cell: number, pages: number): Side {
    const at = this.#at(cell);
    try {
      const { id, segment } = this.#create(pages * PAGE);
      mapped.add(id);
      Atomics.store(this.#i32, at + PAGES, pages);
      Atomics.store(this.#i32, at + ID, id);
      return { cell, id, segment };
    } catch (error) {
      Atomics.store(this.#i32, at + HOLDER, FREE);
      throw error;
    }
  }

  #create(byteLength: number): { id: number; segment: Segment } {
    try {
      return program().createSegment(byteLength);
    } catch (error) {
      // What is merely kept may be all that is missing.
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC' || this.removeKept() === 0) throw error;
      return program().createSegment(byteLength);
    }
  }

  /** Removes a cell's segment; whether there was one. */
  #empty(at: number): boolean {
    const id = Atomics.exchange(this.#i32, at + ID, 0);
    if (id !== 0) drop(id);
    return id !== 0;
  }

  /** What the cells with this holder hold. */
  #bytes(holder: number): number {
    let pages = 0;
    for (let cell = 0; cell < layout.CELLS; cell++) {
      const at = this.#at(cell);
      if (Atomics.load(this.#i32, at + HOLDER) === holder && Atomics.load(this.#i32, at + ID) !== 0) {
        pages += Atomics.load(this.#i32, at + PAGES);
      }
    }
    return pages * PAGE;
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** Eight sizes between two powers of two: at most an eighth is wasted, and messages of similar size share. */
function pagesFor(byteLength: number): number {
  const wanted = Math.max(byteLength, SMALLEST);
  const step = Math.max(PAGE, 2 ** (Math.floor(Math.log2(wanted)) - 3));
  return Math.min(Math.ceil(wanted / step) * step, LARGEST_SIDE) / PAGE;
}

/** Side segments this process has mapped. */
const mapped = new Set<number>();

function drop(id: number): void {
  try {
    Atomics.store(program().segment(id).i32, 0, DROPPED);
  } catch (error) {
    // Removed by hand, or this process has no more room for a mapping: the name goes all the same.
    if (!(error instanceof Error)) throw error;
  }
  program().dropSegment(id);
  mapped.delete(id);
  forgetResting(id);
}

/** Whoever drops a segment marks it, so that the others give their mapping back too. */
function forgetDropped(): void {
  for (const id of mapped) {
    // Without a name the program has given its mapping up already, at the last file it made.
    const segment = program().mappedSegment(id);
    if (segment !== undefined && Atomics.load(segment.i32, 0) !== DROPPED) continue;
    mapped.delete(id);
    if (segment !== undefined) program().dropSegment(id);
    forgetResting(id);
  }
}
