import { selfSlot } from '../../memory/index.js';
import { instant, LONGEST_TIMER } from '../../clock.js';
import { breathe } from '../../sync/breathing.js';
import { deadlineOf, type WaitOptions } from '../../sync/waitOptions.js';

/** What a turn has got: a box, since `undefined` is a value like any other; or what is on its way to it. */
export interface Got<T> {
  readonly value: T | Promise<T>;
}

interface Turn {
  /** Not collected while the turn is pending. */
  readonly holder: object | undefined;
  /** True when it is over. */
  serve(): boolean;
  fail(error: Error): void;
}

/**
 * Calls of one process that wait for the same thing, served in the order in which they came. One that ends by timeout
 * or signal has taken nothing.
 */
export class Turns {
  /** What the process table says of those who wait. */
  #published: ReturnType<typeof selfSlot.beginWait>;
  readonly #turns = new Set<Turn>();
  readonly #changed: (isWaiting: boolean) => void;

  /** `changed` is called when somebody begins to wait, and when nobody waits any more. */
  constructor(changed: (isWaiting: boolean) => void) {
    this.#changed = changed;
  }

  get isWaiting(): boolean {
    return this.#turns.size > 0;
  }

  /**
   * What `attempt` answers, as soon as it does and everybody before has been served; rejects with what it throws, with
   * `late()` at the timeout, with the signal's reason.
   */
  take<T>(attempt: () => Got<T> | undefined, late: () => Error, options: WaitOptions, holder?: object): Promise<T> {
    try {
      const { signal } = options;
      signal?.throwIfAborted();
      const deadline = deadlineOf(options);
      const got = this.#turns.size === 0 ? attempt() : undefined;
      if (got !== undefined) return got.value instanceof Promise ? got.value : breathe(got.value);
      // Even who does not want to wait hears what the system has for us already: two turns of the loop tell.
      return this.#queueUp(attempt, late, deadline, signal, holder);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /** There may be something for somebody. */
  serve(): void {
    for (const turn of this.#turns) if (!turn.serve()) return;
  }

  fail(makeError: () => Error): void {
    for (const turn of this.#turns) turn.fail(makeError());
  }

  #queueUp<T>(
    attempt: () => Got<T> | undefined,
    late: () => Error,
    deadline: number,
    signal: AbortSignal | undefined,
    holder: object | undefined,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const leave = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#turns.delete(turn);
        if (this.#turns.size > 0) return;
        selfSlot.endWait(this.#published);
        this.#changed(false);
      };
      const fail = (error: Error): void => {
        leave();
        reject(error);
      };
      const onAbort = (): void => fail(signal?.reason as Error);
      const onTimeout = (): void => {
        if (instant() < deadline) startTimer();
        else {
          // The last moment counts, for all who wait.
          this.serve();
          if (this.#turns.has(turn)) fail(late());
        }
      };
      const startTimer = (): void => {
        timer = setTimeout(onTimeout, Math.min(Math.ceil(deadline - instant()), LONGEST_TIMER));
      };
      const turn: Turn = {
        holder,
        fail,
        serve: () => {
          try {
            const got = attempt();
            if (got === undefined) return false;
            leave();
            resolve(got.value);
          } catch (error) {
            fail(error as Error);
          }
          return true;
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#turns.add(turn);
      if (this.#turns.size === 1) {
        this.#published = selfSlot.beginWait('connection', 0);
        this.#changed(true);
      }
      if (deadline === 0) setImmediate(() => setImmediate(() => this.#turns.has(turn) && onTimeout()));
      else if (deadline !== Infinity) startTimer();
      this.serve();
    });
  }
}
