import * as layout from '../memory/tableLayout.js';
import type { PoolSnapshot, QueueSnapshot } from './types.js';

const { Row, PoolRowState } = layout;

type Word = (index: number) => number;

/** Every pool of the table that has not been given up. */
export function readPools(bytes: Buffer, words: Int32Array): PoolSnapshot[] {
  return rows(bytes, words, layout.POOLS_START_B, layout.POOL_ROWS, (word, name) => ({
    id: word(Row.id_W),
    name,
    ownerSlot: word(Row.ownerSlot_W),
    size: word(Row.size_W),
    workers: word(Row.workers_W),
    queued: word(Row.queued_W),
    running: word(Row.running_W),
    submitted: word(Row.submitted_W),
    done: word(Row.done_W),
    failed: word(Row.failed_W),
    progress: progress(word(Row.progressDone_W), word(Row.progressTotal_W)),
    state: poolState(word(Row.state_W)),
  }));
}

export function readQueues(bytes: Buffer, words: Int32Array): QueueSnapshot[] {
  return rows(bytes, words, layout.QUEUES_START_B, layout.QUEUE_ROWS, (word, name) => ({
    id: word(Row.id_W),
    name,
    ownerSlot: word(Row.ownerSlot_W),
    depth: word(Row.queued_W),
  }));
}

function rows<T>(
  bytes: Buffer,
  words: Int32Array,
  start: number,
  count: number,
  read: (word: Word, name: string) => T,
): T[] {
  const found: T[] = [];
  for (let row = 0; row < count; row++) {
    const at = start + row * layout.ROW_BYTES;
    const word: Word = index => words[(at >> 2) + index] ?? 0;
    if (word(Row.id_W) !== 0) found.push(read(word, layout.readText(bytes, at + Row.name_B, Row.nameBytes)));
  }
  return found;
}

/** What the owner is just writing may be half the old and half the new: no more is done than there is. */
function progress(done: number, total: number): PoolSnapshot['progress'] {
  if (total === layout.UNKNOWN_TOTAL) return { done: Math.max(done, 0), total: null };
  return total > 0 ? { done: Math.min(Math.max(done, 0), total), total } : null;
}

function poolState(state: number): PoolSnapshot['state'] {
  if (state === PoolRowState.closed) return 'closed';
  return state === PoolRowState.terminated ? 'terminated' : 'running';
}
