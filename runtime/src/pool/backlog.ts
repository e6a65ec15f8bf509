import { Lane } from './lane.js';
import type { Task } from './task.js';

/** Tasks that no batch holds: the highest priority first, and within one, first come first served. */
export class Backlog {
  readonly #usual = new Lane(0);
  /** The highest priority is the last. All but the usual one go when they are empty. */
  readonly #lanes: Lane[] = [this.#usual];
  #size = 0;

  /** Tasks that wait and have not been answered meanwhile. */
  get size(): number {
    return this.#size;
  }

  push(task: Task): void {
    task.waiting = true;
    this.#laneOf(task.priority).push(task);
    this.#size++;
  }

  /** Puts tasks back, in their order, before everything of their priority that never left. */
  putBack(tasks: readonly Task[]): void {
    if (tasks.length === 0) return;
    const byPriority = new Map<number, Task[]>();
    for (const task of tasks) {
      task.waiting = true;
      const same = byPriority.get(task.priority);
      if (same === undefined) byPriority.set(task.priority, [task]);
      else same.push(task);
    }
    for (const [priority, same] of byPriority) this.#laneOf(priority).putBack(same);
    this.#size += tasks.length;
  }

  /** The next task that still wants an answer, left in place. */
  peek(): Task | undefined {
    for (let i = this.#lanes.length - 1; i >= 0; i--) {
      const lane = this.#lanes[i] as Lane; // below length
      const task = lane.peek();
      if (task !== undefined) return task;
      if (lane !== this.#usual) this.#lanes.splice(i, 1);
    }
    return undefined;
  }

  /** Takes what `peek` showed. */
  take(): Task | undefined {
    const task = this.peek();
    if (task === undefined) return undefined;
    this.#laneOf(task.priority).skip();
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
    const all: Task[] = [];
    for (let task = this.take(); task !== undefined; task = this.take()) all.push(task);
    return all;
  }

  #laneOf(priority: number): Lane {
    const lanes = this.#lanes;
    if (priority === 0) return this.#usual;
    let from = 0;
    for (let to = lanes.length; from < to;) {
      const middle = (from + to) >>> 1;
      if ((lanes[middle] as Lane).priority < priority)
        from = middle + 1; // below length
      else to = middle;
    }
    const found = lanes[from];
    if (found?.priority === priority) return found;
    const lane = new Lane(priority);
    lanes.splice(from, 0, lane);
    return lane;
  }
}
