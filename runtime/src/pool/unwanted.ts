import type { OwnerWord } from '../memory/index.js';
import type { AbortCause } from './abortLine.js';
import type { Flight } from './flight.js';
import type { Task } from './task.js';

/** A task in a worker's hands that nobody wants any more. */
export interface RunningTask {
  readonly owner: OwnerWord;
  readonly word: number;
  readonly cause: AbortCause;
  /** Milliseconds it gets to end by itself. */
  readonly grace: number;
  /** Whether it still runs. */
  readonly runs: () => boolean;
}

/** What is done with tasks that nobody wants, and with those that were sent together with them. */
export interface Disposal {
  /** Hears all answers that are there: what has ended need not be stopped. */
  drain(): void;
  putBack(tasks: readonly Task[]): void;
  stopTask(running: RunningTask): void;
  /** The pool has ended, and its shared memory with it. */
  isOver(): boolean;
  /** All have been dealt with. */
  done(): void;
}

/**
 * Tasks that were cancelled when they had been sent already. They are recalled in one go, a moment later: a signal may
 * end a hundred thousand calls at once.
 */
export class Unwanted {
  readonly #flight: Flight;
  readonly #disposal: Disposal;
  readonly #tasks = new Map<Task, { readonly cause: AbortCause; readonly grace: number }>();

  constructor(flight: Flight, disposal: Disposal) {
    this.#flight = flight;
    this.#disposal = disposal;
  }

  add(task: Task, cause: AbortCause, grace: number): void {
    if (this.#tasks.size === 0) queueMicrotask(this.#recall);
    this.#tasks.set(task, { cause, grace });
  }

  readonly #recall = (): void => {
    this.#disposal.drain();
    // What is told meanwhile may cancel more.
    const unwanted = new Map(this.#tasks);
    this.#tasks.clear();
    if (this.#disposal.isOver()) return;
    const back: Task[] = [];
    for (const batch of this.#flight.all()) {
      if (!batch.tasks.some(task => unwanted.has(task))) continue;
      for (const task of this.#flight.recall(batch)) back.push(task);
      const task = this.#flight.running(batch);
      const how = task && unwanted.get(task);
      if (task === undefined || how === undefined) continue;
      const runs = (): boolean => {
        this.#disposal.drain();
        return this.#flight.has(batch) && this.#flight.running(batch) === task;
      };
      const [owner, word] = [this.#flight.holderOf(batch), this.#flight.runningWord(batch)];
      this.#disposal.stopTask({ owner, word, ...how, runs });
    }
    this.#disposal.putBack(back);
    this.#disposal.done();
  };
}
