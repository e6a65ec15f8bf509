import type { OwnerWord } from '../memory/index.js';
import { describeTask } from './lost.js';
import { epochOf } from './moments.js';
import type { Task } from './task.js';

/** Batches that a trace shows at most: the latest. */
const MOST_SLICES = 16_384;
const FIRST_SLICES = 256;
const SLOWEST = 5;
/** A call that took longer than others. */
export interface SlowTask {
  /** The function's name. */
  readonly function: string;
  /** The call as text, arguments cut short; of a chunk, how many inputs it had. */
  readonly input: string;
  /** Milliseconds. */
  readonly duration: number;
  /** Of the worker. */
  readonly pid: number;
}

/** A batch that a worker has done. */
export interface Slice {
  readonly worker: OwnerWord;
  readonly name: string;
  readonly tasks: number;
  /** Epoch milliseconds. */
  readonly start: number;
  /** Milliseconds. */
  readonly duration: number;
}

/** What the owner remembers of work that is done: a few words a batch, the latest ones, and the slowest tasks. */
export class Journal {
  readonly #pidOf: (worker: OwnerWord) => number;
  #starts = new Float64Array(FIRST_SLICES);
  #micros = new Int32Array(FIRST_SLICES);
  #workers = new Int32Array(FIRST_SLICES);
  #counts = new Int32Array(FIRST_SLICES);
  #names: (string | undefined)[] = [];
  #written = 0;
  #slowest: SlowTask[] = [];
  #threshold = 0;

  constructor(pidOf: (worker: OwnerWord) => number) {
    this.#pidOf = pidOf;
  }

  /** `task` was the last of a batch of so many tasks; `micros` is how long the batch took. */
  add(task: Task, tasks: number, worker: OwnerWord, began: number, micros: number, stuck: boolean): void {
    if (this.#written === this.#starts.length && this.#written < MOST_SLICES) this.#grow();
    const at = this.#written++ & (this.#starts.length - 1);
    this.#starts[at] = epochOf(began);
    this.#micros[at] = micros;
    this.#workers[at] = worker;
    this.#counts[at] = tasks;
    this.#names[at] = task.fn.name;
    // What others wait for in a batch is long, and what came before it short.
    const duration = micros / 1000 / (stuck ? 1 : tasks);
    if (duration > this.#threshold) this.#addSlow(task, worker, duration);
  }

  get slowest(): readonly SlowTask[] {
    return this.#slowest;
  }

  /** Oldest first. */
  slices(): Slice[] {
    const kept = Math.min(this.#written, this.#starts.length);
    return Array.from({ length: kept }, (_, i) => {
      const at = (this.#written - kept + i) & (this.#starts.length - 1);
      return {
        worker: this.#workers[at] ?? 0,
        name: this.#names[at] ?? '',
        tasks: this.#counts[at] ?? 0,
        start: this.#starts[at] ?? 0,
        duration: (this.#micros[at] ?? 0) / 1000,
      };
    });
  }

  #addSlow(task: Task, worker: OwnerWord, duration: number): void {
    const { name, input } = describeTask(task);
    const slow = { function: name, input, duration, pid: this.#pidOf(worker) };
    this.#slowest = [...this.#slowest, slow].sort((a, b) => b.duration - a.duration).slice(0, SLOWEST);
    if (this.#slowest.length === SLOWEST) this.#threshold = this.#slowest.at(-1)?.duration ?? 0;
  }

  #grow(): void {
    const length = this.#starts.length * 4;
    const longer = <A extends Float64Array | Int32Array>(to: A, from: A): A => {
      to.set(from);
      return to;
    };
    this.#starts = longer(new Float64Array(length), this.#starts);
    this.#micros = longer(new Int32Array(length), this.#micros);
    this.#workers = longer(new Int32Array(length), this.#workers);
    this.#counts = longer(new Int32Array(length), this.#counts);
  }
}
