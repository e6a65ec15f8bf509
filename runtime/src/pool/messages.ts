import type { OwnerWord } from '../memory/index.js';

/**
 * Everything that crosses between a pool's owner and its workers. Owner to worker: one boot message a worker, then
 * batches through the task ring. Worker to owner: records, through the worker's outbox or (large ones) the result ring.
 */

type Handle = readonly [segmentId: number, offset: number];

/** What a worker is told at its start, pickled. */
export interface WorkerBoot {
  /** The process the pool belongs to. */
  readonly owner: OwnerWord;
  readonly board: Handle;
  readonly tasks: Handle;
  readonly results: Handle;
  readonly outbox: Handle;
  readonly abortLine: Handle;
  /** `[function, arguments]`, pickled by itself: a module that cannot be imported is the initializer's failure. */
  readonly initializer: Uint8Array | null;
  /** Batches after which the worker retires; 0 for never. */
  readonly maxTasks: number;
  /** Bytes of memory beyond which it retires; 0 for no limit. */
  readonly memoryLimit: number;
}

/** How a task's payload is given to its function. */
export const TaskKind = {
  /** An array of arguments: `f(...args)`. */
  call: 1,
  /** One argument: `f(x)`. */
  item: 2,
  /** A chunk of a map: `f(x)` for each; the result is an array. */
  chunk: 3,
  /** A chunk of a starmap: `f(...args)` for each; the result is an array. */
  starChunk: 4,
} as const;
export type TaskKind = (typeof TaskKind)[keyof typeof TaskKind];

/** What a record says. The first three answer a task, the others are news of the worker itself. */
export const RecordStatus = {
  /** The payload is the result. */
  done: 1,
  /** The payload is a `TaskFailure`. */
  failed: 2,
  /** The function was not run: its message could not be read. The payload is a `TaskFailure`. */
  unread: 3,
  /** The initializer is through; the worker takes tasks from now on. */
  ready: 4,
  /** The initializer threw a `TaskFailure`; the worker ends. */
  unfit: 5,
  /** The worker has done its `maxTasks`, or has grown too large; it ends, and takes no more. */
  retired: 6,
  /** The process is up, and about to run the initializer. */
  booted: 7,
} as const;
export type RecordStatus = (typeof RecordStatus)[keyof typeof RecordStatus];

/** In the place of a record's cell: it is news of the worker, and answers no task. */
export const NEWS = 0xffff;

/** What a task threw, pickled as an array: the value, and the stack as it was in the worker (null if it had none). */
export type TaskFailure = readonly [thrown: unknown, stack: string | null];

/**
 * A batch: header, then for each task a record. All numbers are little-endian 32-bit words.
 *
 *     sequence  cell  count  0
 *     function's segment  function's offset  kind  payload length  payload, padded to 4 bytes
 *
 * The function is named by the block that holds its pickled reference behind its length, so that a worker decodes it
 * once, whatever order tasks come in.
 */
export const BATCH_HEADER = 16;
export const TASK_HEADER = 16;

/** A large record in the result ring: what an outbox record has in its header, then the payload. */
export const LARGE_HEADER = 24;

export const padded = (length: number): number => (length + 3) & ~3;
