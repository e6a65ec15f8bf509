import type { Batch } from './flight.js';
import type { TaskFunction } from './functions.js';
import type { TaskKind } from './messages.js';
import type { TaskBytes } from './taskPages.js';

/** Who wants a task's answer. Each task is answered exactly once, unless it is cancelled. */
export interface Job {
  taskDone(index: number, value: unknown): void;
  taskFailed(index: number, error: unknown): void;
}

/** Who wants to know when a task starts. */
export interface TaskWatch {
  /** It was sent to the workers, perhaps again. */
  launched(): void;
  /** It has an answer, and its batch was started at this moment (see moments.ts). */
  began(moment: number): void;
}

/** What a task is, before it is one. */
export interface TaskPlan {
  readonly job: Job;
  /** The task's place in its job. */
  readonly index: number;
  readonly fn: TaskFunction;
  readonly kind: TaskKind;
  /** How often the function will be called. */
  readonly calls: number;
  /** Tasks with the same number other than 0 travel together: a chunk of an imap. */
  readonly group: number;
  /** Higher ones are sent first; usually 0. */
  readonly priority: number;
}

/**
 * One thing for one worker to do: a call, an item of an imap, a chunk of a map. From the backlog it goes into a batch
 * on the board, perhaps back again (recalled, or its worker died before starting it), and at last it is answered.
 */
export class Task implements TaskBytes {
  readonly job: Job;
  readonly index: number;
  readonly fn: TaskFunction;
  readonly kind: TaskKind;
  readonly calls: number;
  readonly group: number;
  readonly priority: number;
  readonly page: TaskBytes['page'];
  readonly start: number;
  readonly end: number;
  /** Has its answer, or is cancelled and wants none. */
  answered = false;
  /** The shared objects among its arguments, which must not go as long as it may still be sent. */
  keeps: readonly object[] | undefined;
  /** Is in the backlog. */
  waiting = false;
  /** Was taken back from behind a long task: it shall not wait behind another. */
  alone = false;
  /** The batch it was sent with last. */
  batch: Batch | undefined;
  /** A limit of time: it has to know when the task was started. */
  watch: TaskWatch | undefined;

  constructor(plan: TaskPlan, bytes: TaskBytes) {
    this.job = plan.job;
    this.index = plan.index;
    this.fn = plan.fn;
    this.kind = plan.kind;
    this.calls = plan.calls;
    this.group = plan.group;
    this.priority = plan.priority;
    this.page = bytes.page;
    this.start = bytes.start;
    this.end = bytes.end;
  }

  /** How long it will probably take, in milliseconds; undefined when its function is new. */
  get expectedMs(): number | undefined {
    const { averageMs } = this.fn;
    return averageMs === undefined ? undefined : averageMs * this.calls;
  }
}
