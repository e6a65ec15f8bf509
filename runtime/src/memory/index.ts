export { allocate, blockAt, free, type Block } from './arena.js';
export {
  hasProgram,
  joinProgram,
  OWNER_BITS,
  OWNER_MASK,
  ownerWord,
  program,
  slotByte,
  slotDouble,
  slotWord,
  whenInProgram,
  type ClaimedSlot,
  type OwnerWord,
  type Program,
} from './program.js';
export { Segment } from './segment.js';
export * as selfSlot from './selfSlot.js';
export * as layout from './tableLayout.js';
