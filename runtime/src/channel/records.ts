import type { Block } from '../memory/index.js';
import type { Memory } from './bytes.js';
import { Cursor } from './cursor.js';
import { damaged } from './frame.js';
import * as layout from './ringLayout.js';

const { RECORD_HEADER, RecordKind } = layout;

/** The records of a ring: where the next one may be written, where the next one lies. See README.md for the layout. */
export class Records {
  readonly memory: Memory;
  readonly capacity: number;
  readonly head: Cursor;
  readonly tail: Cursor;
  /** The position behind the record that `reserve` or `find` answered last: where `move` goes. */
  next = 0;
  readonly #i32: Int32Array;
  readonly #at: number;
  readonly #mask: number;

  constructor(block: Block) {
    this.#i32 = block.segment.i32;
    this.#at = block.word;
    this.capacity = this.#i32[this.#at + layout.CAPACITY] ?? 0;
    if (this.capacity <= 0 || this.#i32[this.#at + layout.CAPACITY_CHECK] !== ~this.capacity) damaged();
    this.#mask = this.capacity - 1;
    this.head = new Cursor(this.#i32, this.#at + layout.HEAD, this.#at + layout.HEAD_COUNTS);
    this.tail = new Cursor(this.#i32, this.#at + layout.TAIL, this.#at + layout.TAIL_COUNTS);
    const start = block.offset + layout.HEADER_BYTES;
    this.memory = {
      u8: block.segment.u8.subarray(start, start + this.capacity),
      i32: block.segment.i32.subarray(start >> 2, (start + this.capacity) >> 2),
    };
  }

  /** How many bytes are free, at some moment during the call. */
  get room(): number {
    const tail = this.tail.load();
    return this.capacity - ((tail - this.head.load()) >>> 0);
  }

  /** The byte at which a record of `length` may be written, and `next`; -1 when it does not fit. Behind the writer lock. */
  reserve(length: number): number {
    const i32 = this.#i32;
    const total = (length + RECORD_HEADER + 7) & ~7;
    const tail = this.tail.own;
    const at = tail & this.#mask;
    const toEnd = this.capacity - at;
    const needed = total <= toEnd ? total : toEnd + total;
    if (this.capacity - ((tail - (i32[this.#at + layout.SEEN_HEAD] ?? 0)) >>> 0) < needed) {
      const head = this.head.load();
      i32[this.#at + layout.SEEN_HEAD] = head;
      if (this.capacity - ((tail - head) >>> 0) < needed) return -1;
    }
    this.next = (tail + needed) | 0;
    if (total <= toEnd) return at;
    // A record is never split: the rest up to the end is skipped, published together with the record behind it.
    this.memory.i32[at >> 2] = toEnd - RECORD_HEADER;
    this.memory.i32[(at >> 2) + 1] = RecordKind.skip;
    return 0;
  }

  /** A look without the lock; only who finds something takes it. */
  looksEmpty(): boolean {
    const head = this.head.load();
    return Atomics.load(this.#i32, this.#at + layout.SEEN_TAIL) === head && this.tail.load() === head;
  }

  /** The byte at which the next record starts, and `next`; -1 when there is none. Behind the reader lock. */
  find(): number {
    const i32 = this.#i32;
    const head = this.head.own;
    if (i32[this.#at + layout.SEEN_TAIL] === head) {
      const tail = this.tail.load();
      i32[this.#at + layout.SEEN_TAIL] = tail;
      if (tail === head) return -1;
    }
    const words = this.memory.i32;
    let at = head & this.#mask;
    let skipped = 0;
    if (words[(at >> 2) + 1] === RecordKind.skip) {
      skipped = this.capacity - at;
      at = 0;
    }
    const length = words[at >> 2] ?? 0;
    const kind = words[(at >> 2) + 1];
    const used = ((i32[this.#at + layout.SEEN_TAIL] ?? 0) - head) >>> 0;
    if (
      length < 0 ||
      length >= layout.LARGE_BYTES ||
      skipped + RECORD_HEADER + length > used ||
      (kind !== RecordKind.message && kind !== RecordKind.large)
    ) {
      damaged();
    }
    this.next = (head + skipped + ((length + RECORD_HEADER + 7) & ~7)) | 0;
    return at;
  }

  /** The cells of all large messages. Behind both locks. */
  namedCells(): Set<number> {
    const named = new Set<number>();
    const words = this.memory.i32;
    const tail = this.tail.own;
    for (let position = this.head.own; position !== tail;) {
      const word = (position & this.#mask) >> 2;
      const length = words[word] ?? 0;
      if (words[word + 1] === RecordKind.large) for (const cell of cellsOf(words, word + 2, length)) named.add(cell);
      position = (position + ((length + RECORD_HEADER + 7) & ~7)) | 0;
      if (length < 0 || ((tail - position) | 0) < 0) damaged();
    }
    return named;
  }
}

/** The cells that a large message's record names. */
export function cellsOf(words: Int32Array, start: number, length: number): number[] {
  const cells: number[] = [];
  for (let at = start; at < start + (length >> 2); at += 2) {
    const cell = words[at + 1] ?? -1;
    if (!(cell >= 0 && cell < layout.CELLS)) damaged();
    cells.push(cell);
  }
  if (cells.length === 0 || cells.length > layout.CELLS) damaged();
  return cells;
}
