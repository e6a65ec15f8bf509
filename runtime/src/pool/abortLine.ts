import { allocate, blockAt, free, type Block } from '../memory/index.js';
import { WaitPoint } from '../sync/waitPoint.js';

/** Words; what the worker writes and what the owner writes are on cache lines of their own. */
const HEEDS = 0;
const ASKED = 16;
const WHY = 17;
const LEAVE = 18;
const POINT = 32;
const BYTES = (POINT + WaitPoint.WORDS) * 4;
const NOTHING = 0;

/** Why a task shall end. */
export const AbortCause = { aborted: 1, timedOut: 2 } as const;
export type AbortCause = (typeof AbortCause)[keyof typeof AbortCause];

/**
 * How the owner of a pool tells one worker that the task it runs is not wanted any more, or the worker itself. A task is named by a word that
 * no other task has had for long (`taskWord`), so that a request that comes too late is nobody's.
 */
export class AbortLine {
  readonly handle: readonly [segmentId: number, offset: number];
  readonly point: WaitPoint;
  readonly #block: Block;
  readonly #i32: Int32Array;
  readonly #at: number;

  private constructor(block: Block) {
    this.#block = block;
    this.handle = [block.segmentId, block.offset];
    this.#i32 = block.segment.i32;
    this.#at = block.word;
    this.point = new WaitPoint(block, POINT);
  }

  static create(): AbortLine {
    return new AbortLine(allocate(BYTES));
  }

  static attach(segmentId: number, offset: number): AbortLine {
    return new AbortLine(blockAt(segmentId, offset));
  }

  destroy(): void {
    free(this.#block, BYTES);
  }

  /** The worker's: this task wants to hear of it. */
  heed(task: number): void {
    Atomics.store(this.#i32, this.#at + HEEDS, task);
  }

  /** The worker's: why this task shall end; undefined when nobody has asked for it. */
  requested(task: number): AbortCause | undefined {
    if (Atomics.load(this.#i32, this.#at + ASKED) !== task || task === NOTHING) return undefined;
    return this.#i32[this.#at + WHY] as AbortCause;
  }

  /** The worker's: whether it shall end when it has nothing to do. */
  get isSentHome(): boolean {
    return Atomics.load(this.#i32, this.#at + LEAVE) !== 0;
  }

  /** The owner's: the worker shall end when it has nothing to do; it must be woken after that. */
  sendHome(): void {
    Atomics.store(this.#i32, this.#at + LEAVE, 1);
  }

  /** The owner's: asks the task to end; false when it would not hear it, or is not the one that runs. */
  request(task: number, cause: AbortCause): boolean {
    if (Atomics.load(this.#i32, this.#at + HEEDS) !== task) return false;
    this.#i32[this.#at + WHY] = cause;
    Atomics.store(this.#i32, this.#at + ASKED, task);
    this.point.wake(1);
    return true;
  }
}
