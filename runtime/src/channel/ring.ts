import { instant } from '../clock.js';
import { OSError } from '../errors.js';
import { allocate, blockAt, free, type Block } from '../memory/index.js';
import { Mutex } from '../sync/mutex.js';
import { WaitPoint } from '../sync/waitPoint.js';
import { copyIn, copyWords, privateMemory, type Memory } from './bytes.js';
import { Cursor } from './cursor.js';
import { planFrame, writeFrame } from './frame.js';
import { LargeMessage } from './largeMessage.js';
import { cellsOf, Records } from './records.js';
import * as layout from './ringLayout.js';
import { SideSegments, type Side } from './sideSegments.js';

const { RECORD_HEADER, RecordKind } = layout;
const SMALLEST_CAPACITY = 4096;
const LARGEST_CAPACITY = 2 ** 30;
/** Milliseconds between two looks for what the dead have left in the cells. */
const RECLAIM_INTERVAL = 20;
const NO_PARTS: readonly Uint8Array[] = [];

/** Makes something of a message. The bytes are its own only until it returns; a large message comes with itself. */
export type UseBytes<T> = (bytes: Buffer, start: number, end: number, large?: LargeMessage) => T;

/**
 * Messages from any number of processes to any number of processes, in the order in which they were written. Never
 * waits by itself: who finds it full or empty waits at `writable` or `readable`. A process killed at any step leaves it
 * usable; see README.md for the layout and for what is lost when.
 */
export class Ring {
  readonly handle: readonly [segmentId: number, offset: number];
  readonly readable: WaitPoint;
  readonly writable: WaitPoint;
  readonly #block: Block;
  readonly #largeBytes: number;
  readonly #writers: Mutex;
  readonly #readers: Mutex;
  readonly #sides: SideSegments;
  readonly #records: Records;
  readonly #memory: Memory;
  readonly #head: Cursor;
  readonly #tail: Cursor;
  /** Messages taken through this object. */
  #takenHere = 0;

  private constructor(block: Block) {
    this.#block = block;
    this.handle = [block.segmentId, block.offset];
    this.#records = new Records(block);
    this.#memory = this.#records.memory;
    this.#head = this.#records.head;
    this.#tail = this.#records.tail;
    this.#largeBytes = Math.min(layout.LARGE_BYTES, this.#records.capacity >> 2);
    this.readable = new WaitPoint(block, layout.READABLE);
    this.writable = new WaitPoint(block, layout.WRITABLE);
    this.#writers = new Mutex(block, layout.WRITER_LOCK);
    this.#readers = new Mutex(block, layout.READER_LOCK);
    this.#sides = new SideSegments(block);
  }

  /** A new ring of at least `capacityBytes` (a power of two, 4 KiB to 1 GiB). Throws OSError when memory is short. */
  static create(capacityBytes: number): Ring {
    const wanted = Math.min(Math.max(capacityBytes, SMALLEST_CAPACITY), LARGEST_CAPACITY);
    const capacity = 2 ** Math.ceil(Math.log2(wanted));
    return Ring.place(allocate(Ring.bytes(capacity)), capacity);
  }

  /** What a ring of this capacity takes, header included. */
  static bytes(capacity: number): number {
    return layout.HEADER_BYTES + capacity;
  }

  /** A new ring in zeroed memory that the caller has got; `capacity` is a power of two. */
  static place(block: Block, capacity: number): Ring {
    const { i32 } = block.segment;
    Cursor.prepare(i32, block.word + layout.TAIL_COUNTS);
    Cursor.prepare(i32, block.word + layout.HEAD_COUNTS);
    i32[block.word + layout.CAPACITY_CHECK] = ~capacity;
    Atomics.store(i32, block.word + layout.CAPACITY, capacity);
    return new Ring(block);
  }

  /** A ring that another process made, by its handle. */
  static attach(segmentId: number, offset: number): Ring {
    return new Ring(blockAt(segmentId, offset));
  }

  get isEmpty(): boolean {
    const head = this.#head.load();
    return this.#tail.load() === head;
  }

