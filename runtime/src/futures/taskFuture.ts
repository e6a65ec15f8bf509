import type { Job, Runner, Task } from '../pool/ground.js';
import { inWordsOfExecutors } from './broken.js';
import { Future } from './future.js';

/** Who wants the answers of an executor's tasks. */
export interface CancellableJob extends Job {
  /** The executor has taken the task back: nobody has started it, and nobody will. */
  taskCancelled(index: number): void;
}

/** A future whose call is a task of a pool. Whether the task was started is written on the pool's board, so no guess. */
export class TaskFuture<R> extends Future<R> implements CancellableJob {
  /** Nothing once it has ended: then the pool's memory may go. */
  #sent: { readonly runner: Runner; readonly task: Task } | undefined;

  sentAs(task: Task, runner: Runner): void {
    if (!this.done()) this.#sent = { runner, task };
  }

  taskDone(_index: number, value: unknown): void {
    this.#sent = undefined;
    if (!this.done()) this.setResult(value as R);
  }

  taskFailed(_index: number, error: unknown): void {
    this.#sent = undefined;
    if (!this.done()) this.setException(inWordsOfExecutors(error));
  }

  taskCancelled(): void {
    this.#sent = undefined;
    this.cancel();
  }

  /** Nobody has to notice: the task was taken back before the state changed. */
  override cancel(): boolean {
    const wasCancelled = this.cancelled();
    const isCancelled = super.cancel();
    if (isCancelled && !wasCancelled) this.setRunningOrNotifyCancel();
    return isCancelled;
  }

  protected override hasStarted(): boolean {
    return this.#sent !== undefined && this.#sent.runner.dispatcher.hasStarted(this.#sent.task);
  }

  protected override takeBack(): boolean {
    if (this.#sent === undefined) return true;
    const { runner, task } = this.#sent;
    if (runner.dispatcher.withdraw([task]).length === 0) return false;
    this.#sent = undefined;
    return true;
  }
}
