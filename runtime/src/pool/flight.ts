import type { OwnerWord } from '../memory/index.js';
import { taskWord, type ClaimBoard } from './board.js';
import { CELLS } from './layout.js';
import type { Task } from './task.js';

/** Tasks on their way to a worker, or in one's hands. */
export interface Batch {
  readonly sequence: number;
  readonly cell: number;
  readonly tasks: readonly Task[];
  /** Tasks that may still be answered through this batch: all of them, until it is recalled. */
  reach: number;
  /** How many of those have been. */
  answered: number;
  /** How far it was at the last look for batches that are stuck. */
  seenStarted: number;
}

/**
 * The owner's book of the claim board: which batch is in which cell. It answers the question that matters when
 * something goes wrong: what has nobody started, and so can be given to somebody else without running it twice.
 */
export class Flight {
  readonly #board: ClaimBoard;
  readonly #cells = new Array<Batch | undefined>(CELLS).fill(undefined);
  readonly #free = Array.from({ length: CELLS }, (_, i) => CELLS - 1 - i);
  /** Whether tasks had been taken back from the batch that was answered last. */
  wasCut = false;
  #sequence = 0;
  #several = 0;

  constructor(board: ClaimBoard) {
    this.#board = board;
  }

  /** Batches on their way. */
  get size(): number {
    return CELLS - this.#free.length;
  }

  /** Batches of more than one task on their way. */
  get several(): number {
    return this.#several;
  }

  get isFull(): boolean {
    return this.#free.length === 0;
  }

  /** Puts tasks on the board; the message that names the batch comes after. There must be a free cell. */
  launch(tasks: readonly Task[]): Batch {
    const cell = this.#free.pop();
    if (cell === undefined) throw new Error('no free cell on the claim board');
    this.#sequence = (this.#sequence + 1) & 0x3fff_ffff;
    const batch: Batch = {
      sequence: this.#sequence,
      cell,
      tasks,
      reach: tasks.length,
      answered: 0,
      seenStarted: -1,
    };
    this.#cells[cell] = batch;
    for (const task of tasks) task.batch = batch;
    if (tasks.length > 1) this.#several++;
    this.#board.offer(cell, batch.sequence);
    return batch;
  }

  /** The task a record is about; undefined for one that was answered otherwise meanwhile. */
  answer(sequence: number, cell: number, index: number): Task | undefined {
    const batch = this.#cells[cell];
    if (batch === undefined || batch.sequence !== sequence || index >= batch.reach) return undefined;
    const task = batch.tasks[index];
    this.wasCut = batch.reach < batch.tasks.length;
    if (++batch.answered === batch.reach) this.#land(batch);
    return task;
  }

  /** All batches on their way, oldest first. */
  all(): Batch[] {
    const batches = this.#cells.filter(batch => batch !== undefined);
    return batches.sort((a, b) => a.sequence - b.sequence);
  }

  /** Who has, or had, the batch that is or was last in the cell. */
  workerAt(cell: number): OwnerWord {
    const holder = this.#board.holder(cell);
    return holder.state === 'claimed' ? holder.by : 0;
  }

  /** Takes back everything of a batch that nobody has started; its tasks, without those answered meanwhile. */
  recall(batch: Batch): Task[] {
    if (this.#board.withdraw(batch.cell, batch.sequence)) {
      this.#land(batch);
      return batch.tasks.filter(task => !task.answered);
    }
    const started = this.#board.recall(batch.cell, batch.sequence);
    if (started === undefined || started >= batch.reach) return [];
    const back = batch.tasks.slice(started, batch.reach).filter(task => !task.answered);
    batch.reach = started;
    if (batch.answered === batch.reach) this.#land(batch);
    return back;
  }

  /** Takes back what nobody has started of the batches that have these tasks, or of all batches. */
  recallAll(tasks: readonly Task[] | undefined): Task[] {
    const batches = tasks === undefined ? this.all() : new Set(tasks.map(({ batch }) => batch));
    const back: Task[] = [];
    for (const batch of batches) {
      if (batch === undefined || !this.has(batch)) continue;
      for (const task of this.recall(batch)) back.push(task);
    }
    return back;
  }

