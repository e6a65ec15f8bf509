import { inspect } from 'node:util';
import { ValueError } from '../errors.js';
import type { Counted } from '../memory/index.js';
import { breathe } from './breathing.js';
import { Held, type UntilHeld } from './held.js';
import { createObject, findObject, HEADER_WORDS } from './sharedObject.js';
import type { ObjectHandle } from './sharedObject.js';
import { deadlineOf, wrongOptions, type SyncWaitOptions, type WaitOptions } from './waitOptions.js';
import { WaitPoint, type Wait } from './waitPoint.js';

const VALUE = HEADER_WORDS;
/** What a bounded semaphore may not rise above. */
const INITIAL = HEADER_WORDS + 1;
const RISEN = HEADER_WORDS + 2;
const WORDS = RISEN - HEADER_WORDS + WaitPoint.WORDS;
const LARGEST = 2 ** 31 - 1;

type SemaphoreKind = 'Semaphore' | 'BoundedSemaphore';

/**
 * A counter that `acquire` takes one from and waits at 0, and `release` adds one to, without bound (Python:
 * `multiprocessing.Semaphore`). Nobody owns what was acquired: when a process dies, what it had acquired stays taken.
 */
export class Semaphore {
  readonly #kind: SemaphoreKind;
  readonly #block: Counted;
  readonly #i32: Int32Array;
  readonly #value: number;
  readonly #risen: WaitPoint;
  readonly #held = new Held(() => {
    this.release();
  });
  readonly #heldNow = Promise.resolve(this.#held);
  readonly #wait: Wait<Held>;

  /**
   * @param value The start, an integer from 0 to 2^31-1; ValueError otherwise.
   * @param block Only `fromHandle` gives one.
   */
  constructor(value = 1, block?: Counted) {
    this.#kind = this instanceof BoundedSemaphore ? 'BoundedSemaphore' : 'Semaphore';
    this.#block = block ?? create(this.#kind, value);
    this.#i32 = this.#block.segment.i32;
    this.#value = this.#block.word + VALUE;
    this.#risen = new WaitPoint(this.#block, RISEN);
    this.#wait = {
      subject: { kind: 'semaphore', object: this.#block.id },
      attempt: () => (this.#take() ? this.#held : undefined),
      alike: true,
    };
  }

  /** The semaphore that another process made, by its `handle`. Throws ValueError for any other object. */
  static fromHandle(segmentId: number, offset: number, id = 0): Semaphore {
    return new Semaphore(0, findObject('Semaphore', segmentId, offset, id));
  }

  get handle(): ObjectHandle {
    return this.#block.handle;
  }

  /** @internal */
  get _shared(): Counted {
    return this.#block;
  }

  /**
   * Takes one, waiting while the value is 0. Resolves to false when `timeout` ms pass first (0 or less, or
   * `block: false`, tries once); rejects with the signal's reason when aborted.
   */
  acquire(options?: UntilHeld): Promise<Held>;
  acquire(options: WaitOptions): Promise<Held | false>;
  acquire(options?: WaitOptions): Promise<Held | false> {
    const wrong = wrongOptions(options);
    if (wrong !== undefined) return Promise.reject(wrong);
    if (options?.signal?.aborted === true) return Promise.reject(options.signal.reason as Error);
    if (this.#take()) return breathe(this.#held, this.#heldNow);
    return this.#risen.wait(this.#wait, options).then(held => held ?? false);
  }

  /** `acquire`, blocking the thread. */
  acquireSync(options?: { readonly timeout?: undefined; readonly block?: true | undefined }): Held;
  acquireSync(options: SyncWaitOptions): Held | false;
  acquireSync(options?: SyncWaitOptions): Held | false {
    const wrong = wrongOptions(options);
    if (wrong !== undefined) throw wrong;
    if (this.#take()) return this.#held;
    return this.#risen.waitSync(this.#wait, deadlineOf(options)) ?? false;
  }

  /**
   * Adds one: TypeError for a number of them. A BoundedSemaphore throws ValueError rather than rise above its start.
   */
  release(none?: undefined): void {
    if (none !== undefined) throw new TypeError(`release() adds one and takes no arguments, not ${String(none)}`);
    const limit = this.#kind === 'BoundedSemaphore' ? (this.#i32[this.#block.word + INITIAL] ?? 0) : LARGEST;
    for (;;) {
      const value = Atomics.load(this.#i32, this.#value);
      if (value >= limit) throw new ValueError('semaphore or lock released too many times');
      if (Atomics.compareExchange(this.#i32, this.#value, value, value + 1) === value) break;
    }
    this.#risen.wake(1);
  }

  /** The value at this moment. */
  getValue(): number {
    return Atomics.load(this.#i32, this.#value);
  }

  /** Whether an acquire would have to wait at this moment. */
  locked(): boolean {
    return this.getValue() === 0;
  }

  #take(): boolean {
    for (;;) {
      const value = Atomics.load(this.#i32, this.#value);
      if (value === 0) return false;
      if (Atomics.compareExchange(this.#i32, this.#value, value, value - 1) === value) return true;
    }
  }

  [inspect.custom](): string {
    const bound = this.#kind === 'BoundedSemaphore' ? `, maxValue=${this.#i32[this.#block.word + INITIAL] ?? 0}` : '';
    return `<${this.#kind}(value=${this.getValue()}${bound})>`;
  }
}

/** A Semaphore that refuses to rise above its start (Python: `multiprocessing.BoundedSemaphore`). */
export class BoundedSemaphore extends Semaphore {
  static override fromHandle(segmentId: number, offset: number, id = 0): BoundedSemaphore {
    return new BoundedSemaphore(0, findObject('BoundedSemaphore', segmentId, offset, id));
  }
}

function create(kind: SemaphoreKind, value: number): Counted {
  if (typeof value !== 'number') throw new TypeError(`a semaphore's value must be a number, not ${typeof value}`);
  if (!Number.isInteger(value) || value < 0 || value > LARGEST) {
    throw new ValueError(`a semaphore's value must be an integer from 0 to ${LARGEST}, not ${value}`);
  }
  const block = createObject(kind, WORDS);
  block.segment.i32[block.word + INITIAL] = value;
  Atomics.store(block.segment.i32, block.word + VALUE, value);
  return block;
}
