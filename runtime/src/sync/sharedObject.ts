import {
  createCounted,
  HEADER_WORDS,
  layout,
  openCounted,
  program,
  registerKind,
  slotByte,
  type Counted,
  type CountedHandle,
} from '../memory/index.js';

export { HEADER_WORDS } from '../memory/index.js';

/** Segment, offset and number: names a shared object in every process of the program. */
export type ObjectHandle = CountedHandle;

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

for (const [name, kind] of Object.entries(ObjectKind)) registerKind(kind, name);

/** Cuts the block of a new shared object; `words` is everything behind the header. */
export function createObject(kind: ObjectKindName, words: number): Counted {
  return createCounted(ObjectKind[kind], (HEADER_WORDS + words) * 4);
}

/**
 * An object that another process made, held by this one from now on. Throws ValueError when the handle names something
 * else, or what nobody has any more. Without `id` (0), whatever object of the kind is there is taken.
 */
export function findObject(kind: ObjectKindName, segmentId: number, offset: number, id = 0): Counted {
  return openCounted(ObjectKind[kind], [segmentId, offset, id]);
}

/** This process's name in the process table (`MainProcess`, `Process-1`, …). */
export function ownProcessName(): string {
  const { table, slot } = program();
  return layout.readText(table.u8, slotByte(slot) + layout.Slot.name_B, layout.Slot.nameBytes);
}
