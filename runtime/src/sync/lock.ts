import { inspect } from 'node:util';
import { ValueError } from '../errors.js';
import type { Counted } from '../memory/index.js';
import { breathe } from './breathing.js';
import { Held, type UntilHeld } from './held.js';
import { LockWord } from './lockWord.js';
import { createObject, findObject, HEADER_WORDS, ownProcessName } from './sharedObject.js';
import type { ObjectHandle } from './sharedObject.js';
import { deadlineOf, wrongOptions, type SyncWaitOptions, type WaitOptions } from './waitOptions.js';
import type { Wait } from './waitPoint.js';

/**
 * A lock that is not recursive and belongs to nobody: any process may release it (Python: `multiprocessing.Lock`).
 * When the process that acquired it dies, the next one gets it, and `recovered` counts one more. Not fair.
 */
export class Lock {
  readonly #block: Counted;
  readonly #word: LockWord;
  readonly #held = new Held(() => {
    this.release();
  });
  readonly #heldNow = Promise.resolve(this.#held);
  readonly #wait: Wait<Held>;

  /** @param block Only `fromHandle` gives one. */
  constructor(block: Counted = createObject('Lock', LockWord.WORDS)) {
    this.#block = block;
    this.#word = new LockWord(block, HEADER_WORDS);
    this.#wait = {
      subject: { kind: 'lock', object: block.id },
      glance: () => (this.#word.glance() ? this.#held : undefined),
      attempt: () => (this.#word.takeOrFlag() ? this.#held : undefined),
      recover: () => {
        this.#word.recover();
      },
      alike: true,
      exclusive: true,
    };
  }

  /** The lock that another process made, by the two numbers of its `handle`. Throws ValueError for any other object. */
  static fromHandle(segmentId: number, offset: number, id = 0): Lock {
    return new Lock(findObject('Lock', segmentId, offset, id));
  }

  get handle(): ObjectHandle {
    return this.#block.handle;
  }

  /** @internal */
  get _shared(): Counted {
    return this.#block;
  }

  /**
   * Waits for the lock. Resolves to false when `timeout` ms pass first (0 or less, or `block: false`, tries once);
   * rejects with the signal's reason when aborted.
   */
  acquire(options?: UntilHeld): Promise<Held>;
  acquire(options: WaitOptions): Promise<Held | false>;
  acquire(options?: WaitOptions): Promise<Held | false> {
    const wrong = wrongOptions(options);
    if (wrong !== undefined) return Promise.reject(wrong);
    if (options?.signal?.aborted === true) return Promise.reject(options.signal.reason as Error);
    if (this.#word.tryTake()) return breathe(this.#held, this.#heldNow);
    return this.#acquireSlowly(options);
  }

  /** `acquire`, blocking the thread: for code that has nothing else to do meanwhile. */
  acquireSync(options?: { readonly timeout?: undefined; readonly block?: true | undefined }): Held;
  acquireSync(options: SyncWaitOptions): Held | false;
  acquireSync(options?: SyncWaitOptions): Held | false {
    const wrong = wrongOptions(options);
    if (wrong !== undefined) throw wrong;
    if (this.#word.tryTake()) return this.#held;
    const deadline = deadlineOf(options);
    if (deadline === 0) return this.#tryTheDead() ?? false;
    return this.#word.freed.waitSync(this.#wait, deadline) ?? false;
  }

  /** Frees the lock, whoever holds it. Throws ValueError when nobody does. */
  release(): void {
    if (!this.#word.free()) throw new ValueError('semaphore or lock released too many times');
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

  async #acquireSlowly(options: WaitOptions | undefined): Promise<Held | false> {
    if (deadlineOf(options) === 0) return breathe(this.#tryTheDead() ?? false);
    return (await this.#word.freed.wait(this.#wait, options)) ?? false;
  }

  #tryTheDead(): Held | undefined {
    this.#word.recover();
    return this.#wait.glance?.();
  }

  /** @internal For Condition. A Lock belongs to nobody; that this process acquired it has to do. */
  isMine(): boolean {
    return this.#word.isMine();
  }

  /** @internal */
  suspend(): undefined {
    this.#word.free();
  }

  /** @internal */
  async restore(): Promise<void> {
    await this.acquire();
  }

  /** @internal */
  restoreSync(): void {
    this.acquireSync();
  }

  [inspect.custom](): string {
    this.#word.recover();
    const owner = this.#word.owner();
    return `<Lock(owner=${owner === 0 ? 'None' : this.#word.isMine() ? ownProcessName() : 'SomeOtherProcess'})>`;
  }
}
