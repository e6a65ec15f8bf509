import { layout, program, selfSlot, type Block } from '../memory/index.js';
import { platform } from '../platform/index.js';
import * as doorbell from './doorbell.js';
import { deadlineOf, type WaitOptions } from './waitOptions.js';

const { SLOT_COUNT } = layout;

/** Words of a wait point, from its first: see README.md. */
const SEQUENCE = 0;
const SLEEPERS = 1;
const REGISTERED = 2;
const BITMAP = 3;
const BITMAP_WORDS = SLOT_COUNT / 32;

const SPINS = 60;
const FIRST_SLICE = 20;
const LAST_SLICE = 100;
const EVERYBODY = 2 ** 31 - 1;
const LONGEST_TIMER = 2 ** 31 - 1;

/** What a wait is for, as the process table shows it. */
export interface WaitSubject {
  readonly kind: layout.WaitKindName;
  readonly object: number;
}

/** How a wait goes on. `attempt` returns undefined for "not yet" and anything else to end the wait with it. */
export interface Wait<T> {
  readonly subject: WaitSubject;
  readonly attempt: () => T | undefined;
  /** Called now and then while nothing happens: the place to ask whether a lock's owner has died. */
  readonly recover?: () => void;
  /** Whether the pending wait keeps the process alive; default true. */
  readonly keepsAlive?: boolean;
}

/**
 * The place where processes wait for a shared object to change: the one primitive under every lock, queue and event.
 * Who waits says so, looks again, and sleeps, either on the sequence word (Sync) or in its event loop until its
 * doorbell rings. Who changes the object does so first and then calls `wake`.
 */
export class WaitPoint {
  static readonly WORDS = BITMAP + BITMAP_WORDS;
  readonly #i32: Int32Array;
  readonly #at: number;
  readonly #address: number;

  /** `word` counts from the block's first word. */
  constructor(block: Block, word: number) {
    this.#i32 = block.segment.i32;
    this.#at = block.word + word;
    this.#address = block.segment.address + this.#at * 4;
  }

