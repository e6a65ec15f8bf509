export { currentTask, type CurrentTask } from './currentTask.js';
export { AsyncResult, type ResultWaitOptions } from './asyncResult.js';
export {
  type ChromeTrace,
  type ChromeTraceEvent,
  Insights,
  type PhaseInsight,
  type WorkerInsight,
} from './insights.js';
export type { SlowTask } from './journal.js';
export { ImapIterator } from './imapIterator.js';
export type { CallOptions, ChunkOptions, ImapOptions } from './callOptions.js';
export type { PoolOptions } from './options.js';
export type { Callbacks } from './outcome.js';
export type { Progress, ProgressOption, ProgressOptions } from './progress.js';
export { Pool } from './pool.js';
