import { OSError } from '../errors.js';
import { allocate, blockAt, free, type Block } from '../memory/index.js';
import { Mutex } from '../sync/mutex.js';
import { WaitPoint } from '../sync/waitPoint.js';
import { copyIn, copyWords, privateMemory, type Memory } from './bytes.js';
import { Cursor } from './cursor.js';
import * as layout from './ringLayout.js';
import { DATA_START, SideSegments, type Side } from './sideSegments.js';

const { RECORD_HEADER, RecordKind } = layout;
const SMALLEST_CAPACITY = 4096;
const LARGEST_CAPACITY = 2 ** 30;
/** Messages from here on travel in a side segment. */
const LARGE_BYTES = 256 * 1024;

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
  readonly #i32: Int32Array;
  readonly #at: number;
  readonly #capacity: number;
  readonly #mask: number;
  readonly #largeBytes: number;
  readonly #writers: Mutex;
  readonly #readers: Mutex;
  readonly #sides: SideSegments;
  readonly #records: Memory;
  readonly #head: Cursor;
  readonly #tail: Cursor;

  private constructor(block: Block) {
    this.#block = block;
    this.handle = [block.segmentId, block.offset];
    this.#i32 = block.segment.i32;
    this.#at = block.word;
    this.#capacity = this.#i32[this.#at + layout.CAPACITY] ?? 0;
    this.#mask = this.#capacity - 1;
    this.#largeBytes = Math.min(LARGE_BYTES, this.#capacity >> 2);
    this.#head = new Cursor(this.#i32, this.#at + layout.HEAD, this.#at + layout.HEAD_COUNTS);
    this.#tail = new Cursor(this.#i32, this.#at + layout.TAIL, this.#at + layout.TAIL_COUNTS);
    this.readable = new WaitPoint(block, layout.READABLE);
    this.writable = new WaitPoint(block, layout.WRITABLE);
    this.#writers = new Mutex(block, layout.WRITER_LOCK);
    this.#readers = new Mutex(block, layout.READER_LOCK);
    this.#sides = new SideSegments(block);
    const start = block.offset + layout.HEADER_BYTES;
    this.#records = {
      u8: block.segment.u8.subarray(start, start + this.#capacity),
      i32: block.segment.i32.subarray(start >> 2, (start + this.#capacity) >> 2),
    };
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

  /** How many bytes readers have ever taken, as a 32-bit counter: it moves whenever room is given back. */
  get position(): number {
    return this.#head.load();
  }

  /**
   * Copies one message in; false when there is no room now, or when `maxDepth` messages are in it already. Throws
   * OSError when there is no shared memory for a large one.
   */
  tryWrite(bytes: Uint8Array, start: number, end: number, maxDepth = Infinity): boolean {
    if (start < 0 || end > bytes.length || start > end)
      throw new RangeError(`no bytes ${start} to ${end} in the message`);
    const length = end - start;
    if (length >= this.#largeBytes) return this.#writeLarge(bytes, start, end, maxDepth);
    this.#writers.lock();
    try {
      const at = this.#reserve(length, maxDepth);
      if (at < 0) return false;
      this.#records.i32[at >> 2] = length;
      this.#records.i32[(at >> 2) + 1] = RecordKind.message;
      copyIn(this.#records, at + RECORD_HEADER, bytes, start, end);
      this.#tail.move(this.#next);
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
  tryRead<T>(use: (bytes: Buffer, start: number, end: number) => T): T | undefined {
    if (this.#looksEmpty()) return undefined;
    const scratch = takeScratch();
    let length: number;
    let side: Side | undefined;
    this.#readers.lock();
    try {
      const at = this.#find();
      if (at < 0) {
        keepScratch(scratch);
        return undefined;
      }
      const words = this.#records.i32;
      length = words[at >> 2] ?? 0;
      const large = words[(at >> 2) + 1] === RecordKind.large;
      copyWords(scratch, 0, this.#records, at + RECORD_HEADER, length);
      if (large) this.#sides.hold(scratch.i32[1] ?? -1);
      this.#head.move(this.#next);
      if (large) side = this.#sides.open(scratch.i32[1] ?? -1, scratch.i32[0] ?? 0);
    } finally {
      this.#readers.unlock();
    }
    if (side === undefined) this.writable.wake(1);
    try {
      if (side === undefined) return use(scratch.u8, 0, length);
      return use(side.segment.u8, DATA_START, DATA_START + largeLength(scratch));
    } finally {
      keepScratch(scratch);
      if (side !== undefined) {
        this.#sides.giveBack(side);
        this.writable.wake(1);
      }
    }
  }

  /** Gives the memory back. Nobody may use the ring any more. */
  destroy(): void {
    this.destroySides();
    free(this.#block, Ring.bytes(this.#capacity));
  }

  /** Gives back what lies outside the ring's own memory: for who has placed it. */
  destroySides(): void {
    this.#sides.destroy();
  }

  /** Where the position after the record in hand is kept between `#reserve` or `#find` and ``move`. */
  #next = 0;

  #writeLarge(bytes: Uint8Array, start: number, end: number, maxDepth: number): boolean {
    // Look before the copy: who waits for room would otherwise copy at every attempt.
    if (this.depth >= maxDepth || this.#room() < 2 * (RECORD_HEADER + layout.LARGE_PAYLOAD)) return false;
    const side = this.#takeSide(end - start);
    if (side === undefined) return false;
    let written = false;
    try {
      side.segment.u8.set(bytes.subarray(start, end), DATA_START);
      written = this.#writeSide(side, end - start, maxDepth);
    } finally {
      if (!written) this.#sides.giveBack(side);
    }
    if (written) this.readable.wake(1);
    return written;
  }

  #writeSide(side: Side, length: number, maxDepth: number): boolean {
    this.#writers.lock();
    try {
      const at = this.#reserve(layout.LARGE_PAYLOAD, maxDepth);
      if (at < 0) return false;
      const words = this.#records.i32;
      const word = at >> 2;
      words[word] = layout.LARGE_PAYLOAD;
      words[word + 1] = RecordKind.large;
      words[word + 2] = side.id;
      words[word + 3] = side.cell;
      words[word + 4] = length | 0;
      words[word + 5] = Math.floor(length / 2 ** 32);
      this.#sides.enqueue(side);
      this.#tail.move(this.#next);
      return true;
    } finally {
      this.#writers.unlock();
    }
  }

  #takeSide(byteLength: number): Side | undefined {
    const side = this.#sides.take(byteLength);
    if (side !== undefined) return side;
    if (this.isEmpty) this.#reclaimSides();
    return this.#sides.take(byteLength);
  }

  /** Both locks and no record: whatever still looks queued was lost with its writer or its reader. */
  #reclaimSides(): void {
    this.#writers.lock();
    try {
      this.#readers.lock();
      try {
        if (this.isEmpty) this.#sides.reclaim();
      } finally {
        this.#readers.unlock();
      }
    } finally {
      this.#writers.unlock();
    }
  }

  #room(): number {
    const tail = this.#tail.load();
    return this.#capacity - ((tail - this.#head.load()) >>> 0);
  }

  /** The byte at which a record of `length` may be written, and `#next`; -1 when it does not fit. Behind the lock. */
  #reserve(length: number, maxDepth: number): number {
    const i32 = this.#i32;
    const total = (length + RECORD_HEADER + 7) & ~7;
    const tail = this.#tail.own;
    const at = tail & this.#mask;
    const toEnd = this.#capacity - at;
    const needed = total <= toEnd ? total : toEnd + total;
    if (this.#capacity - ((tail - (i32[this.#at + layout.SEEN_HEAD] ?? 0)) >>> 0) < needed) {
      const head = this.#head.load();
      i32[this.#at + layout.SEEN_HEAD] = head;
      if (this.#capacity - ((tail - head) >>> 0) < needed) return -1;
    }
    if (maxDepth !== Infinity && this.depth >= maxDepth) return -1;
    this.#next = (tail + needed) | 0;
    if (total <= toEnd) return at;
    // A record is never split: the rest up to the end is skipped, published together with the record behind it.
    this.#records.i32[at >> 2] = toEnd - RECORD_HEADER;
    this.#records.i32[(at >> 2) + 1] = RecordKind.skip;
    return 0;
  }

  /** A look without the lock; only who finds something takes it. */
  #looksEmpty(): boolean {
    const head = this.#head.load();
    return Atomics.load(this.#i32, this.#at + layout.SEEN_TAIL) === head && this.#tail.load() === head;
  }

  /** The byte at which the next record starts, and `#next`; -1 when there is none. Behind the lock. */
  #find(): number {
    const i32 = this.#i32;
    const head = this.#head.own;
    if (i32[this.#at + layout.SEEN_TAIL] === head) {
      const tail = this.#tail.load();
      i32[this.#at + layout.SEEN_TAIL] = tail;
      if (tail === head) return -1;
    }
    const words = this.#records.i32;
    let at = head & this.#mask;
    let skipped = 0;
    if (words[(at >> 2) + 1] === RecordKind.skip) {
      skipped = this.#capacity - at;
      at = 0;
    }
    const length = words[at >> 2] ?? 0;
    const kind = words[(at >> 2) + 1];
    const used = ((i32[this.#at + layout.SEEN_TAIL] ?? 0) - head) >>> 0;
    if (
      length < 0 ||
      length >= LARGE_BYTES ||
      skipped + RECORD_HEADER + length > used ||
      (kind !== RecordKind.message && kind !== RecordKind.large)
    ) {
      throw new OSError('EIO', 'a queue or pipe is damaged: its shared memory holds no message where one should start');
    }
    this.#next = (head + skipped + ((length + RECORD_HEADER + 7) & ~7)) | 0;
    return at;
  }
}

const largeLength = (scratch: Memory): number => ((scratch.i32[2] ?? 0) >>> 0) + (scratch.i32[3] ?? 0) * 2 ** 32;

/** Where a message is while it is decoded. Decoding may run code that reads another ring: that gets memory of its own. */
let spare: Memory | undefined;

function takeScratch(): Memory {
  const scratch = spare ?? privateMemory(LARGE_BYTES);
  spare = undefined;
  return scratch;
}

function keepScratch(scratch: Memory): void {
  spare = scratch;
}
