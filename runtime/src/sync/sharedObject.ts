import { ValueError } from '../errors.js';
import { allocate, blockAt, layout, program, slotByte, type Block } from '../memory/index.js';

/** Segment and offset: names a shared object in every process of the program. */
export type ObjectHandle = readonly [segmentId: number, offset: number];

/** First word of a shared object's block: which class it belongs to. */
export const ObjectKind = {
  Lock: 0x4d43_0001,
  RLock: 0x4d43_0002,
  Semaphore: 0x4d43_0003,
  BoundedSemaphore: 0x4d43_0004,
  Condition: 0x4d43_0005,
  Event: 0x4d43_0006,
  Barrier: 0x4d43_0007,
} as const;
export type ObjectKindName = keyof typeof ObjectKind;

const KIND = 0;
const ID = 1;
/** Words every shared object starts with. */
export const HEADER_WORDS = 2;

/** Cuts the block of a new shared object; `words` is everything behind the header. */
export function createObject(kind: ObjectKindName, words: number): Block {
  const block = allocate((HEADER_WORDS + words) * 4);
  const { i32 } = block.segment;
  i32[block.word + ID] = program().nextObjectId();
  Atomics.store(i32, block.word + KIND, ObjectKind[kind]);
  return block;
}

/** The block of an object that another process made. Throws ValueError when the handle names something else. */
export function findObject(kind: ObjectKindName, segmentId: number, offset: number): Block {
  const block = blockAt(segmentId, offset);
  if (Atomics.load(block.segment.i32, block.word + KIND) !== ObjectKind[kind]) {
    throw new ValueError(`handle ${segmentId}:${offset} does not name a ${kind}`);
  }
  return block;
}

export function objectId(block: Block): number {
  return block.segment.i32[block.word + ID] ?? 0;
}

export const handleOf = (block: Block): ObjectHandle => [block.segmentId, block.offset];

/** This process's name in the process table (`MainProcess`, `Process-1`, …). */
export function ownProcessName(): string {
  const { table, slot } = program();
  return layout.readText(table.u8, slotByte(slot) + layout.Slot.name_B, layout.Slot.nameBytes);
}
