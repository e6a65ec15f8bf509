import { TimeoutError } from '../errors.js';
import { AbortCause } from './abortLine.js';
import { timeoutOf, type CallOptions } from './callOptions.js';
import type { Runner } from './runner.js';
import type { Task } from './task.js';

/** Looks again this often when the workers have the task but nobody says that it runs. */
const AGAIN_MS = 5;

/**
 * Ends a call early: at its signal, or `timeout` milliseconds after its first task was started (time in the queue does
 * not count). `expire` hears the reason once; the tasks are cancelled.
 */
export class Limit {
  readonly #runner: Runner;
  readonly #tasks: readonly Task[];
  readonly #timeout: number | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #grace: number | undefined;
  readonly #expire: (reason: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #lifted = false;

  private constructor(runner: Runner, tasks: readonly Task[], options: CallOptions, expire: (reason: unknown) => void) {
    this.#runner = runner;
    this.#tasks = tasks;
    this.#timeout = timeoutOf(options.timeout);
    this.#signal = options.signal;
    this.#grace = options.grace;
    this.#expire = expire;
    if (this.#signal !== undefined) listen(this.#signal, this.#onAbort);
    if (this.#timeout === undefined) return;
    for (const task of tasks) task.onLaunch = this.#onLaunch;
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
    if (this.#signal !== undefined) calls.get(this.#signal)?.delete(this.#onAbort);
    for (const task of this.#tasks) task.onLaunch = undefined;
  }

  readonly #onAbort = (): void => this.#end(this.#signal?.reason, AbortCause.aborted);

  readonly #onLaunch = (): void => {
    for (const task of this.#tasks) task.onLaunch = undefined;
    this.#waitFor(this.#timeout ?? 0);
  };

  #waitFor(ms: number): void {
    this.#timer = setTimeout(() => this.#check(), ms).unref();
  }

  #check(): void {
    // The answer may be there already, and not have been heard yet.
    this.#runner.dispatcher.drain();
    if (this.#lifted) return;
    const timeout = this.#timeout ?? 0;
    const left = this.#startedAt() + timeout - Date.now();
    if (left > 0) this.#waitFor(Math.max(left, 1));
    else this.#end(new TimeoutError(`the call took longer than ${timeout} ms`), AbortCause.timedOut);
  }

  /** In epoch ms. A call of which one task is answered was started when it was launched: long enough ago. */
  #startedAt(): number {
    if (this.#tasks.some(task => task.answered)) return 0;
    return this.#runner.workingSince(this.#tasks) ?? Date.now() - (this.#timeout ?? 0) + AGAIN_MS;
  }

  #end(reason: unknown, cause: AbortCause): void {
    this.lift();
    this.#expire(reason);
    this.#runner.dispatcher.cancel(this.#tasks, cause, this.#grace);
  }
}

/** One listener a signal, however many calls share it. */
const calls = new WeakMap<AbortSignal, Set<() => void>>();

function listen(signal: AbortSignal, onAbort: () => void): void {
  let listeners = calls.get(signal);
  if (listeners === undefined) {
    listeners = new Set();
    calls.set(signal, listeners);
    const all = listeners;
    signal.addEventListener('abort', () => all.forEach(listener => listener()), { once: true });
  }
  listeners.add(onAbort);
}
