import { copyIn, type Memory } from '../channel/bytes.js';
import { allocate, blockAt, free, type Block } from '../memory/index.js';
import { WaitPoint } from '../sync/waitPoint.js';
import type { RecordStatus } from './messages.js';

/** Words of the header; what the worker writes and what the owner writes are on cache lines of their own. */
const TAIL = 0;
const HEAD = 16;
const SPACE = 32;
const HEADER_WORDS = Math.ceil((SPACE + WaitPoint.WORDS) / 16) * 16;
const HEADER_BYTES = HEADER_WORDS * 4;
const CAPACITY = 64 * 1024;
const MASK = CAPACITY - 1;
const BLOCK_BYTES = HEADER_BYTES + CAPACITY;

/** Words of a record: batch, cell and index, status, payload's length, time of the batch in µs, and when it began. */
const RECORD_BYTES = 24;
const SKIP = -1;

/** A payload above this goes through the pool's result ring. */
export const LARGEST_PAYLOAD = CAPACITY / 4;

/** Takes one record; the bytes are its own only until it returns. */
export type RecordSink = (
  sequence: number,
  cell: number,
  index: number,
  status: RecordStatus,
  micros: number,
  began: number,
  bytes: Buffer,
  start: number,
  end: number,
) => void;

/**
 * What one worker has to say to the pool's owner: results in the order of the tasks, one writer, one reader, no lock.
 * A record counts from the store to the tail on, so the results of a worker that dies are all there but the one in
 * its hand. The owner may look whenever it likes; the worker rings only when a batch is done.
 */
export class Outbox {
  readonly handle: readonly [segmentId: number, offset: number];
  readonly #block: Block;
  readonly #i32: Int32Array;
  readonly #at: number;
  readonly #records: Memory;
  readonly #space: WaitPoint;
  readonly #ring: () => void;

  private constructor(block: Block, ring: () => void) {
    this.#block = block;
    this.#ring = ring;
    this.handle = [block.segmentId, block.offset];
    this.#i32 = block.segment.i32;
    this.#at = block.word;
    this.#space = new WaitPoint(block, SPACE);
    const start = block.offset + HEADER_BYTES;
    this.#records = {
      u8: block.segment.u8.subarray(start, start + CAPACITY),
      i32: block.segment.i32.subarray(start >> 2, (start + CAPACITY) >> 2),
    };
  }

  static create(): Outbox {
    return new Outbox(allocate(BLOCK_BYTES), () => undefined);
  }

  /** The worker's view of it; `ring` calls the owner, who has to make room. */
  static attach(segmentId: number, offset: number, ring: () => void): Outbox {
    return new Outbox(blockAt(segmentId, offset), ring);
  }

  destroy(): void {
    free(this.#block, BLOCK_BYTES);
  }

  /** The worker's: appends a record, waiting for room if there is none. `end - start` is at most LARGEST_PAYLOAD. */
  append(
    sequence: number,
    cell: number,
    index: number,
    status: RecordStatus,
    micros: number,
    began: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const total = (RECORD_BYTES + end - start + 7) & ~7;
    let at = this.#reserve(total);
    if (at < 0) at = this.#waitForRoom(total);
    const words = this.#records.i32;
    const word = at >> 2;
    words[word] = sequence;
    words[word + 1] = cell | (index << 16);
    words[word + 2] = status;
    words[word + 3] = end - start;
    words[word + 4] = micros;
    words[word + 5] = began;
    if (end > start) copyIn(this.#records, at + RECORD_BYTES, bytes, start, end);
    Atomics.store(this.#i32, this.#at + TAIL, this.#next);
  }

  /** The owner's: hands up to `limit` records to `sink`; how many there were. */
  drain(sink: RecordSink, limit: number): number {
    const tail = Atomics.load(this.#i32, this.#at + TAIL);
    let head = this.#i32[this.#at + HEAD] ?? 0;
    if (head === tail) return 0;
    const { i32, u8 } = this.#records;
    let taken = 0;
    try {
      while (head !== tail && taken < limit) {
        const toEnd = CAPACITY - (head & MASK);
        if (toEnd < RECORD_BYTES) {
          head = (head + toEnd) | 0;
          continue;
        }
        const word = (head & MASK) >> 2;
        const length = i32[word + 3] ?? 0;
        if (i32[word + 2] === SKIP) {
          head = (head + length) | 0;
          continue;
        }
        const place = i32[word + 1] ?? 0;
        const start = (head & MASK) + RECORD_BYTES;
        const status = (i32[word + 2] ?? 0) as RecordStatus;
        const micros = i32[word + 4] ?? 0;
        const began = i32[word + 5] ?? 0;
        const sequence = i32[word] ?? 0;
        head = (head + ((RECORD_BYTES + length + 7) & ~7)) | 0;
        taken++;
        sink(sequence, place & 0xffff, place >>> 16, status, micros, began, u8, start, start + length);
      }
    } finally {
      // Also if the sink throws: no record is handed over twice.
      Atomics.store(this.#i32, this.#at + HEAD, head);
      this.#space.wake(1);
    }
    return taken;
  }

  get isEmpty(): boolean {
    return Atomics.load(this.#i32, this.#at + TAIL) === this.#i32[this.#at + HEAD];
  }

  /** The tail behind the record that `#reserve` found room for. */
  #next = 0;

  /** Where a record of `total` bytes may be written; -1 when there is no room. Records are never split. */
  #reserve(total: number): number {
    const tail = this.#i32[this.#at + TAIL] ?? 0;
    const at = tail & MASK;
    const toEnd = CAPACITY - at;
    const needed = total <= toEnd ? total : toEnd + total;
    const used = (tail - Atomics.load(this.#i32, this.#at + HEAD)) >>> 0;
    if (used + needed > CAPACITY) return -1;
    this.#next = (tail + needed) | 0;
    if (total <= toEnd) return at;
    if (toEnd >= RECORD_BYTES) {
      this.#records.i32[(at >> 2) + 2] = SKIP;
      this.#records.i32[(at >> 2) + 3] = toEnd;
    }
    return 0;
  }

  #waitForRoom(total: number): number {
    this.#ring();
    const attempt = (): number | undefined => {
      const at = this.#reserve(total);
      return at < 0 ? undefined : at;
    };
    // An answer within the thread: the result's bytes are the encoder's scratch, which nobody may use meanwhile.
    return this.#space.waitSync({ subject: { kind: 'queuePut', object: 0 }, attempt }, Infinity) ?? 0;
  }
}
