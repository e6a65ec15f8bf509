import type { Task } from './task.js';

const COMPACT_FROM = 1024;

/** Tasks that no batch holds, first come first served; those that come back go before the others. */
export class Backlog {
  /** What has been taken leaves a hole at once: a task holds on to its job, and that to its result. */
  #queue: (Task | undefined)[] = [];
  #head = 0;
  #returned: (Task | undefined)[] = [];
  #returnedHead = 0;
  #size = 0;

  /** Tasks that wait and have not been answered meanwhile. */
  get size(): number {
    return this.#size;
  }

  push(task: Task): void {
    task.waiting = true;
    this.#queue.push(task);
    this.#size++;
  }

  /** Puts tasks back, in their order, before everything that never left. */
  putBack(tasks: readonly Task[]): void {
    if (tasks.length === 0) return;
    for (const task of tasks) task.waiting = true;
    const waiting = this.#returned.slice(this.#returnedHead);
    this.#returned = [...tasks, ...waiting];
    this.#returnedHead = 0;
    this.#size += tasks.length;
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

  /** Takes what `peek` showed. */
  take(): Task | undefined {
    const task = this.peek();
    if (task === undefined) return undefined;
    this.#advance(this.#returnedHead < this.#returned.length);
    this.#size--;
    task.waiting = false;
    return task;
  }

  /** A waiting task has been answered (cancelled) where it stands: it will be passed over. */
  forget(task: Task): void {
    if (!task.waiting) return;
    task.waiting = false;
    this.#size--;
  }

  /** Empties it; all tasks that waited. */
  clear(): Task[] {
    const all = [...this.#returned.slice(this.#returnedHead), ...this.#queue.slice(this.#head)];
    this.#queue = [];
    this.#returned = [];
    this.#head = this.#returnedHead = this.#size = 0;
    return all.filter(task => task !== undefined && !task.answered) as Task[];
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
