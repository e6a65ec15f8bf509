import { inspect } from 'node:util';
import { instant } from '../clock.js';
import { AssertionError, ValueError } from '../errors.js';
import { registerKind, release, retain, selfSlot, type Block, type Counted } from '../memory/index.js';
import type { Held, UntilHeld } from './held.js';
import { Lock } from './lock.js';
import { RLock } from './rlock.js';
import { createObject, findObject, HEADER_WORDS, ObjectKind, type ObjectHandle } from './sharedObject.js';
import { deadlineOf, type SyncWaitOptions, type WaitOptions } from './waitOptions.js';
import { WaiterList } from './waiterList.js';

const LOCK_KIND = HEADER_WORDS;
const LOCK_SEGMENT = HEADER_WORDS + 1;
const LOCK_OFFSET = HEADER_WORDS + 2;
const LOCK_ID = HEADER_WORDS + 3;
const WAITERS = HEADER_WORDS + 4;
const WORDS = WAITERS - HEADER_WORDS + WaiterList.WORDS;

const IS_LOCK = 1;
const IS_RLOCK = 2;

/** What a condition needs of its lock, beyond what everybody may call. */
interface ConditionLock {
  isMine(): boolean;
  suspend(): unknown;
  restore(suspended: unknown): Promise<void>;
  restoreSync(suspended: unknown): void;
}

/**
 * Waiting for something to become true under a lock (Python: `multiprocessing.Condition`). `notify(n)` wakes exactly n
 * of those who wait, first come first: who timed out takes nothing with him, who was killed is skipped.
 */
export class Condition {
  readonly #block: Counted;
  readonly #lock: Lock | RLock;
  readonly #waiters: WaiterList;

  /**
   * @param lock A Lock or RLock of the caller's own, else TypeError; default a new RLock.
   * @param block Only `fromHandle` gives one.
   */
  constructor(lock: Lock | RLock = new RLock(), block: Counted = create(lock)) {
    this.#block = block;
    this.#lock = lock;
    this.#waiters = new WaiterList(block, WAITERS);
  }

  /** The condition, with its lock, that another process made. Throws ValueError for any other object's handle. */
  static fromHandle(segmentId: number, offset: number, id = 0): Condition {
    const block = findObject('Condition', segmentId, offset, id);
    const { i32 } = block.segment;
    const place = lockOf(block);
    const lock = i32[block.word + LOCK_KIND] === IS_LOCK ? Lock.fromHandle(...place) : RLock.fromHandle(...place);
    return new Condition(lock, block);
  }

  get handle(): ObjectHandle {
    return this.#block.handle;
  }

  /** @internal */
  get _shared(): Counted {
    return this.#block;
  }

  /** `acquire` of its lock. */
  acquire(options?: UntilHeld): Promise<Held>;
  acquire(options: WaitOptions): Promise<Held | false>;
  acquire(options?: WaitOptions): Promise<Held | false> {
    return this.#lock.acquire(options as WaitOptions);
  }

  /** `acquireSync` of its lock. */
  acquireSync(options?: { readonly timeout?: undefined; readonly block?: true | undefined }): Held;
  acquireSync(options: SyncWaitOptions): Held | false;
  acquireSync(options?: SyncWaitOptions): Held | false {
    return this.#lock.acquireSync(options as SyncWaitOptions);
  }

  /** `release` of its lock. */
  release(): void {
    this.#lock.release();
  }

