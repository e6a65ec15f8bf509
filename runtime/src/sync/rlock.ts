import { inspect } from 'node:util';
import { AssertionError, RuntimeError } from '../errors.js';
import type { Counted } from '../memory/index.js';
import { breathe } from './breathing.js';
import { Held, type UntilHeld } from './held.js';
import { LockWord } from './lockWord.js';
import { createObject, findObject, HEADER_WORDS, ownProcessName } from './sharedObject.js';
import type { ObjectHandle } from './sharedObject.js';
import * as task from './task.js';
import { deadlineOf, wrongOptions, type SyncWaitOptions, type WaitOptions } from './waitOptions.js';
import type { Wait } from './waitPoint.js';

/** Written by the holder alone: the task that holds it, and how often. */
const TASK = HEADER_WORDS;
const DEPTH = HEADER_WORDS + 1;
const WORD = HEADER_WORDS + 2;

/** What a condition's wait gives back afterwards. */
interface Suspended {
  readonly task: task.TaskId;
  readonly depth: number;
}

/**
 * A recursive lock, owned by a process and an async task of it (Python: `multiprocessing.RLock`). Whoever awaited the
 * `acquire`, and what that code calls and awaits, may acquire it again; it is free after as many releases. What a Sync
 * form acquires outside any such task belongs to all code of the process that is outside of them.
 */
export class RLock {
  readonly #block: Counted;
  readonly #word: LockWord;
  readonly #i32: Int32Array;
  readonly #task: number;
  readonly #depth: number;

  /** @param block Only `fromHandle` gives one. */
  constructor(block: Counted = createObject('RLock', WORD - HEADER_WORDS + LockWord.WORDS)) {
    this.#block = block;
    this.#word = new LockWord(block, WORD);
    this.#i32 = block.segment.i32;
    this.#task = block.word + TASK;
    this.#depth = block.word + DEPTH;
  }

  /** The lock that another process made, by the two numbers of its `handle`. Throws ValueError for any other object. */
  static fromHandle(segmentId: number, offset: number, id = 0): RLock {
    return new RLock(findObject('RLock', segmentId, offset, id));
  }

  get handle(): ObjectHandle {
    return this.#block.handle;
  }

  /** @internal */
  get _shared(): Counted {
    return this.#block;
  }

