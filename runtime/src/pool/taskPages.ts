import { copyIn, privateMemory, type Memory } from '../channel/bytes.js';
import { BATCH_HEADER, padded, TASK_HEADER, type TaskKind } from './messages.js';

const PAGE_BYTES = 64 * 1024;

/** A task as bytes: `page.u8[start … end)`, ready to be copied into a batch. */
export interface TaskBytes {
  readonly page: Memory;
  readonly start: number;
  readonly end: number;
}

/** Which shared block holds a function's reference. */
export interface FunctionPlace {
  readonly segmentId: number;
  readonly offset: number;
}

/**
 * Where tasks wait as bytes, so that what a task gets is what its arguments were at the call, and so that it can be
 * sent again when a worker dies with it unstarted. Tasks made one after the other lie one behind the other: a batch of
 * them is one copy. A page lives as long as one of its tasks, and leaves room for a batch's header at its start.
 */
export class TaskPages {
  #page: Memory = privateMemory(PAGE_BYTES);
  #end = BATCH_HEADER;
  /** Where the task written last lies. */
  page: Memory = this.#page;
  start = 0;
  end = 0;

  /** Copies one task in; `page`, `start` and `end` then say where it is. */
  write(place: FunctionPlace, kind: TaskKind, bytes: Uint8Array, from: number, to: number): void {
    const length = to - from;
    const total = TASK_HEADER + padded(length);
    if (this.#end + total > this.#page.u8.length) this.#turn(total);
    const page = this.#page;
    const at = this.#end;
    const word = at >> 2;
    page.i32[word] = place.segmentId;
    page.i32[word + 1] = place.offset;
    page.i32[word + 2] = kind;
    page.i32[word + 3] = length;
    copyIn(page, at + TASK_HEADER, bytes, from, to);
    this.#end = at + total;
    this.page = page;
    this.start = at;
    this.end = this.#end;
  }

  /** A large task gets a page of its own, so that it does not keep others' bytes alive. */
  #turn(total: number): void {
    this.#page = privateMemory(Math.max(PAGE_BYTES, BATCH_HEADER + total));
    this.#end = BATCH_HEADER;
  }
}
