import { ValueError } from '../errors.js';
import { allocate, blockAt, free, type Block } from './arena.js';
import { failpoint } from './failpoints.js';
import { note, strike, type Place } from './journal.js';
import { loadPair, swapPair } from './pairs.js';
import { weigh } from './pressure.js';
import { program } from './program.js';

/** Words every counted object starts with: what it is, its size, and in one pair how many hold it and its number. */
const KIND = 0;
const BYTES = 1;
const COUNT = 2;
const ID = 3;
export const HEADER_WORDS = 4;

/** Names an object in every process of the program: where it is, and its number, which no other object ever has. */
export type CountedHandle = readonly [segmentId: number, offset: number, id: number];

interface Kind {
  readonly name: string;
  /** Gives back what the object has beyond its own block. Called once, when nobody can reach it any more. */
  readonly dispose: ((block: Block, id: number) => void) | undefined;
}

const kinds = new Map<number, Kind>();

/** Says what a kind of counted object is called, and what goes with it. Every process says so, before it has any. */
export function registerKind(kind: number, name: string, dispose?: (block: Block, id: number) => void): void {
  kinds.set(kind, { name, dispose });
}

/**
 * A shared object that this process holds: its block, for as long as anything here refers to this. All of the
 * process's wrappers of the object share one; when the last of them has been collected, so is this, and the reference
 * is given back. So whatever still touches the memory has to refer to this object, not to the segment alone.
 */
export class Counted implements Block {
  readonly segmentId: number;
  readonly offset: number;
  readonly segment: Block['segment'];
  readonly word: number;
  readonly id: number;
  readonly kind: number;
  readonly #held: Held;
  #users = 1;

  constructor(block: Block, kind: number, id: number, held: Held) {
    this.kind = kind;
    this.segmentId = block.segmentId;
    this.offset = block.offset;
    this.segment = block.segment;
    this.word = block.word;
    this.id = id;
    this.#held = held;
  }

  get handle(): CountedHandle {
    return [this.segmentId, this.offset, this.id];
  }

  /** False once `letGo` has been called: then the memory may be somebody else's. */
  get isHeld(): boolean {
    return this.#held.entry >= 0;
  }

  /** One user more in this process, who will not say when he is done, or will by `letGo`. */
  share(): this {
    this.#users++;
    return this;
  }

  /**
   * For an object that has been closed: its user is done. After the last one the reference is given back at once, and
   * nothing here may touch the memory any more. Each create, open and share may be followed by one.
   */
  letGo(): void {
    if (--this.#users === 0) this.#held.letGo();
  }
}

/** One reference of this process. It outlives the `Counted` it is for, and must not refer to it. */
class Held implements Place {
  readonly segmentId: number;
  readonly offset: number;
  readonly id: number;
  readonly weight: number;
  /** In the journal; -1 once given back. */
  entry: number;

  constructor({ segmentId, offset }: Place, id: number, weight: number) {
    this.segmentId = segmentId;
    this.offset = offset;
    this.id = id;
    this.weight = weight;
    this.entry = note(this);
  }

