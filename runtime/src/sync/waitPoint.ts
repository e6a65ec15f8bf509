import type { Block } from '../memory/index.js';
import { breathe } from './breathing.js';
import { LoopPlace } from './loopPlace.js';
import { waitInLoop } from './loopWait.js';
import { Registered } from './registered.js';
import { Sleepers } from './sleepers.js';
import { Spin } from './spin.js';
import type { Wait } from './wait.js';
import { deadlineOf, type WaitOptions } from './waitOptions.js';

export type { Wait, WaitSubject } from './wait.js';

const SEQUENCE = 0;

/**
 * The place where processes wait for a shared object to change: the one primitive under every lock, queue and event.
 * Who waits says so, looks again, and sleeps, either on the sequence word (Sync) or in its event loop until its
 * doorbell rings. Who changes the object does so first and then calls `wake`.
 */
export class WaitPoint {
  static readonly WORDS = Sleepers.WORDS + Registered.WORDS;
  readonly #i32: Int32Array;
  readonly #at: number;
  readonly #address: number;
  readonly #sleepers: Sleepers;
  readonly #registered: Registered;
  readonly #spin = new Spin();
  readonly #loopSpin = Spin.inLoop();

  /** `word` counts from the block's first word. */
  constructor(block: Block, word: number) {
    this.#i32 = block.segment.i32;
    this.#at = block.word + word;
    this.#address = block.segment.address + this.#at * 4;
    this.#sleepers = new Sleepers(this.#i32, this.#at, this.#address);
    this.#registered = new Registered(this.#i32, this.#at + Sleepers.WORDS);
  }

  /**
   * Wakes up to `count` waiters of each kind (`Infinity` for all). Call it after the change they wait for. Two loads
   * when nobody waits.
   */
  wake(count: number): void {
    const counted = this.#sleepers.counted();
    const sleepers = Sleepers.isAnybody(counted);
    const registered = this.#registered.isAnybody();
    if (!sleepers && !registered) return;
    const turn = Atomics.add(this.#i32, this.#at + SEQUENCE, 1);
    if (sleepers) this.#sleepers.wake(counted, count);
    if (registered) this.#registered.ring(count, turn);
  }

  /** Blocks the thread until `attempt` succeeds; undefined when `deadline` (`instant()`'s clock) passes. */
  waitSync<T>(wait: Wait<T>, deadline: number): T | undefined {
    const glance = wait.glance ?? wait.attempt;
    const first = glance();
    if (first !== undefined || deadline === 0) return first;
    return this.#spin.until(glance) ?? this.#sleepers.sleep(wait, deadline);
  }

  /**
   * Waits in the event loop until `attempt` succeeds; resolves undefined at the timeout, rejects with the signal's
   * reason when aborted. The first attempt is made before this returns.
   */
  wait<T>(wait: Wait<T>, options?: WaitOptions): Promise<T | undefined> {
    const signal = options?.signal;
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    let deadline: number;
    try {
      deadline = deadlineOf(options);
      const glance = wait.glance ?? wait.attempt;
      const first = glance();
      if (first !== undefined || deadline === 0) return breathe(first);
      const soon = this.#loopSpin.until(glance);
      if (soon !== undefined) return breathe(soon);
    } catch (error) {
      return Promise.reject(error as Error);
    }
    return this.#waitInLoop(wait, deadline, signal);
  }

  #waitInLoop<T>(wait: Wait<T>, deadline: number, signal: AbortSignal | undefined): Promise<T | undefined> {
    const pending = this.#enter();
    return waitInLoop(pending.place, wait, deadline, signal, served => {
      if (--pending.count > 0) return;
      waiting.delete(this.#address);
      this.#unregister(served && wait.exclusive === true);
    });
  }

  #enter(): Pending {
    let pending = waiting.get(this.#address);
    if (pending === undefined) {
      let seen = -1;
      const place = new LoopPlace({
        register: () => this.#registered.add(),
        changed: () => {
          const before = seen;
          seen = Atomics.load(this.#i32, this.#at + SEQUENCE);
          return seen !== before;
        },
      });
      pending = { place, count: 0 };
      waiting.set(this.#address, pending);
    }
    pending.count++;
    return pending;
  }

  /**
   * Who leaves and finds that it has been rung passes the ring on, also when it got what it waited for: it may have
   * taken something whose own ring found nobody, and this ring was for something that is still there.
   */
  #unregister(shutsOthersOut: boolean): void {
    if (!this.#registered.remove() && !shutsOthersOut) this.wake(1);
  }
}

/** The waits of this process that are pending at a wait point. */
interface Pending {
  readonly place: LoopPlace;
  count: number;
}

/** By the wait point's address: a process may have several wrappers of one object. */
const waiting = new Map<number, Pending>();
