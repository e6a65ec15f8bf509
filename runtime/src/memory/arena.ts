import { failpoint } from './failpoints.js';
import { loadPair, swapPair } from './pairs.js';
import { program } from './program.js';
import { keepSegment, takeKept } from './recycled.js';
import type { Segment } from './segment.js';
import { takingMore } from './shortage.js';
import { Header } from './tableLayout.js';

/** A piece of a segment: what a lock, a ring or a boot message lives in. `segmentId` and `offset` can travel. */
export interface Block {
  readonly segmentId: number;
  /** Bytes from the segment's start; a multiple of 64. */
  readonly offset: number;
  readonly segment: Segment;
  /** Index of the block's first 32-bit word in `segment.i32`. */
  readonly word: number;
}

const ARENA_BYTES = 1024 * 1024;
const UNIT = 64;
const CLASSES = 8; // 64 bytes … 8 KiB
const LARGEST = UNIT << (CLASSES - 1);
/** Words of an arena's start: the end of what has been cut, the segment of the arena that was current before this one, … */
const END_W = 0;
const PREVIOUS_W = 1;
/** … and the lists of freed blocks, one a size class: each a pair of its first block's unit and a count of changes. */
const FREE_W = 2;
/** Where the first block may start. */
const START = Math.ceil(((FREE_W + CLASSES * 2) * 4) / UNIT) * UNIT;

/**
 * Cuts a zeroed block of shared memory. Lock-free: a process killed at any step leaks at most the block in its hand.
 * Blocks above 8 KiB are segments of their own.
 */
export function allocate(byteLength: number): Block {
  if (byteLength > LARGEST) {
    return segmentOfItsOwn(Math.ceil(byteLength / 4096) * 4096);
  }
  const sizeClass = classOf(byteLength);
  for (;;) {
    const id = currentArena();
    const segment = program().segment(id);
    const offset = popFree(segment, sizeClass) ?? cut(segment, UNIT << sizeClass);
    if (offset !== undefined) return zeroed(id, segment, offset, sizeClass);
    const older = popOlder(segment, sizeClass);
    if (older !== undefined) return older;
    replaceArena(id);
  }
}

function segmentOfItsOwn(byteLength: number): Block {
  let kept = takeKept(byteLength);
  if (kept === undefined) {
    takingMore();
    kept = takeKept(byteLength);
  }
  if (kept !== undefined) kept.segment.i32.fill(0);
  const { id, segment } = kept ?? program().createSegment(byteLength);
  return { segmentId: id, offset: 0, segment, word: 0 };
}

/** A freed block of an arena that is full, for when the current one is full too. */
function popOlder(current: Segment, sizeClass: number): Block | undefined {
  for (let id = current.i32[PREVIOUS_W] ?? 0; id !== 0;) {
    const segment = program().segment(id);
    const offset = popFree(segment, sizeClass);
    if (offset !== undefined) return zeroed(id, segment, offset, sizeClass);
    id = segment.i32[PREVIOUS_W] ?? 0;
  }
  return undefined;
}

function zeroed(segmentId: number, segment: Segment, offset: number, sizeClass: number): Block {
  const word = offset >> 2;
  segment.i32.fill(0, word, word + ((UNIT << sizeClass) >> 2));
  return { segmentId, offset, segment, word };
}

/** A block somebody else cut, by the two numbers that travelled. */
export function blockAt(segmentId: number, offset: number): Block {
  return { segmentId, offset, segment: program().segment(segmentId), word: offset >> 2 };
}

/** Gives a block back; nobody may use it any more. `byteLength` is what `allocate` was asked for. */
export function free(block: Block, byteLength: number): void {
  if (byteLength > LARGEST) {
    keepSegment(block.segmentId);
    return;
  }
  const { i32, i64 } = block.segment;
  const list = listOf(classOf(byteLength));
  const unit = block.offset / UNIT;
  for (;;) {
    const head = loadPair(i64, list);
    Atomics.store(i32, block.word, head[0]);
    failpoint('linked');
    if (swapPair(i64, list, head, [unit, (head[1] + 1) | 0])) return;
  }
}

function classOf(byteLength: number): number {
  let sizeClass = 0;
  while (UNIT << sizeClass < byteLength) sizeClass++;
  return sizeClass;
}

/** The pair at which a size class's list starts. */
const listOf = (sizeClass: number): number => FREE_W / 2 + sizeClass;

/**
 * The head of a list is swapped together with a count of all its changes, so that a block that went and came back
 * meanwhile is not mistaken: a process would have to be stopped for exactly 2^32 of them.
 */
function popFree(segment: Segment, sizeClass: number): number | undefined {
  const list = listOf(sizeClass);
  for (;;) {
    const head = loadPair(segment.i64, list);
    const [unit, changes] = head;
    if (unit === 0) return undefined;
    // Somebody else may have taken it, and written there since: then the head has moved.
    const next = Atomics.load(segment.i32, (unit * UNIT) >> 2);
    failpoint('read');
    if (!swapPair(segment.i64, list, head, [next, (changes + 1) | 0])) continue;
    failpoint('popped');
    return unit * UNIT;
  }
}

function cut(segment: Segment, byteLength: number): number | undefined {
  for (;;) {
    const end = Atomics.load(segment.i32, END_W);
    if (end + byteLength > ARENA_BYTES) return undefined;
    failpoint('measured');
    if (Atomics.compareExchange(segment.i32, END_W, end, end + byteLength) === end) return end;
  }
}

function currentArena(): number {
  const id = Atomics.load(program().table.i32, Header.arenaSegment);
  return id === 0 ? replaceArena(0) : id;
}

/** Puts a new arena in the place of a full one; of several processes that try at once, one wins. */
function replaceArena(full: number): number {
  if (full !== 0) takingMore();
  const { id, segment } = program().createSegment(ARENA_BYTES);
  segment.i32[END_W] = START;
  segment.i32[PREVIOUS_W] = full;
  failpoint('arena');
  const seen = Atomics.compareExchange(program().table.i32, Header.arenaSegment, full, id);
  if (seen === full) return id;
  program().dropSegment(id);
  return seen;
}