  /** Wakes up to `count` waiters of each kind (`Infinity` for all). Call it after the change they wait for. Two loads when nobody waits. */
  wake(count: number): void {
    const sleepers = Atomics.load(this.#i32, this.#at + SLEEPERS);
    const registered = Atomics.load(this.#i32, this.#at + REGISTERED);
    if (sleepers === 0 && registered === 0) return;
    const turn = Atomics.add(this.#i32, this.#at + SEQUENCE, 1);
    if (sleepers !== 0) platform().wakeWord(this.#address, Math.min(count, EVERYBODY));
    if (registered !== 0) this.#ring(count, turn);
  }

  /** Blocks the thread until `attempt` succeeds; undefined when `deadline` (performance.now() clock) passes. */
  waitSync<T>(wait: Wait<T>, deadline: number): T | undefined {
    const first = wait.attempt();
    if (first !== undefined || deadline === 0) return first;
    for (let spin = 0; spin < SPINS; spin++) {
      const result = wait.attempt();
      if (result !== undefined) return result;
    }
    return this.#sleep(wait, deadline);
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
      const first = wait.attempt();
      if (first !== undefined || deadline === 0) return Promise.resolve(first);
    } catch (error) {
      return Promise.reject(error as Error);
    }
    return this.#waitInLoop(wait, deadline, signal);
  }

  #sleep<T>(wait: Wait<T>, deadline: number): T | undefined {
    const i32 = this.#i32;
    let slice = FIRST_SLICE;
    const published = selfSlot.beginWait(wait.subject.kind, wait.subject.object);
    Atomics.add(i32, this.#at + SLEEPERS, 1);
    try {
      for (;;) {
        const seen = Atomics.load(i32, this.#at + SEQUENCE);
        const result = wait.attempt();
        if (result !== undefined) return result;
        const left = deadline - performance.now();
        if (left <= 0) return undefined;
        platform().waitOnWord(this.#address, seen, Math.min(left, slice));
        if (Atomics.load(i32, this.#at + SEQUENCE) === seen) wait.recover?.();
        slice = Math.min(slice * 2, LAST_SLICE);
      }
    } finally {
      Atomics.sub(i32, this.#at + SLEEPERS, 1);
      selfSlot.endWait(published);
    }
  }

  #waitInLoop<T>(wait: Wait<T>, deadline: number, signal: AbortSignal | undefined): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      let seen = -1;
      let timer: NodeJS.Timeout | undefined;
      const leave = (served: boolean): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#unregister(served);
        selfSlot.endWait(published);
      };
      const waiter: doorbell.Waiter = {
        keepsAlive: wait.keepsAlive ?? true,
        register: () => {
          this.#register();
        },
        check: (force, overdue) => {
          const sequence = Atomics.load(this.#i32, this.#at + SEQUENCE);
          if (!force && sequence === seen) return false;
          seen = sequence;
          try {
            if (overdue) wait.recover?.();
            const result = wait.attempt();
            if (result === undefined) return false;
            leave(true);
            resolve(result);
          } catch (error) {
            leave(false);
            reject(error as Error);
          }
          return true;
        },
      };
      const onAbort = (): void => {
        doorbell.remove(waiter);
        leave(false);
        reject(signal?.reason as Error);
      };
      const onTimeout = (): void => {
        if (performance.now() < deadline) {
          startTimer();
          return;
        }
        doorbell.remove(waiter);
        // The last moment counts: what came while the timer waited for its turn is still taken.
        if (waiter.check(true, true)) return;
        leave(false);
        resolve(undefined);
      };
      const startTimer = (): void => {
        timer = setTimeout(onTimeout, Math.min(Math.ceil(deadline - performance.now()), LONGEST_TIMER));
        if (wait.keepsAlive === false) timer.unref();
      };
      count(this.#address, 1);
      const published = selfSlot.beginWait(wait.subject.kind, wait.subject.object);
      signal?.addEventListener('abort', onAbort, { once: true });
      if (deadline !== Infinity) startTimer();
      try {
        doorbell.add(waiter);
      } catch (error) {
        doorbell.remove(waiter);
        leave(false);
        reject(error as Error);
      }
    });
  }

  /** Counts first, so that a process killed in between leaves a bit too few, never a count too low. */
  #register(): void {
    const bit = 1 << (program().slot & 31);
    const word = this.#at + BITMAP + (program().slot >> 5);
    if ((Atomics.load(this.#i32, word) & bit) !== 0) return;
    Atomics.add(this.#i32, this.#at + REGISTERED, 1);
    Atomics.or(this.#i32, word, bit);
  }

  /** Who leaves with empty hands although it has been rung passes the ring on: it may have been meant for one only. */
  #unregister(served: boolean): void {
    if (count(this.#address, -1) > 0) return;
    if (!this.#clearBit(program().slot) && !served) this.wake(1);
  }

  #clearBit(slot: number): boolean {
    const bit = 1 << (slot & 31);
    if ((Atomics.and(this.#i32, this.#at + BITMAP + (slot >> 5), ~bit) & bit) === 0) return false;
    Atomics.sub(this.#i32, this.#at + REGISTERED, 1);
    return true;
  }

  /** Rings up to `limit` registered processes that live, starting at another one each time. */
  #ring(limit: number, turn: number): void {
    let rung = 0;
    for (let i = 0; i < BITMAP_WORDS && rung < limit; i++) {
      const index = (turn + i) & (BITMAP_WORDS - 1);
      let bits = rotateFrom(Atomics.load(this.#i32, this.#at + BITMAP + index), turn);
      while (bits !== 0 && rung < limit) {
        const low = 31 - Math.clz32(bits & -bits);
        bits &= bits - 1;
        const slot = index * 32 + ((low + turn) & 31);
        if (this.#clearBit(slot) && doorbell.ring(slot)) rung++;
      }
    }
  }
}

/** Rotates right by `turn`, so that bit `turn` comes first. */
const rotateFrom = (bits: number, turn: number): number => {
  const by = turn & 31;
  return by === 0 ? bits : (bits >>> by) | (bits << (32 - by));
};

/** How many waits of this process are pending at each wait point, whichever wrapper of the object they came through. */
const pending = new Map<number, number>();

function count(address: number, change: 1 | -1): number {
  const now = (pending.get(address) ?? 0) + change;
  if (now === 0) pending.delete(address);
  else pending.set(address, now);
  return now;
}
