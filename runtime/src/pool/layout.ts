/**
 * Where things lie in the memory that a pool's owner shares with its workers, in 32-bit words from the start of the
 * block. README.md says who may write what.
 */

/** Batches that may be on their way at once, and so the cells of the claim board. */
export const CELLS = 512;
/** A batch's index fits the low bits of its cell's progress word. */
export const INDEX_BITS = 11;
export const MAX_BATCH = 256;

export const Board = {
  /** 1 once workers that find nothing to do shall exit. */
  stop: 0,
  /** 1 while the owner looks into the outboxes by itself, again and again: it need not be rung. */
  ownerLooks: 1,
  /** Two words a cell: who holds the batch, and how far it has come. */
  cells: 16,
} as const;

const BOARD_WORDS = Board.cells + CELLS * 2;
export const BOARD_BYTES = BOARD_WORDS * 4;

/** The task ring; a message is a batch. */
export const TASK_RING_BYTES = 1024 * 1024;
/** The ring for results too large for an outbox. */
export const RESULT_RING_BYTES = 256 * 1024;
