/** The public face of the library: what `import … from 'manycore'` gives. */
export * from './errors.js';
export { VERSION } from './version.js';
export {
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  Held,
  Lock,
  RLock,
  Semaphore,
  type BarrierOptions,
  type SyncWaitOptions,
  type WaitOptions,
} from './sync/index.js';
export { expose } from './pickle/index.js';
export {
  activeChildren,
  cpuCount,
  currentProcess,
  freezeSupport,
  isMain,
  parentProcess,
  Process,
  processCpuCount,
  type CurrentProcess,
  type ParentProcess,
  type ProcessOptions,
  type Sentinel,
} from './process/index.js';
export {
  getLogger,
  Level,
  logToStderr,
  type Logger,
  type LevelLike,
  type LogRecord,
  type LogSink,
} from './logging/index.js';
export {
  type Connection,
  JoinableQueue,
  Pipe,
  type PipeOptions,
  Queue,
  type QueueOptions,
  type ReceiveBytesOptions,
  type ReceiveOptions,
  SimpleQueue,
} from './channel/index.js';
export {
  AsyncResult,
  ImapIterator,
  Pool,
  type Callbacks,
  type CallOptions,
  type ChunkOptions,
  type PoolOptions,
  type ResultWaitOptions,
} from './pool/index.js';
