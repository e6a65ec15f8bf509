import {
  createCounted,
  HEADER_WORDS,
  openCounted,
  registerKind,
  type Counted,
  type CountedHandle,
} from '../memory/index.js';
import { QueueRow } from './queueRow.js';
import { Ring } from './ring.js';
import { mayGiveUp } from './spare.js';

/** Words of a queue's block: where its ring is (the segment is written last, 0 for none), and its row plus one. */
const RING_OFFSET = HEADER_WORDS;
const RING_SEGMENT = HEADER_WORDS + 1;
const ROW = HEADER_WORDS + 2;

/** What distinguishes one class of queues from another in shared memory. */
export interface QueueShape {
  readonly kind: number;
  readonly name: string;
  /** Words of its block, of which the class may use those from `FREE_WORD` on. */
  readonly words: number;
}
export const FREE_WORD = HEADER_WORDS + 4;

/**
 * The small block by which a queue is known, and its ring. The ring is in memory that is used again when the queue has
 * been freed; the block tells whose it is. Whatever refers to the ring keeps the block held, too.
 */
export interface QueueMemory {
  readonly block: Counted;
  readonly ring: Ring;
}

/** As long as a ring is referred to by anything (an outbox with something to write, a pending get), so is its block. */
const holders = new WeakMap<Ring, Counted>();

export function registerQueueShape({ kind, name }: QueueShape): void {
  registerKind(kind, name, (block, id) => {
    const { i32 } = block.segment;
    const segmentId = i32[block.word + RING_SEGMENT] ?? 0;
    if (segmentId === 0) return;
    QueueRow.release((i32[block.word + ROW] ?? 0) - 1, id);
    Ring.attach(segmentId, i32[block.word + RING_OFFSET] ?? 0).destroy();
  });
}

/** Throws OSError when shared memory is short. */
export function createQueueMemory({ kind, words }: QueueShape, ringBytes: number): QueueMemory {
  const ring = Ring.create(ringBytes);
  let block: Counted;
  try {
    block = createCounted(kind, words * 4, { behind: ringBytes });
  } catch (error) {
    ring.destroy();
    throw error;
  }
  const { i32 } = block.segment;
  const [segmentId, offset] = ring.handle;
  i32[block.word + RING_OFFSET] = offset;
  Atomics.store(i32, block.word + RING_SEGMENT, segmentId);
  holders.set(ring, block);
  mayGiveUp(ring, block);
  return { block, ring };
}

/** The queue that another process made. Throws ValueError for any other object, and when nobody has it any more. */
export function openQueueMemory({ kind }: QueueShape, handle: CountedHandle, ringBytes: number): QueueMemory {
  const block = openCounted(kind, handle, { behind: ringBytes });
  const { i32 } = block.segment;
  const ring = Ring.attach(i32[block.word + RING_SEGMENT] ?? 0, i32[block.word + RING_OFFSET] ?? 0);
  holders.set(ring, block);
  mayGiveUp(ring, block);
  return { block, ring };
}

/** The row goes with the queue. */
export function giveRow(block: Counted, row: number): void {
  block.segment.i32[block.word + ROW] = row + 1;
}
