import { privateMemory } from '../channel/bytes.js';
import { Ring } from '../channel/ring.js';
import { ClaimBoard } from './board.js';
import { Flight } from './flight.js';
import { RESULT_RING_BYTES, TASK_RING_BYTES } from './layout.js';
import { BATCH_HEADER, LARGE_HEADER, type RecordStatus } from './messages.js';
import type { Outbox, RecordSink } from './outbox.js';
import type { Task } from './task.js';

/** Records taken from one outbox at a time: then the event loop gets its turn, and so do the answers' receivers. */
const DRAIN_LIMIT = 4096;

/** The shared memory of one pool as its owner uses it: batches out, records in. */
export class Transport {
  readonly board: ClaimBoard;
  readonly flight: Flight;
  readonly tasks: Ring;
  readonly results: Ring;
  #scratch = privateMemory(BATCH_HEADER + 64 * 1024);

  /** Throws OSError when there is no memory, and then none is taken. */
  constructor() {
    const made: { destroy(): void }[] = [];
    const keep = <T extends { destroy(): void }>(part: T): T => {
      made.push(part);
      return part;
    };
    try {
      this.board = keep(ClaimBoard.create());
      this.tasks = keep(Ring.create(TASK_RING_BYTES));
      this.results = keep(Ring.create(RESULT_RING_BYTES));
    } catch (error) {
      for (const part of made) part.destroy();
      throw error;
    }
    this.flight = new Flight(this.board);
  }

  /** Sends tasks as one batch; false when the ring is full. Throws OSError when there is no memory for a large one. */
  send(tasks: readonly Task[]): boolean {
    const batch = this.flight.launch(tasks);
    let sent = false;
    try {
      sent = this.#write(tasks, batch.sequence, batch.cell);
    } finally {
      if (!sent) this.flight.recall(batch);
    }
    return sent;
  }

  /** Hands what workers have said to `sink`; true when there may be more. */
  drain(outboxes: Iterable<Outbox>, sink: RecordSink): boolean {
    let more = this.#drainLarge(sink);
    for (const outbox of outboxes) if (outbox.drain(sink, DRAIN_LIMIT) === DRAIN_LIMIT) more = true;
    return more;
  }

  /** Wakes every worker that sleeps: there may be something to do for it. */
  wakeAll(): void {
    this.tasks.readable.wake(Infinity);
  }

  destroy(): void {
    this.tasks.destroy();
    this.results.destroy();
    this.board.destroy();
  }

  #write(tasks: readonly Task[], sequence: number, cell: number): boolean {
    const [first] = tasks;
    if (tasks.length === 1 && first?.start === BATCH_HEADER) {
      // The first of its page: a large one has the page for itself, and is not copied once more.
      writeHeader(first.page, sequence, cell, 1);
      return this.tasks.tryWrite(first.page.u8, 0, first.end);
    }
    let length = BATCH_HEADER;
    for (const task of tasks) length += task.end - task.start;
    const scratch = this.#room(length);
    writeHeader(scratch, sequence, cell, tasks.length);
    let at = BATCH_HEADER;
    for (let i = 0; i < tasks.length;) {
      // Tasks made one after the other lie one behind the other: copy them in one go.
      const { page, start } = tasks[i] as Task; // below length
      let end = start;
      for (; i < tasks.length; i++) {
        const next = tasks[i];
        if (next === undefined || next.page !== page || next.start !== end) break;
        end = next.end;
      }
      page.u8.copy(scratch.u8, at, start, end);
      at += end - start;
    }
    return this.tasks.tryWrite(scratch.u8, 0, length);
  }

  #room(length: number): { u8: Buffer; i32: Int32Array } {
    if (length <= this.#scratch.u8.length) return this.#scratch;
    const once = privateMemory(length);
    if (length <= 1024 * 1024) this.#scratch = once;
    return once;
  }

  #drainLarge(sink: RecordSink): boolean {
    const use = (bytes: Buffer, start: number, end: number): true => {
      const sequence = bytes.readInt32LE(start);
      const cell = bytes.readInt32LE(start + 4);
      const index = bytes.readInt32LE(start + 8);
      const status = bytes.readInt32LE(start + 12) as RecordStatus;
      const micros = bytes.readInt32LE(start + 16);
      const began = bytes.readInt32LE(start + 20);
      sink(sequence, cell, index, status, micros, began, bytes, start + LARGE_HEADER, end);
      return true;
    };
    for (let i = 0; i < 16; i++) if (this.results.tryRead(use) === undefined) return false;
    return true;
  }
}

function writeHeader({ i32 }: { i32: Int32Array }, sequence: number, cell: number, count: number): void {
  i32[0] = sequence;
  i32[1] = cell;
  i32[2] = count;
}
