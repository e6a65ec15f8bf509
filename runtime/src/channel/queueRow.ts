import { layout, ownerWord, program } from '../memory/index.js';

const { Row, QUEUES_START_B, QUEUE_ROWS, ROW_BYTES } = layout;

/** Every so many operations the depth is published on the spot, else a little later. */
const EVERY = 32;
const LATER = 50;

/**
 * A queue's row in the process table, for who looks at the program from outside. Its depth is stored plainly by every
 * process that uses the queue: it may lag, and decides nothing. Without a free row the queue is merely not shown.
 */
export class QueueRow {
  readonly index: number;
  readonly #word: number;
  readonly #id: number;
  #depth: () => number;
  #operations = 0;
  #timer: NodeJS.Timeout | undefined;
  /** For the timer, which must not keep a queue that nobody has any more. */
  #self: WeakRef<QueueRow> | undefined;

  /** `index` is -1 for none. */
  constructor(index: number, id: number, depth: () => number) {
    this.index = index;
    this.#id = id;
    this.#word = rowWord(index);
    this.#depth = depth;
  }

  /** Takes a row for a new queue of this process; rows of queues whose maker has died are taken over. */
  static claim(id: number, name: string): number {
    const { table, slot, generation, me } = program();
    const { i32, u8 } = table;
    for (let index = 0; index < QUEUE_ROWS; index++) {
      const word = rowWord(index);
      const holder = Atomics.load(i32, word + Row.id_W);
      if (holder !== 0 && (ownerOf(i32, word) === me || !program().isDead(ownerOf(i32, word)))) continue;
      if (Atomics.compareExchange(i32, word + Row.id_W, holder, id) !== holder) continue;
      i32[word + Row.ownerSlot_W] = slot;
      i32[word + Row.ownerGeneration_W] = generation;
      i32[word + Row.queued_W] = 0;
      layout.writeText(u8, word * 4 + Row.name_B, Row.nameBytes, name);
      return index;
    }
    return -1;
  }

  static release(index: number, id: number): void {
    if (index >= 0) Atomics.compareExchange(program().table.i32, rowWord(index) + Row.id_W, id, 0);
  }

  /** The depth has changed. */
  changed(): void {
    if ((++this.#operations & (EVERY - 1)) === 0) {
      this.publish();
      return;
    }
    if (this.#timer !== undefined || this.index < 0) return;
    this.#timer = setTimeout(QueueRow.#due, LATER, (this.#self ??= new WeakRef(this))).unref();
  }

  static #due(this: void, row: WeakRef<QueueRow>): void {
    const due = row.deref();
    if (due === undefined) return;
    due.#timer = undefined;
    due.publish();
  }

  /** The queue is closed here. A WeakRef keeps the row until the event loop turns: it does not keep the queue. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.publish();
    const last = this.#depth();
    this.#depth = () => last;
  }

  publish(): void {
    const { i32 } = program().table;
    // Another queue may have the row by now.
    if (this.index >= 0 && i32[this.#word + Row.id_W] === this.#id) i32[this.#word + Row.queued_W] = this.#depth();
  }
}

const rowWord = (index: number): number => (QUEUES_START_B + index * ROW_BYTES) >> 2;

const ownerOf = (i32: Int32Array, word: number): number =>
  ownerWord(i32[word + Row.ownerSlot_W] ?? 0, i32[word + Row.ownerGeneration_W] ?? 0);