  /**
   * Waits until this task owns the lock. Resolves to false when `timeout` ms pass first (0 or less, or `block: false`,
   * tries once); rejects with the signal's reason when aborted.
   */
  acquire(options?: UntilHeld): Promise<Held>;
  acquire(options: WaitOptions): Promise<Held | false>;
  acquire(options?: WaitOptions): Promise<Held | false> {
    const wrong = wrongOptions(options);
    if (wrong !== undefined) return Promise.reject(wrong);
    if (options?.signal?.aborted === true) return Promise.reject(options.signal.reason as Error);
    if (this.isMine()) return breathe(this.#again());
    const owner = task.create();
    const acquired = this.#word.tryTake() ? breathe(this.#taken(owner, 1)) : this.#acquireSlowly(owner, options);
    return task.deliver(owner, acquired);
  }

  /**
   * `acquire`, blocking the thread. Throws RuntimeError instead of waiting for ever for another task of this process,
   * which could not go on to release it.
   */
  acquireSync(options?: { readonly timeout?: undefined; readonly block?: true | undefined }): Held;
  acquireSync(options: SyncWaitOptions): Held | false;
  acquireSync(options?: SyncWaitOptions): Held | false {
    const wrong = wrongOptions(options);
    if (wrong !== undefined) throw wrong;
    if (this.isMine()) return this.#again();
    const deadline = deadlineOf(options);
    if (deadline === Infinity && this.#word.isMine()) {
      throw new RuntimeError(
        'another task of this process holds the RLock and cannot release it while the thread is blocked; use acquire()',
      );
    }
    const owner = task.current();
    task.retain(owner);
    const held = this.#word.tryTake() ? this.#taken(owner, 1) : this.#waitSync(owner, deadline);
    if (held === undefined) task.release(owner);
    return held ?? false;
  }

  /** Undoes one acquire. Throws AssertionError unless this task of this process owns the lock. */
  release(): void {
    if (!this.isMine()) {
      throw new AssertionError(
        'attempt to release recursive lock not owned by this task: ' +
          'only the code that awaited its acquire(), and what that code calls, may release it',
      );
    }
    this.#releaseOnce();
  }

  /** Whether a living process holds it now. */
  locked(): boolean {
    this.#word.recover();
    return this.#word.owner() !== 0;
  }

  /** How often the lock was taken from a process that died with it: what it protects may be half done. */
  get recovered(): number {
    return this.#word.recovered();
  }

  /** @internal Whether the running code owns it. */
  isMine(): boolean {
    return this.#word.isMine() && task.isRunning(this.#i32[this.#task] ?? 0);
  }

  /** @internal For Condition: gives it up whatever the depth; `restore` takes it again for the same task. */
  suspend(): Suspended {
    const suspended = { task: this.#i32[this.#task] ?? 0, depth: this.#i32[this.#depth] ?? 0 };
    this.#i32[this.#task] = 0;
    this.#word.free();
    return suspended;
  }

  /** @internal */
  async restore({ task: owner, depth }: Suspended): Promise<void> {
    await this.#word.freed.wait(this.#waitFor(owner, depth));
  }

  /** @internal */
  restoreSync({ task: owner, depth }: Suspended): void {
    this.#word.freed.waitSync(this.#waitFor(owner, depth), Infinity);
  }

  [inspect.custom](): string {
    this.#word.recover();
    if (this.#word.owner() === 0) return '<RLock(None, 0)>';
    if (!this.#word.isMine()) return '<RLock(SomeOtherProcess, nonzero)>';
    if (!this.isMine()) return '<RLock(SomeOtherTask, nonzero)>';
    return `<RLock(${ownProcessName()}, ${this.#i32[this.#depth] ?? 0})>`;
  }

  async #acquireSlowly(owner: task.TaskId, options: WaitOptions | undefined): Promise<Held | false> {
    try {
      const held =
        deadlineOf(options) === 0
          ? await breathe(this.#waitSync(owner, 0))
          : await this.#word.freed.wait(this.#waitFor(owner, 1), options);
      if (held === undefined) task.release(owner);
      return held ?? false;
    } catch (error) {
      task.release(owner);
      throw error;
    }
  }

  #waitSync(owner: task.TaskId, deadline: number): Held | undefined {
    const wait = this.#waitFor(owner, 1);
    if (deadline === 0) this.#word.recover();
    return this.#word.freed.waitSync(wait, deadline);
  }

  #waitFor(owner: task.TaskId, depth: number): Wait<Held> {
    return {
      subject: { kind: 'lock', object: this.#block.id },
      glance: () => (this.#word.glance() ? this.#taken(owner, depth) : undefined),
      attempt: () => (this.#word.takeOrFlag() ? this.#taken(owner, depth) : undefined),
      recover: () => {
        this.#word.recover();
      },
      alike: true,
      exclusive: true,
    };
  }

  #taken(owner: task.TaskId, depth: number): Held {
    this.#i32[this.#task] = owner;
    this.#i32[this.#depth] = depth;
    return this.#heldBy(owner);
  }

  #again(): Held {
    this.#i32[this.#depth] = (this.#i32[this.#depth] ?? 0) + 1;
    return this.#heldBy(this.#i32[this.#task] ?? 0);
  }

  /** A Held knows its task, so it may be disposed of wherever it has got to. */
  #heldBy(owner: task.TaskId): Held {
    return new Held(() => {
      if (!this.#word.isMine() || this.#i32[this.#task] !== owner) this.release();
      else this.#releaseOnce();
    });
  }

  #releaseOnce(): void {
    const depth = (this.#i32[this.#depth] ?? 0) - 1;
    this.#i32[this.#depth] = depth;
    if (depth > 0) return;
    const owner = this.#i32[this.#task] ?? 0;
    this.#i32[this.#task] = 0;
    this.#word.free();
    task.release(owner);
  }
}
