import { WaitPoint } from '../sync/waitPoint.js';

/**
 * Where things lie in a ring's block, in 32-bit words from its start. What writers touch and what readers touch are on
 * cache lines of their own (16 words), so that the two sides do not slow each other down.
 */
export const CAPACITY = 0;
/** The same with every bit turned: a ring whose capacity is damaged must not reach into its neighbours. */
export const CAPACITY_CHECK = 1;

/** Bytes ever written, as a 32-bit counter; storing it publishes a message. */
export const TAIL = 16;
/** What `HEAD` was when a writer last looked; behind the writer lock. */
export const SEEN_HEAD = 17;
/** Two (position, messages ever written) pairs; the one whose position is `TAIL` counts. */
export const TAIL_COUNTS = 18;

/** Bytes ever read; storing it gives the room of a message back. */
export const HEAD = 32;
/** What `TAIL` was when a reader last looked; behind the reader lock. */
export const SEEN_TAIL = 33;
/** Two (position, messages ever read) pairs; the one whose position is `HEAD` counts. */
export const HEAD_COUNTS = 34;

export const WRITER_LOCK = 48;
export const READER_LOCK = 64;
export const READABLE = 80;
export const WRITABLE = align(READABLE + WaitPoint.WORDS);

/** The side segments this ring keeps for large messages: `CELLS` times `CELL_WORDS`. */
export const CELLS_START = align(WRITABLE + WaitPoint.WORDS);
export const CELLS = 16;
export const CELL_WORDS = 4;

export const HEADER_WORDS = align(CELLS_START + CELLS * CELL_WORDS);
export const HEADER_BYTES = HEADER_WORDS * 4;

/** A record is its payload's length, its kind, the payload, and padding up to a multiple of eight bytes. */
export const RECORD_HEADER = 8;
export const RecordKind = { message: 1, skip: 2, large: 3 } as const;
/** Payload of a large message's record, for each of its segments: its number and the cell that keeps it. */
export const SIDE_BYTES = 8;

/** Messages from here on travel in side segments; from less where that is a quarter of the ring. */
export const LARGE_BYTES = 256 * 1024;

/** A pair of counts that belongs to no position: positions are multiples of eight. */
export const NO_POSITION = 1;

function align(words: number): number {
  return Math.ceil(words / 16) * 16;
}
