// Declarations name Node's types, which the compiler from version 6 on no longer takes in by itself.
/// <reference types="node" preserve="true" />
export { readProgram, readPrograms } from './readProgram.js';
export { programsRoot } from './root.js';
export type {
  PoolSnapshot,
  ProcessKind,
  ProcessSnapshot,
  ProcessState,
  ProgramSnapshot,
  QueueSnapshot,
} from './types.js';
