import { ValueError } from '../errors.js';
import { layout, ownerWord, program, type Counted } from '../memory/index.js';
import { deadlineOf, type SyncWaitOptions, type WaitOptions } from '../sync/waitOptions.js';
import { WaitPoint, type Wait } from '../sync/waitPoint.js';
import { Queue, registerQueue, type QueueOptions, type ReceivedQueue } from './queue.js';
import { FREE_WORD, type QueueShape } from './queueBlock.js';

/** Words of the queue's block. */
const DONE = FREE_WORD;
const ALL_DONE = 16;
/** A word a process: its generation and a flag while it keeps values that are not in the ring yet. */
const HOLDING = 64;
const WORDS = HOLDING + layout.SLOT_COUNT;

/**
 * A queue that knows when all that was ever put has been dealt with (Python: `multiprocessing.JoinableQueue`): each
 * value got is followed by one `taskDone()`, and `join()` waits until there are as many of these as values put.
 */
export class JoinableQueue<T = unknown> extends Queue<T> {
  /** @internal */
  static override readonly _shape: QueueShape = { kind: 0x4d43_0013, name: 'JoinableQueue', words: WORDS };
  readonly #block: Counted;
  readonly #allDone: WaitPoint;

  constructor(maxSize?: number, options?: QueueOptions);
  constructor(maxSize: number | ReceivedQueue = 0, options: QueueOptions = {}) {
    // Queue tells a received queue apart itself; its type does not show that to users.
    super(maxSize as number, options);
    this.#block = this._block;
    this.#allDone = new WaitPoint(this.#block, ALL_DONE);
  }

  /** One value that was got has been dealt with. Throws ValueError when called more often than values were put. */
  taskDone(): void {
    const { i32 } = this.#block.segment;
    const at = this.#block.word + DONE;
    for (;;) {
      const done = Atomics.load(i32, at);
      const written = this._ring.written;
      if (done === written) throw new ValueError('task_done() called too many times');
      if (Atomics.compareExchange(i32, at, done, (done + 1) | 0) !== done) continue;
      if (((done + 1) | 0) === written) this.#allDone.wake(Infinity);
      return;
    }
  }

  /**
   * Waits until everything that was put has been dealt with: true; false when `timeout` milliseconds passed first.
   */
  async join(options?: WaitOptions): Promise<boolean> {
    return (await this.#allDone.wait(this.#joining(), options)) ?? false;
  }

  /** As `join`, blocking the thread. */
  joinSync(options?: SyncWaitOptions): boolean {
    return this.#allDone.waitSync(this.#joining(), deadlineOf(options)) ?? false;
  }

  /** What was got may be dealt with, and waited for, after the queue has been closed. */
  protected override get _endsWhenClosed(): boolean {
    return false;
  }

  protected override _holding(holds: boolean): void {
    const { slot, generation } = program();
    const { id, segment, word } = this.#block;
    const keepers = (keeping.get(id) ?? 0) + (holds ? 1 : -1);
    if (keepers > 0) keeping.set(id, keepers);
    else keeping.delete(id);
    Atomics.store(segment.i32, word + HOLDING + slot, keepers > 0 ? (generation << 1) | 1 : 0);
    if (keepers === 0) this.#allDone.wake(Infinity);
  }

  #joining(): Wait<true> {
    return {
      subject: { kind: 'queueJoin', object: this.#block.id },
      // In this order: who keeps nothing any more has written it before, and that is counted then.
      attempt: () => (!this.#isHeldBack() && this.#isAllDone() ? true : undefined),
      recover: () => this.#forgetTheDead(),
    };
  }

  #isAllDone(): boolean {
    return Atomics.load(this.#block.segment.i32, this.#block.word + DONE) === this._ring.written;
  }

  #isHeldBack(): boolean {
    const { i32 } = this.#block.segment;
    const start = this.#block.word + HOLDING;
    for (let at = start; at < start + layout.SLOT_COUNT; at++) if (Atomics.load(i32, at) !== 0) return true;
    return false;
  }

  /** What a killed process kept is lost: nobody has to wait for it. */
  #forgetTheDead(): void {
    const { i32 } = this.#block.segment;
    const start = this.#block.word + HOLDING;
    for (let slot = 0; slot < layout.SLOT_COUNT; slot++) {
      const word = Atomics.load(i32, start + slot);
      if (word !== 0 && program().isDead(ownerWord(slot, word >>> 1))) {
        Atomics.compareExchange(i32, start + slot, word, 0);
      }
    }
  }
}

/** How many objects of this process keep values of a queue, by the queue's number: a process may have it twice. */
const keeping = new Map<number, number>();

registerQueue('joinableQueue', JoinableQueue as unknown as typeof Queue);