  /** What a worker runs now. */
  taskOf(owner: OwnerWord): Task | undefined {
    for (const batch of this.#cells) {
      const task = batch !== undefined && this.holderOf(batch) === owner ? this.running(batch) : undefined;
      if (task !== undefined) return task;
    }
    return undefined;
  }

  /** Takes back, oldest first, what nobody has claimed yet and has a lower priority. */
  overtakenBy(priority: number): Task[] {
    const back: Task[] = [];
    for (const batch of this.all()) {
      if ((batch.tasks[0]?.priority ?? priority) >= priority) continue;
      if (!this.#board.withdraw(batch.cell, batch.sequence)) continue;
      this.#land(batch);
      for (const task of batch.tasks) if (!task.answered) back.push(task);
    }
    return back;
  }

  /** Who runs the batch now: the owner word of a worker, 0 while it is in the ring. */
  holderOf(batch: Batch): OwnerWord {
    const holder = this.#board.holder(batch.cell);
    return holder.state === 'claimed' ? holder.by : 0;
  }

  /** Which of the batch's tasks runs now, if it has been started and not been answered yet. */
  running(batch: Batch): Task | undefined {
    const started = this.#board.started(batch.cell) ?? batch.reach;
    return started > batch.answered ? batch.tasks[started - 1] : undefined;
  }

  /** Whether a worker has begun with the task. */
  hasStarted(task: Task): boolean {
    const { batch } = task;
    const index = batch !== undefined && this.has(batch) ? batch.tasks.indexOf(task) : -1;
    if (batch === undefined || index < 0 || index >= batch.reach) return false;
    return (this.#board.started(batch.cell) ?? batch.reach) > index;
  }

  /** Who runs one of these tasks of one call now; undefined when nobody does. */
  runnerOf(tasks: readonly Task[]): OwnerWord | undefined {
    // One after the other, or batch by batch if that is less to look at.
    const batches = tasks.length <= CELLS ? tasks.map(({ batch }) => batch) : this.#cells;
    const job = tasks[0]?.job;
    for (const batch of batches) {
      if (batch === undefined || !this.has(batch)) continue;
      if (this.running(batch)?.job === job) return this.holderOf(batch);
    }
    return undefined;
  }

  /** The word that names the task that runs now (see `running`). */
  runningWord(batch: Batch): number {
    const started = this.#board.started(batch.cell) ?? batch.reach;
    return taskWord(batch.sequence, started - 1);
  }

  /** Whether the batch is still on its way. */
  has(batch: Batch): boolean {
    return this.#cells[batch.cell] === batch;
  }

  /**
   * A worker has died, and all it ever said has been heard. `lost` is what it was running; `back` is what somebody
   * else must do: the rest of its batch, and everything still in the ring, since it may have died with a message in
   * its hand that it had not claimed yet. (A message whose batch is withdrawn is void, so nothing can run twice.)
   */
  bury(owner: OwnerWord): { lost: Task[]; back: Task[] } {
    const lost: Task[] = [];
    const back: Task[] = [];
    for (const batch of this.all()) {
      const holder = this.holderOf(batch);
      if (holder !== 0 && holder !== owner) continue;
      back.push(...this.recall(batch));
      if (holder !== owner) continue;
      for (let i = batch.answered; i < batch.reach; i++) {
        const task = batch.tasks[i];
        if (task !== undefined) lost.push(task);
      }
      if (batch.answered < batch.reach) this.#land(batch);
    }
    return { lost, back };
  }

  /** Batches behind whose running task others have waited since the last call. Groups stay together. */
  stuck(): Batch[] {
    const stuck: Batch[] = [];
    for (const batch of this.#cells) {
      if (batch === undefined || batch.reach < 2 || batch.tasks[0]?.group !== 0) continue;
      if (this.holderOf(batch) === 0) continue;
      const started = this.#board.started(batch.cell);
      if (started === undefined || started >= batch.reach) continue;
      if (started === batch.seenStarted) stuck.push(batch);
      batch.seenStarted = started;
    }
    return stuck;
  }

  #land(batch: Batch): void {
    if (this.#cells[batch.cell] !== batch) return;
    this.#cells[batch.cell] = undefined;
    this.#free.push(batch.cell);
    if (batch.tasks.length > 1) this.#several--;
  }
}
