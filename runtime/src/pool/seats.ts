import type { WorkerHandle } from './workerHandle.js';

/** What a worker spends its life with: its process starts, it runs the initializer, has nothing to do, works. */
export const PHASES = ['start', 'init', 'waiting', 'working'] as const;
export type Phase = (typeof PHASES)[number];

/** How a worker has spent its life, in milliseconds, and what it has done. */
export interface Figures extends Readonly<Record<Phase, number>> {
  /** Calls that succeeded. */
  readonly done: number;
  readonly failed: number;
}

const NONE: Figures = { start: 0, init: 0, waiting: 0, working: 0, done: 0, failed: 0 };

const plus = (a: Figures, b: Figures): Figures => ({
  start: a.start + b.start,
  init: a.init + b.init,
  waiting: a.waiting + b.waiting,
  working: a.working + b.working,
  done: a.done + b.done,
  failed: a.failed + b.failed,
});

/** One place in the pool: the workers that have had it, one after the other. */
export interface Seat {
  readonly worker: WorkerHandle;
  readonly restarts: number;
  readonly figures: Figures;
}

interface Book {
  worker: WorkerHandle;
  hired: number;
  /** Of those who have gone. */
  past: Figures;
  readonly present: Set<WorkerHandle>;
}

/** Who has which place, so that figures are of as many workers as the pool has, however many were replaced. */
export class Seats {
  readonly #books: Book[] = [];
  readonly #seatOf = new WeakMap<WorkerHandle, number>();

  /** A new worker takes the place of one that has gone or will take no more tasks, if there is one. */
  take(worker: WorkerHandle): void {
    let seat = this.#books.findIndex(book => book.worker.state === 'retiring' || book.worker.state === 'gone');
    if (seat < 0) seat = this.#books.push({ worker, hired: 0, past: NONE, present: new Set() }) - 1;
    const book = this.#books[seat] as Book; // found, or just made
    book.worker = worker;
    book.hired++;
    book.present.add(worker);
    this.#seatOf.set(worker, seat);
  }

  /** It has ended. */
  leave(worker: WorkerHandle): void {
    const book = this.#books[this.#seatOf.get(worker) ?? -1];
    if (book === undefined || !book.present.delete(worker)) return;
    book.past = plus(book.past, worker.figures());
  }

  all(): Seat[] {
    return this.#books.map(({ worker, hired, past, present }) => ({
      worker,
      restarts: hired - 1,
      figures: [...present].reduce((sum, each) => plus(sum, each.figures()), past),
    }));
  }
}
