import { instant, LONGEST_TIMER } from '../clock.js';
import { whenAborted } from '../sync/aborted.js';
import { breathe, breatheOut } from '../sync/breathing.js';
import { Spin } from '../sync/spin.js';
import { deadlineOf, type SyncWaitOptions, type WaitOptions } from '../sync/waitOptions.js';
import type { Stopper } from '../sync/wait.js';
import type { WaitSubject } from '../sync/waitPoint.js';
import { flushOutboxes } from './flushing.js';
import type { Ring, UseBytes } from './ring.js';

/** What was made of a message: a box, since `undefined` is a value like any other. */
export type Taken<T> = { readonly value: T } | { readonly loading: Promise<T> };

/** Makes a value of a message. The bytes are its own only until it returns. */
export type Use<T> = UseBytes<Taken<T>>;

interface Getter {
  /** Not collected as long as the wait is pending. */
  readonly holder: object | undefined;
  /** Takes what there is for this one; true when its wait is over. */
  serve(): boolean;
}

/**
 * The receiving side of a ring in one process: its tasks are served in the order in which they asked. A wait that ends
 * by timeout or signal has taken nothing.
 */
export class Inbox {
  readonly #ring: Ring;
  readonly #subject: WaitSubject;
  readonly #atEnd: (() => Error | undefined) | undefined;
  readonly #recover: (() => void) | undefined;
  readonly #getters = new Set<Getter>();
  readonly #spin = Spin.inLoop();
  /** There while this process waits at the ring on behalf of its getters. */
  #listening: Stopper | undefined;
  /** Settles when every message that still loads modules has arrived: the ones behind it are not given out earlier. */
  #loading: Promise<unknown> | undefined;

  /**
   * `atEnd` answers an error when the ring is empty and will stay so; `recover` looks after the death of those who
   * could write to it.
   */
  constructor(ring: Ring, subject: WaitSubject, atEnd?: () => Error | undefined, recover?: () => void) {
    this.#ring = ring;
    this.#subject = subject;
    this.#atEnd = atEnd;
    this.#recover = recover;
  }

  /**
   * The next message, made into a value by `use`. Rejects with `late()` at the timeout. `holder` is what must not be
   * collected meanwhile.
   */
  take<T>(use: Use<T>, late: () => Error, options: WaitOptions, holder?: object): Promise<T> {
    try {
      options.signal?.throwIfAborted();
      const deadline = deadlineOf(options);
      if (this.#getters.size === 0) {
        const taken = this.#attempt(use) ?? (deadline === 0 ? undefined : this.#soon(use));
        if (taken !== undefined) return this.#arrive(taken);
      }
      if (deadline === 0) return breatheOut(late());
      return this.#queueUp(use, late, deadline, options.signal, holder);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /** As `take`, blocking the thread. */
  takeSync<T>(use: Use<T>, late: () => Error, options?: SyncWaitOptions): T {
    flushOutboxes();
    const taken = this.#attempt(use) ?? this.#waitSync(use, deadlineOf(options));
    if (taken === undefined) throw late();
    if ('loading' in taken) throw new Error('a message cannot load modules while the thread is blocked');
    return taken.value;
  }

  /** Ends every pending wait with this error. */
  fail(makeError: () => Error): void {
    this.#failure = makeError;
    this.#serve();
    this.#stopWhenIdle();
  }

  #failure: (() => Error) | undefined;

  #attempt<T>(use: Use<T>): Taken<T> | undefined {
    const taken = this.#ring.tryRead(use);
    if (taken !== undefined || this.#atEnd === undefined) return taken;
    const error = this.#atEnd();
    if (error === undefined) return undefined;
    // It may have been written to between the look at the ring and the look at its writers.
    const last = this.#ring.tryRead(use);
    if (last === undefined) throw error;
    return last;
  }

  /** What comes within microseconds. */
  #soon<T>(use: Use<T>): Taken<T> | undefined {
    return this.#spin.until(() => (this.#ring.isEmpty ? undefined : this.#attempt(use)));
  }

  #waitSync<T>(use: Use<T>, deadline: number): Taken<T> | undefined {
    if (deadline === 0) return undefined;
    const attempt = (): Taken<T> | undefined => {
      flushOutboxes();
      return this.#attempt(use);
    };
    return this.#ring.readable.waitSync(this.#wait(attempt), deadline);
  }

  #queueUp<T>(
    use: Use<T>,
    late: () => Error,
    deadline: number,
    signal: AbortSignal | undefined,
    holder?: object,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const leave = (): void => {
        this.#getters.delete(getter);
        clearTimeout(timer);
        ignoreSignal();
      };
      const getter: Getter = {
        holder,
        serve: () => {
          try {
            if (this.#failure !== undefined) throw this.#failure();
            const taken = this.#attempt(use);
            if (taken === undefined) return false;
            resolve(this.#arrive(taken));
          } catch (error) {
            reject(error as Error);
          }
          leave();
          return true;
        },
      };
      const onAbort = (): void => {
        leave();
        this.#stopWhenIdle();
        reject(signal?.reason as Error);
      };
      const onTimeout = (): void => {
        if (instant() < deadline) startTimer();
        else {
          // The last moment counts, for all who wait: what came in while the timer waited for its turn is given out.
          this.#serve();
          if (this.#getters.has(getter)) {
            leave();
            reject(late());
          }
          this.#stopWhenIdle();
        }
      };
      const startTimer = (): void => {
        timer = setTimeout(onTimeout, Math.min(Math.ceil(deadline - instant()), LONGEST_TIMER));
      };
      if (deadline !== Infinity) startTimer();
      const ignoreSignal = whenAborted(signal, onAbort);
      this.#getters.add(getter);
      this.#listen();
    });
  }

  /** Serves in order while there is something; true when nobody waits any more. */
  #serve(): boolean {
    for (const getter of this.#getters) if (!getter.serve()) return false;
    return true;
  }

  #stopWhenIdle(): void {
    if (this.#getters.size === 0) this.#listening?.stop?.();
  }

  #listen(): void {
    if (this.#listening !== undefined) return;
    const stopper: Stopper = (this.#listening = {});
    const over = (): void => {
      if (this.#listening === stopper) this.#listening = undefined;
      if (this.#getters.size > 0) this.#listen();
    };
    const wait = this.#wait(() => {
      if (!this.#serve()) return undefined;
      if (this.#listening === stopper) this.#listening = undefined;
      return true;
    });
    this.#ring.readable.wait({ ...wait, stopper }).then(over, over);
  }

  #wait<T>(attempt: () => T | undefined): { subject: WaitSubject; attempt: () => T | undefined; recover?: () => void } {
    const wait = { subject: this.#subject, attempt };
    return this.#recover === undefined ? wait : { ...wait, recover: this.#recover };
  }

  #arrive<T>(taken: Taken<T>): Promise<T> {
    const before = this.#loading;
    if (before === undefined && 'value' in taken) return breathe(taken.value);
    const arrived = 'loading' in taken ? taken.loading : Promise.resolve(taken.value);
    const inOrder = before === undefined ? arrived : before.then(() => arrived);
    const settled = inOrder.then(ignore, ignore).then(() => {
      if (this.#loading === settled) this.#loading = undefined;
    });
    this.#loading = settled;
    return inOrder;
  }
}

const ignore = (): void => undefined;
