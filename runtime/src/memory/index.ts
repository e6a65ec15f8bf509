export { allocate, blockAt, free, type Block } from './arena.js';
export {
  Counted,
  countOf,
  createCounted,
  existsStill,
  HEADER_WORDS,
  openCounted,
  registerKind,
  release,
  retain,
  type CountedHandle,
} from './counted.js';
export { failpoint, setFailpoint } from './failpoints.js';
export { GrowingSegment } from './growingSegment.js';
export {
  hasProgram,
  joinProgram,
  OWNER_BITS,
  OWNER_MASK,
  ownerWord,
  program,
  programEntry,
  slotByte,
  slotDouble,
  slotWord,
  whenInProgram,
  type ClaimedSlot,
  type OwnerWord,
  type Program,
} from './program.js';
export { removeProgramDir } from './programDir.js';
export { Segment } from './segment.js';
export { giveUpReserves, whenShortOfMemory } from './shortage.js';
export { sweepSlot, sweepTheDead } from './sweep.js';
export { arrived, collectUnderway, goesUnderway, keepAlive, travels, type Underway } from './underway.js';
export * as selfSlot from './selfSlot.js';
export * as layout from './tableLayout.js';