  /**
   * Releases the lock whatever its depth, waits to be notified, and takes the lock again, to the same depth, before it
   * settles. Resolves to true, or to false when `timeout` ms pass first; rejects with the signal's reason when aborted,
   * and with AssertionError when the caller does not hold the lock.
   */
  async wait(options?: WaitOptions): Promise<boolean> {
    this.#assertHeld('must acquire() condition before using wait()');
    options?.signal?.throwIfAborted();
    const deadline = deadlineOf(options);
    const cell = this.#waiters.enter(false);
    const lock: ConditionLock = this.#lock;
    const suspended = lock.suspend();
    try {
      return await cell.wait({ kind: 'condition', object: this.#block.id }, deadline, options?.signal);
    } finally {
      await lock.restore(suspended);
    }
  }

  /** `wait`, blocking the thread. */
  waitSync(options?: SyncWaitOptions): boolean {
    this.#assertHeld('must acquire() condition before using wait()');
    const deadline = deadlineOf(options);
    const cell = this.#waiters.enter(true);
    const lock: ConditionLock = this.#lock;
    const suspended = lock.suspend();
    const published = selfSlot.beginWait('condition', this.#block.id);
    try {
      return cell.waitSync(deadline);
    } finally {
      selfSlot.endWait(published);
      lock.restoreSync(suspended);
    }
  }

  /**
   * Waits until `predicate`, called under the lock, gives something truthy, or `timeout` ms have passed in all.
   * Resolves to the predicate's last value.
   */
  async waitFor<T>(predicate: () => T | Promise<T>, options?: WaitOptions): Promise<T> {
    const deadline = deadlineOf(options);
    let result = await predicate();
    while (!result) {
      const left = deadline - instant();
      if (left <= 0) break;
      await this.wait({ signal: options?.signal, timeout: left === Infinity ? undefined : left });
      result = await predicate();
    }
    return result;
  }

  /** `waitFor`, blocking the thread. */
  waitForSync<T>(predicate: () => T, options?: SyncWaitOptions): T {
    const deadline = deadlineOf(options);
    let result = predicate();
    while (!result) {
      const left = deadline - instant();
      if (left <= 0) break;
      this.waitSync({ timeout: left === Infinity ? undefined : left });
      result = predicate();
    }
    return result;
  }

  /** Wakes exactly `n` waiters, or all when there are fewer. Throws AssertionError unless the caller holds the lock. */
  notify(n = 1): void {
    this.#assertHeld('lock is not owned');
    if (!Number.isInteger(n) || n < 0) throw new ValueError(`notify wakes a whole number of waiters, not ${n}`);
    this.#waiters.notify(n);
  }

  /** Wakes everybody who waits. Throws AssertionError unless the caller holds the lock. */
  notifyAll(): void {
    this.#assertHeld('lock is not owned');
    this.#waiters.notify(Infinity);
  }

  #assertHeld(otherwise: string): void {
    if (!this.#lock.isMine()) throw new AssertionError(otherwise);
  }

  [inspect.custom](): string {
    return `<Condition(${inspect(this.#lock)}, ${this.#waiters.size()})>`;
  }
}

/** The condition holds its lock for everybody who holds the condition. */
function create(lock: Lock | RLock): Counted {
  if (!((lock as unknown) instanceof Lock || (lock as unknown) instanceof RLock)) {
    throw new TypeError(`a condition waits with a Lock or an RLock, not with ${inspect(lock)}`);
  }
  const block = createObject('Condition', WORDS);
  const { i32 } = block.segment;
  const [segmentId, offset, id] = lock.handle;
  retain(lock._shared);
  i32[block.word + LOCK_KIND] = lock instanceof Lock ? IS_LOCK : IS_RLOCK;
  i32[block.word + LOCK_SEGMENT] = segmentId;
  i32[block.word + LOCK_ID] = id;
  // Last: as long as it is 0, nothing is given back with the condition.
  Atomics.store(i32, block.word + LOCK_OFFSET, offset);
  return block;
}

function lockOf({ segment: { i32 }, word }: Block): ObjectHandle {
  return [i32[word + LOCK_SEGMENT] ?? 0, i32[word + LOCK_OFFSET] ?? 0, i32[word + LOCK_ID] ?? 0];
}

registerKind(ObjectKind.Condition, 'Condition', block => {
  new WaiterList(block, WAITERS).destroy();
  const [segmentId, offset, id] = lockOf(block);
  if (offset !== 0) release({ segmentId, offset }, id);
});
