import { TimeoutError } from '../errors.js';
import { AbortCause, type AbortLine } from './abortLine.js';

/** What a function can ask about the task it is run for. */
export interface CurrentTask {
  /**
   * Aborts when the call is not wanted any more: with a TimeoutError when its `timeout` has passed, with an AbortError
   * when its own signal was aborted. It needs a turn of the event loop for that, so it is for asynchronous functions.
   */
  readonly signal: AbortSignal;
  /** Whether it is not wanted any more; works without a turn of the event loop. */
  readonly aborted: boolean;
  /** Throws the signal's reason if it is not wanted any more. */
  throwIfAborted(): void;
}

type Source = () => CurrentTask | null;

let source: Source = () => null;

/** For the worker's loop. */
export function setTaskSource(running: Source): void {
  source = running;
}

/**
 * The pool's task that this code runs for, null where there is none (the function may have been called directly). Ask
 * at the beginning of the function, and keep the answer: later it may be another task's. Who has asked is given time
 * to end by itself (`grace`) when the call is not wanted any more; other tasks are ended with their worker at once.
 */
export const currentTask = (): CurrentTask | null => source();

/** A task that wants to hear when it is not wanted any more. */
export class HeedfulTask implements CurrentTask {
  readonly #word: number;
  readonly #line: AbortLine;
  readonly #controller = new AbortController();

  constructor(word: number, line: AbortLine) {
    this.#word = word;
    this.#line = line;
    line.heed(word);
  }

  get signal(): AbortSignal {
    this.look();
    return this.#controller.signal;
  }

  get aborted(): boolean {
    this.look();
    return this.#controller.signal.aborted;
  }

  throwIfAborted(): void {
    this.look();
    this.#controller.signal.throwIfAborted();
  }

  /** Aborts the signal if the owner has asked for it. */
  look(): void {
    if (this.#controller.signal.aborted) return;
    const cause = this.#line.requested(this.#word);
    if (cause === AbortCause.timedOut) this.#controller.abort(new TimeoutError('the call has taken too long'));
    else if (cause === AbortCause.aborted) this.#controller.abort();
  }
}
