import { TimeoutError } from '../errors.js';
import { whenAborted } from '../sync/aborted.js';
import { AbortCause } from './abortLine.js';
import { timeoutOf, type CallOptions } from './callOptions.js';
import { epochOf } from './moments.js';
import type { Runner } from './runner.js';
import type { Task, TaskWatch } from './task.js';

/** Looks again this often, in milliseconds, when the workers have the task but nobody says that it runs … */
const AGAIN_MS = 5;
/** … or after this part of the timeout, if that is longer: many calls may stand in line with one each. */
const AGAIN_PART = 0.02;

/**
 * Ends a call early: at its signal, or `timeout` milliseconds after its first task was started (time in the queue does
 * not count). `expire` hears the reason once; the tasks are cancelled.
 */
export class Limit implements TaskWatch {
  readonly #runner: Runner;
  readonly #tasks: readonly Task[];
  readonly #timeout: number | undefined;
  readonly #grace: number | undefined;
  readonly #expire: (reason: unknown) => void;
  readonly #ignoreSignal: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isLaunched = false;
  /** When the first of its tasks was started, in epoch ms, as soon as one that has ended has told. */
  #began: number | undefined;
  #lifted = false;

  private constructor(runner: Runner, tasks: readonly Task[], options: CallOptions, expire: (reason: unknown) => void) {
    this.#runner = runner;
    this.#tasks = tasks;
    this.#timeout = timeoutOf(options.timeout);
    this.#grace = options.grace;
    this.#expire = expire;
    const { signal } = options;
    this.#ignoreSignal = whenAborted(signal, () => this.#end(signal?.reason, AbortCause.aborted));
    if (this.#timeout === undefined) return;
    for (const task of tasks) task.watch = this;
  }

  /** Nothing to do for a call without limits. Throws TypeError for a timeout that is no number. */
  static set(
    runner: Runner,
    tasks: readonly Task[],
    options: CallOptions | undefined,
    expire: (reason: unknown) => void,
  ): Limit | undefined {
    if (options?.timeout === undefined && options?.signal === undefined) return undefined;
    return new Limit(runner, tasks, options, expire);
  }

  /** The call has ended by itself. */
  lift(): void {
    this.#lifted = true;
    clearTimeout(this.#timer);
    this.#ignoreSignal();
  }

  launched(): void {
    if (this.#isLaunched || this.#lifted) return;
    this.#isLaunched = true;
    this.#waitFor(this.#timeout ?? 0);
  }

  began(moment: number): void {
    const at = epochOf(moment);
    if (this.#began === undefined || at < this.#began) this.#began = at;
  }

  #waitFor(ms: number): void {
    this.#timer = setTimeout(() => this.#check(), ms).unref();
  }

  #check(): void {
    // The answer may be there already, and not have been heard yet.
    this.#runner.dispatcher.drain();
    if (this.#lifted) return;
    const timeout = this.#timeout ?? 0;
    const startedAt = this.#began ?? this.#runner.workingSince(this.#tasks);
    const left = startedAt === undefined ? Math.max(AGAIN_MS, timeout * AGAIN_PART) : startedAt + timeout - Date.now();
    if (left > 0) this.#waitFor(Math.max(left, 1));
    else this.#end(new TimeoutError(`the call took longer than ${timeout} ms`), AbortCause.timedOut);
  }

  #end(reason: unknown, cause: AbortCause): void {
    this.lift();
    this.#expire(reason);
    this.#runner.dispatcher.cancel(this.#tasks, cause, this.#grace);
  }
}
