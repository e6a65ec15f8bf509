import type { Backlog } from './backlog.js';
import { MAX_BATCH } from './layout.js';
import type { Task } from './task.js';

/** How long a batch should keep a worker, in milliseconds: long enough to pay for its message many times over. */
const BATCH_MS = 0.4;
/** A batch's bytes: small beside the ring, whatever the tasks carry. */
const BATCH_BYTES = 64 * 1024;
/** While nobody knows how long a function takes, so many of its tasks may be on their way, each alone. */
const UNKNOWN_WINDOW = 64;
/** A chunk of an imap longer than this travels in parts. */
const MAX_GROUP = 1024;

/** What the size of the next batch depends on. */
export interface Load {
  readonly workers: number;
  /** Batches on their way. */
  readonly inFlight: number;
  /** Whether tasks may travel together at all; a worker that retires after N tasks counts messages. */
  readonly batches: boolean;
  /** Whether calls with different priorities are made: then little is sent ahead, since it would be taken back. */
  readonly prioritized: boolean;
}

/**
 * Takes the next batch out of the backlog, all of one priority: a group (chunk of an imap) whole; else as many short tasks as make up
 * BATCH_MS, but never so many that the other workers would go without: a quarter of each one's share of what waits.
 * Tasks are short when their function's have been; a new function's travel alone until the first comes back.
 */
export function takeBatch(backlog: Backlog, load: Load): Task[] | undefined {
  const first = backlog.peek();
  if (first === undefined) return undefined;
  if (first.group !== 0) return takeGroup(backlog, first.group);
  const careful = first.expectedMs === undefined || load.prioritized;
  if (careful && load.inFlight >= Math.max(UNKNOWN_WINDOW, load.workers * 4)) return undefined;
  const share = Math.floor(backlog.size / (load.workers * 4));
  backlog.take();
  const batch = [first];
  if (!load.batches || share < 2 || !isShort(first)) return batch;
  let ms = first.expectedMs ?? BATCH_MS;
  let bytes = first.end - first.start;
  const most = Math.min(share, MAX_BATCH);
  while (batch.length < most) {
    const next = backlog.peek();
    if (next === undefined || next.group !== 0 || next.priority !== first.priority || !isShort(next)) break;
    ms += next.expectedMs ?? BATCH_MS;
    bytes += next.end - next.start;
    if (ms > BATCH_MS || bytes > BATCH_BYTES) break;
    backlog.take();
    batch.push(next);
  }
  return batch;
}

const isShort = (task: Task): boolean => !task.alone && (task.expectedMs ?? Infinity) < BATCH_MS / 2;

function takeGroup(backlog: Backlog, group: number): Task[] {
  const batch: Task[] = [];
  for (let next = backlog.peek(); next?.group === group && batch.length < MAX_GROUP; next = backlog.peek()) {
    backlog.take();
    batch.push(next);
  }
  return batch;
}
