import { inspect } from 'node:util';
import type { Counted } from '../memory/index.js';
import { createObject, findObject, HEADER_WORDS } from './sharedObject.js';
import type { ObjectHandle } from './sharedObject.js';
import { deadlineOf, type SyncWaitOptions, type WaitOptions } from './waitOptions.js';
import { WaitPoint, type Wait } from './waitPoint.js';

/** Bit 0: the flag. Above it: how often it has been set, so that who waited then knows it later. */
const STATE = HEADER_WORDS;
const CHANGED = HEADER_WORDS + 1;
const SET = 1;

/**
 * A flag that processes wait for (Python: `multiprocessing.Event`). Everybody who waits when it is set is released,
 * even when it is cleared at once.
 */
export class Event {
  readonly #block: Counted;
  readonly #i32: Int32Array;
  readonly #state: number;
  readonly #changed: WaitPoint;

  /** @param block Only `fromHandle` gives one. */
  constructor(block: Counted = createObject('Event', CHANGED - HEADER_WORDS + WaitPoint.WORDS)) {
    this.#block = block;
    this.#i32 = block.segment.i32;
    this.#state = block.word + STATE;
    this.#changed = new WaitPoint(block, CHANGED);
  }

  /** The event that another process made, by its `handle`. Throws ValueError for any other object. */
  static fromHandle(segmentId: number, offset: number, id = 0): Event {
    return new Event(findObject('Event', segmentId, offset, id));
  }

  get handle(): ObjectHandle {
    return this.#block.handle;
  }

  /** @internal */
  get _shared(): Counted {
    return this.#block;
  }

  isSet(): boolean {
    return (Atomics.load(this.#i32, this.#state) & SET) !== 0;
  }

  /** Sets the flag and releases everybody who waits. Does nothing when it is set. */
  set(): void {
    for (;;) {
      const state = Atomics.load(this.#i32, this.#state);
      if ((state & SET) !== 0) return;
      if (Atomics.compareExchange(this.#i32, this.#state, state, (state + 2) | SET) === state) break;
    }
    this.#changed.wake(Infinity);
  }

  clear(): void {
    Atomics.and(this.#i32, this.#state, ~SET);
  }

  /**
   * Waits until the flag is set. Resolves to true, or to false when `timeout` ms pass first (0 or less, or
   * `block: false`, looks once); rejects with the signal's reason when aborted.
   */
  async wait(options?: WaitOptions): Promise<boolean> {
    return (await this.#changed.wait(this.#waitFromNow(), options)) ?? false;
  }

  /** `wait`, blocking the thread. */
  waitSync(options?: SyncWaitOptions): boolean {
    return this.#changed.waitSync(this.#waitFromNow(), deadlineOf(options)) ?? false;
  }

  #waitFromNow(): Wait<true> {
    const before = Atomics.load(this.#i32, this.#state) & ~SET;
    return {
      subject: { kind: 'event', object: this.#block.id },
      attempt: () => {
        const state = Atomics.load(this.#i32, this.#state);
        return (state & SET) !== 0 || state !== before ? true : undefined;
      },
    };
  }

  [inspect.custom](): string {
    const [segment, offset] = this.handle;
    return `<Event at ${segment}:${offset} ${this.isSet() ? 'set' : 'unset'}>`;
  }
}
