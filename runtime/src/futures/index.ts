// Declarations name Node's types, which the compiler from version 6 on no longer takes in by itself.
/// <reference types="node" preserve="true" />
/** Python's `concurrent.futures`: what `import … from 'manycore/futures'` gives. */
export { BrokenExecutor, BrokenProcessPool, CancelledError, InvalidStateError, TimeoutError } from '../errors.js';
export { asCompleted } from './asCompleted.js';
export { ProcessPoolExecutor, type ShutdownOptions } from './executor.js';
export { Future, type FutureState } from './future.js';
export type { MapOptions } from './mapOptions.js';
export type { MapResults } from './mapRun.js';
export type { ExecutorOptions } from './options.js';
export type { FutureWaitOptions } from './until.js';
export {
  ALL_COMPLETED,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  wait,
  type DoneAndNotDone,
  type ReturnWhen,
  type WaitOptions,
} from './wait.js';
