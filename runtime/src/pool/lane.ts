import type { Task } from './task.js';

const COMPACT_FROM = 1024;

/** Tasks of one priority that no batch holds, first come first served; those that come back go before the others. */
export class Lane {
  readonly priority: number;
  /** What has been taken leaves a hole at once: a task holds on to its job, and that to its result. */
  #queue: (Task | undefined)[] = [];
  #head = 0;
  #returned: (Task | undefined)[] = [];
  #returnedHead = 0;

  constructor(priority: number) {
    this.priority = priority;
  }

  push(task: Task): void {
    this.#queue.push(task);
  }

  /** Puts tasks back, in their order, before everything that never left. */
  putBack(tasks: readonly Task[]): void {
    this.#returned = [...tasks, ...this.#returned.slice(this.#returnedHead)];
    this.#returnedHead = 0;
  }

  /** The next task that still wants an answer, left in place. */
  peek(): Task | undefined {
    for (;;) {
      const fromReturned = this.#returnedHead < this.#returned.length;
      const task = fromReturned ? this.#returned[this.#returnedHead] : this.#queue[this.#head];
      if (task === undefined || !task.answered) return task;
      this.#advance(fromReturned);
    }
  }

  /** Drops what `peek` showed. */
  skip(): void {
    this.#advance(this.#returnedHead < this.#returned.length);
  }

  #advance(fromReturned: boolean): void {
    if (fromReturned) {
      this.#returned[this.#returnedHead++] = undefined;
      return;
    }
    this.#queue[this.#head++] = undefined;
    // Half of it is used up: the cost of moving the other half is spread over as many takes.
    if (this.#head >= COMPACT_FROM && this.#head * 2 >= this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
  }
}