  letGo(): void {
    const { entry } = this;
    if (entry < 0) return;
    this.entry = -1;
    weigh(-this.weight);
    const key = keyOf(this.segmentId, this.offset);
    if (opened.get(key)?.held === this) opened.delete(key);
    strike(entry);
    failpoint('struck');
    release(this, this.id);
  }
}

/** What this process has been sent and holds, found again when it is sent once more. */
const opened = new Map<number, { readonly held: Held; readonly counted: WeakRef<Counted> }>();
const keyOf = (segmentId: number, offset: number): number => segmentId * 2 ** 32 + offset;

const collected = new FinalizationRegistry<Held>(held => {
  try {
    held.letGo();
  } catch {
    // The program's folder has been removed from under the process: there is nothing left to give back, nor anybody
    // who could be told. What was not given back lasts until the program's end.
  }
});

/** How much memory stands behind an object beside its block, in bytes, so that collecting it is worth the while. */
export interface Weight {
  readonly behind?: number;
}

/**
 * A new object of this kind, zeroed behind its header, held by this process alone. Dying in between leaks one block.
 * Throws OSError when shared memory is short.
 */
export function createCounted(kind: number, byteLength: number, { behind = 0 }: Weight = {}): Counted {
  const block = allocate(byteLength);
  const { i32 } = block.segment;
  const id = program().nextObjectId();
  i32[block.word + BYTES] = byteLength;
  i32[block.word + ID] = id;
  Atomics.store(i32, block.word + COUNT, 1);
  Atomics.store(i32, block.word + KIND, kind);
  failpoint('counted');
  return hold(block, kind, id, byteLength + behind).counted;
}

/**
 * The object that another process made. Throws ValueError when the handle names something else, or an object that
 * nobody had any more. A handle without a number (0) names whatever object of this kind is there.
 */
export function openCounted(kind: number, handle: CountedHandle, { behind = 0 }: Weight = {}): Counted {
  const block = blockOf(kind, handle);
  const { i32 } = block.segment;
  const found = Atomics.load(i32, block.word + KIND);
  const foundId = i32[block.word + ID] ?? 0;
  const id = handle[2] || foundId;
  // A block that was freed says neither what it was nor, once it is used again, whose it was.
  if (found !== kind)
    throw handle[2] === 0 || (foundId === id && kinds.has(found)) ? misnamed(kind, handle) : gone(kind);
  const known = opened.get(keyOf(block.segmentId, block.offset));
  const counted = known?.held.id === id ? known.counted.deref() : undefined;
  if (counted !== undefined) return counted.share();
  if (!addTo(block, id)) throw gone(kind);
  failpoint('opened');
  const fresh = hold(block, kind, id, (i32[block.word + BYTES] ?? 0) + behind);
  opened.set(keyOf(block.segmentId, block.offset), { held: fresh.held, counted: new WeakRef(fresh.counted) });
  return fresh.counted;
}

function blockOf(kind: number, [segmentId, offset]: CountedHandle): Block {
  try {
    return blockAt(segmentId, offset);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw gone(kind);
    throw error;
  }
}

function hold(block: Block, kind: number, id: number, weight: number): { held: Held; counted: Counted } {
  let held: Held;
  try {
    held = new Held(block, id, weight);
  } catch (error) {
    // No room for the journal: then this process cannot hold it.
    release(block, id);
    throw error;
  }
  const counted = new Counted(block, kind, id, held);
  collected.register(counted, held);
  weigh(weight);
  return { held, counted };
}

/**
 * Counts one reference more that belongs to no process: to a message under way, or to another shared object. Whoever
 * ends it calls `release`; if nobody does, the object stays until the program's end. Throws ValueError when the object
 * has been closed here and nobody else had it.
 */
export function retain(counted: Counted): void {
  if (!addTo(counted, counted.id))
    throw new ValueError('the object no longer exists: it was closed, and nobody else had it');
}

/** One reference fewer. The one that makes it none frees the object: nobody else can come by any more. */
export function release(place: Place, id?: number): void {
  const block = blockAt(place.segmentId, place.offset);
  const pairs = block.segment.i64;
  const at = (block.word + COUNT) >> 1;
  for (;;) {
    const seen = loadPair(pairs, at);
    const [count, owner] = seen;
    // Books that do not agree: leave alone what may be somebody else's.
    if (count <= 0 || (id !== undefined && owner !== id)) return;
    if (!swapPair(pairs, at, seen, [count - 1, owner])) continue;
    failpoint('released');
    if (count === 1) dispose(block);
    return;
  }
}

/** Whether anybody holds it, as of a moment ago. */
export function existsStill(counted: Counted): boolean {
  const [count, id] = loadPair(counted.segment.i64, (counted.word + COUNT) >> 1);
  return id === counted.id && count > 0;
}

function addTo(block: Block, id: number): boolean {
  const pairs = block.segment.i64;
  const at = (block.word + COUNT) >> 1;
  for (;;) {
    const seen = loadPair(pairs, at);
    const [count, owner] = seen;
    // None left is final: whoever took the last one is freeing it.
    if (owner !== id || count <= 0) return false;
    if (swapPair(pairs, at, seen, [count + 1, owner])) return true;
  }
}

function dispose(block: Block): void {
  const { i32 } = block.segment;
  const kind = Atomics.load(i32, block.word + KIND);
  const byteLength = i32[block.word + BYTES] ?? 0;
  kinds.get(kind)?.dispose?.(block, i32[block.word + ID] ?? 0);
  failpoint('disposed');
  Atomics.store(i32, block.word + KIND, 0);
  free(block, byteLength);
}

const nameOf = (kind: number): string => kinds.get(kind)?.name ?? 'shared object';

const gone = (kind: number): ValueError =>
  new ValueError(`the ${nameOf(kind)} no longer exists: every process that had it has let go of it or died`);

const misnamed = (kind: number, [segmentId, offset]: CountedHandle): ValueError =>
  new ValueError(`handle ${segmentId}:${offset} does not name a ${nameOf(kind)}`);

/** For tests and books: how many hold the object, 0 when it has been freed. */
export function countOf(counted: Counted): number {
  const [count, id] = loadPair(counted.segment.i64, (counted.word + COUNT) >> 1);
  return id === counted.id ? count : 0;
}
