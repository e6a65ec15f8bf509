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
