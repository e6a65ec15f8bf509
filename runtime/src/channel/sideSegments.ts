import { program, type Block, type Segment } from '../memory/index.js';
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
/** How much a ring keeps for messages to come, and how much may wait in it unless it is one message alone. */
const KEPT_BYTES = 160 * 1024 * 1024;
const QUEUED_BYTES = 160 * 1024 * 1024;

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
  readonly #i32: Int32Array;
  readonly #start: number;

  constructor(block: Block) {
    this.#i32 = block.segment.i32;
    this.#start = block.word + layout.CELLS_START;
  }

  /**
   * A segment for a message of `byteLength`, held by this process; undefined when so many large messages wait that this
   * one has to. Throws OSError (`ENOSPC`, `EFBIG`).
   */
  take(byteLength: number): Side | undefined {
    forgetDropped();
    const pages = pagesFor(byteLength + DATA_START);
    const queued = this.#bytes(QUEUED);
    if (queued > 0 && queued + pages * PAGE > QUEUED_BYTES) return undefined;
    return this.#takeKept(pages) ?? this.#takeEmpty(pages) ?? this.#replaceSmaller(pages);
  }

  /** The writer is about to publish the record that names the segment. Behind the writer lock. */
  enqueue(side: Side): void {
    Atomics.store(this.#i32, this.#at(side.cell) + HOLDER, QUEUED);
  }

  /** The reader has found the record, and is about to take it out. Behind the reader lock. */
  hold(cell: number): void {
    Atomics.store(this.#i32, this.#at(cell) + HOLDER, program().me);
  }

  open(cell: number, id: number): Side {
    mapped.add(id);
    return { cell, id, segment: program().segment(id) };
  }

  /** Its message is read, or was never sent: keep the segment for another, or remove it. */
  giveBack(side: Side): void {
    const at = this.#at(side.cell);
    if (this.#bytes(FREE) + side.segment.byteLength > KEPT_BYTES) this.#empty(at);
    Atomics.store(this.#i32, at + HOLDER, FREE);
  }

  /** Frees the cells that nobody will ever free: call it when no record is queued, behind both locks. */
  reclaim(): void {
    for (let cell = 0; cell < layout.CELLS; cell++) {
      const at = this.#at(cell);
      const holder = Atomics.load(this.#i32, at + HOLDER);
      if (holder === QUEUED || (holder !== FREE && program().isDead(holder))) {
        Atomics.store(this.#i32, at + HOLDER, FREE);
      }
    }
  }

  /** Removes them all; nobody may use the ring any more. */
  destroy(): void {
    for (let cell = 0; cell < layout.CELLS; cell++) this.#empty(this.#at(cell));
  }

  #at(cell: number): number {
    return this.#start + cell * layout.CELL_WORDS;
  }

  #claim(at: number): boolean {
    return Atomics.compareExchange(this.#i32, at + HOLDER, FREE, program().me) === FREE;
  }

  #takeKept(pages: number): Side | undefined {
    for (let cell = 0; cell < layout.CELLS; cell++) {
      const at = this.#at(cell);
      if (!this.#fits(at, pages) || !this.#claim(at)) continue;
      if (this.#fits(at, pages)) return this.open(cell, Atomics.load(this.#i32, at + ID));
      Atomics.store(this.#i32, at + HOLDER, FREE);
    }
    return undefined;
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
      const { id, segment } = program().createSegment(pages * PAGE);
      mapped.add(id);
      Atomics.store(this.#i32, at + PAGES, pages);
      Atomics.store(this.#i32, at + ID, id);
      return { cell, id, segment };
    } catch (error) {
      Atomics.store(this.#i32, at + HOLDER, FREE);
      throw error;
    }
  }

  #empty(at: number): void {
    const id = Atomics.exchange(this.#i32, at + ID, 0);
    if (id !== 0) drop(id);
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

/** Eight sizes between two powers of two: at most an eighth is wasted, and messages of similar size share. */
function pagesFor(byteLength: number): number {
  const wanted = Math.max(byteLength, SMALLEST);
  const step = Math.max(PAGE, 2 ** (Math.floor(Math.log2(wanted)) - 3));
  return (Math.ceil(wanted / step) * step) / PAGE;
}

/** Side segments this process has mapped. */
const mapped = new Set<number>();

function drop(id: number): void {
  Atomics.store(program().segment(id).i32, 0, DROPPED);
  program().dropSegment(id);
  mapped.delete(id);
}

/** Whoever drops a segment marks it, so that the others give their mapping back too. */
function forgetDropped(): void {
  for (const id of mapped) {
    if (Atomics.load(program().segment(id).i32, 0) !== DROPPED) continue;
    mapped.delete(id);
    program().dropSegment(id);
  }
}