  /** How many messages are in it, exact at some moment during the call. */
  get depth(): number {
    const read = this.#head.count;
    return (this.#tail.count - read) | 0;
  }

  /** How many messages have ever been written, as a 32-bit counter. */
  get written(): number {
    return this.#tail.count;
  }

  /** How many messages have ever been taken, as a 32-bit counter. */
  get taken(): number {
    return this.#head.count;
  }

  /** How many messages others than this object have ever taken, as a 32-bit counter. */
  get takenElsewhere(): number {
    return (this.#head.count - this.#takenHere) | 0;
  }

  /** How many bytes readers have ever taken, as a 32-bit counter: it moves whenever room is given back. */
  get position(): number {
    return this.#head.load();
  }

  /**
   * Copies one message in; false when there is no room now, or when `maxDepth` messages are in it already. `parts` are
   * buffers that travel beside the bytes, in segments of their own. Throws OSError when there is no shared memory for a
   * large one (`ENOSPC`), or when one of its buffers is too large (`EFBIG`).
   */
  tryWrite(bytes: Uint8Array, start: number, end: number, maxDepth = Infinity, parts = NO_PARTS): boolean {
    if (start < 0 || end > bytes.length || start > end)
      throw new RangeError(`no bytes ${start} to ${end} in the message`);
    const length = end - start;
    if (length >= this.#largeBytes || parts.length > 0) return this.#writeLarge(bytes, start, end, maxDepth, parts);
    this.#writers.lock();
    try {
      if (maxDepth !== Infinity && this.depth >= maxDepth) return false;
      const at = this.#records.reserve(length);
      if (at < 0) return false;
      this.#memory.i32[at >> 2] = length;
      this.#memory.i32[(at >> 2) + 1] = RecordKind.message;
      copyIn(this.#memory, at + RECORD_HEADER, bytes, start, end);
      this.#tail.move(this.#records.next);
    } finally {
      this.#writers.unlock();
    }
    this.readable.wake(1);
    return true;
  }

  /**
   * Takes the next message out and returns `use` of it; undefined when there is none. The bytes are `use`'s only until
   * it returns. No lock is held meanwhile: `use` may run anything. If it throws, the message is gone.
   */
  tryRead<T>(use: UseBytes<T>): T | undefined {
    if (this.#records.looksEmpty()) return undefined;
    const scratch = takeScratch();
    let length: number;
    let cells: number[] | undefined;
    let mayLend = false;
    this.#readers.lock();
    try {
      const at = this.#records.find();
      if (at < 0) {
        keepScratch(scratch);
        return undefined;
      }
      const words = this.#memory.i32;
      length = words[at >> 2] ?? 0;
      copyWords(scratch, 0, this.#memory, at + RECORD_HEADER, length);
      if (words[(at >> 2) + 1] === RecordKind.large) {
        cells = cellsOf(scratch.i32, 0, length);
        mayLend = this.#sides.hold(cells);
      }
      this.#head.move(this.#records.next);
      this.#takenHere++;
    } finally {
      this.#readers.unlock();
    }
    if (cells !== undefined) return this.#readLarge(scratch, cells, mayLend, use);
    this.writable.wake(1);
    try {
      return use(scratch.u8, 0, length);
    } finally {
      keepScratch(scratch);
    }
  }

  /** Gives the memory back. Nobody may use the ring any more. */
  destroy(): void {
    this.destroySides();
    free(this.#block, Ring.bytes(this.#records.capacity));
  }

  /** Removes what is kept for large messages to come; answers how many segments that was. */
  removeKept(): number {
    return this.#sides.removeKept();
  }

  /** Gives back what lies outside the ring's own memory: for who has placed it. */
  destroySides(): void {
    this.#sides.destroy();
  }

  #readLarge<T>(scratch: Memory, cells: readonly number[], mayLend: boolean, use: UseBytes<T>): T {
    const ids = cells.map((_, index) => scratch.i32[index * 2] ?? 0);
    keepScratch(scratch);
    let large: LargeMessage | undefined;
    try {
      large = new LargeMessage(
        this.#sides,
        cells.map((cell, index) => this.#sides.open(cell, ids[index] ?? 0)),
        mayLend,
      );
      return use(large.bytes, large.start, large.end, large);
    } finally {
      if (large === undefined) this.#sides.giveBack(cells.map(cell => ({ cell })));
      else large.close();
      this.writable.wake(1);
    }
  }

  #writeLarge(bytes: Uint8Array, start: number, end: number, maxDepth: number, parts: readonly Uint8Array[]): boolean {
    const plan = planFrame(end - start, parts);
    const count = plan.lengths.length;
    if (count > layout.CELLS) tooLarge(plan.lengths);
    // Look before the copy: who waits for room would otherwise copy at every attempt.
    if (this.depth >= maxDepth || this.#records.room < 2 * (RECORD_HEADER + count * layout.SIDE_BYTES)) return false;
    const sides = this.#takeSides(plan.lengths);
    if (sides === undefined) return false;
    let written = false;
    try {
      writeFrame(plan, sides, bytes, start, end, parts);
      written = this.#publish(sides, maxDepth);
    } finally {
      if (!written) this.#sides.giveBack(sides);
    }
    if (written) this.readable.wake(1);
    return written;
  }

  #publish(sides: readonly Side[], maxDepth: number): boolean {
    this.#writers.lock();
    try {
      const length = sides.length * layout.SIDE_BYTES;
      if (maxDepth !== Infinity && this.depth >= maxDepth) return false;
      const at = this.#records.reserve(length);
      if (at < 0) return false;
      const words = this.#memory.i32;
      let word = at >> 2;
      words[word++] = length;
      words[word++] = RecordKind.large;
      for (const { id, cell } of sides) {
        words[word++] = id;
        words[word++] = cell;
      }
      this.#sides.enqueue(sides);
      this.#tail.move(this.#records.next);
      return true;
    } finally {
      this.#writers.unlock();
    }
  }

  #takeSides(lengths: readonly number[]): Side[] | undefined {
    const sides = this.#sides.take(lengths);
    if (sides !== undefined || instant() < this.#nextReclaim) return sides;
    this.#nextReclaim = instant() + RECLAIM_INTERVAL;
    this.#reclaimSides();
    return this.#sides.take(lengths);
  }

  #nextReclaim = 0;

  /** With both locks no record comes or goes: whatever looks queued and is named by none was lost with its process. */
  #reclaimSides(): void {
    this.#writers.lock();
    try {
      this.#readers.lock();
      try {
        this.#sides.reclaim(this.#records.namedCells());
      } finally {
        this.#readers.unlock();
      }
    } finally {
      this.#writers.unlock();
    }
  }
}

function tooLarge(lengths: readonly number[]): never {
  const total = lengths.reduce((sum, each) => sum + each, 0);
  throw new OSError(
    'EFBIG',
    `one message of ${total} bytes cannot be sent: it needs more than ${layout.CELLS} segments`,
  );
}

/** Where a message is while it is decoded. Decoding may run code that reads another ring: that gets memory of its own. */
let spare: Memory | undefined;

function takeScratch(): Memory {
  const scratch = spare ?? privateMemory(layout.LARGE_BYTES);
  spare = undefined;
  return scratch;
}

function keepScratch(scratch: Memory): void {
  spare = scratch;
}
