import { inspect } from 'node:util';
import { CancelledError, InvalidStateError, PicklingError, TimeoutError } from '../errors.js';
import { checkWait, until, WAIT_NAMES, type FutureWaitOptions } from './until.js';

/** What `inspect` shows and `running()`, `cancelled()` and `done()` tell apart. */
export type FutureState = 'pending' | 'running' | 'cancelled' | 'finished';

/** A future that is cancelled has still to be noticed by who would have run it; only then waits count it as done. */
type State = FutureState | 'noticed';

/** For `wait` and `asCompleted`: whether it has ended and its executor knows. */
export let isSettled: (future: Future) => boolean;
/** Whether it has ended with an error; being cancelled is none. */
export let hasFailed: (future: Future) => boolean;
/** Calls the listener at every change of the future's state from now on, until the answered function is called. */
export let observe: (future: Future, listener: () => void) => () => void;

/**
 * The result of a call that is still to come (Python: `concurrent.futures.Future`); `ProcessPoolExecutor.submit` makes
 * them. A failure that nobody asks for is no unhandled rejection. Deliberately not thenable, as AsyncResult: `await
 * future.result()`, or `future.promise`.
 *
 *     pending ── setRunningOrNotifyCancel ──► running ── setResult, setException ──► finished
 *        │                                                                              ▲
 *        ├── setResult, setException ───────────────────────────────────────────────────┘
 *        └── cancel ──► cancelled ── setRunningOrNotifyCancel ──► cancelled, and noticed
 */
export class Future<R = unknown> {
  #state: State = 'pending';
  #failed = false;
  /** The result, or what was thrown. */
  #value: unknown;
  #callbacks: (() => unknown)[] = [];
  readonly #observers = new Set<() => void>();
  #promise: Promise<R> | undefined;

  static {
    isSettled = future => future.#state === 'finished' || future.#state === 'noticed';
    hasFailed = future => future.#state === 'finished' && future.#failed;
    observe = (future, listener) => {
      future.#observers.add(listener);
      return () => void future.#observers.delete(listener);
    };
  }

  /**
   * Cancels the call if nobody has started it: true, and it never will be started. False when it is running or has
   * ended.
   */
  cancel(): boolean {
    if (this.cancelled()) return true;
    if (this.#state !== 'pending' || !this.takeBack()) return false;
    this.#moveTo('cancelled');
    this.#callBack();
    return true;
  }

  /** Whether it was cancelled. */
  cancelled(): boolean {
    return this.#state === 'cancelled' || this.#state === 'noticed';
  }

  /** Whether a worker has started the call, and it has not ended. */
  running(): boolean {
    if (this.#state === 'pending' && this.hasStarted()) this.#moveTo('running');
    return this.#state === 'running';
  }

  /** Whether the call has ended: with a result, with an error, or cancelled. */
  done(): boolean {
    return this.#state === 'finished' || this.cancelled();
  }

  /**
   * The result when it is there. Rejects with what the call threw, CancelledError if it was cancelled, TimeoutError
   * after `timeout` milliseconds (the call goes on, and can be asked again), BrokenProcessPool if the executor broke.
   */
  async result(options?: FutureWaitOptions): Promise<R> {
    await this.#end(options, 'result');
    if (this.#failed) throw this.#value;
    return this.#value as R;
  }

  /** What the call threw, or null if it threw nothing. Rejects with CancelledError or TimeoutError. */
  async exception(options?: FutureWaitOptions): Promise<unknown> {
    await this.#end(options, 'exception');
    return this.#failed ? this.#value : null;
  }

  /** `result()` as a promise that is always the same. From the first look at it, a failure must be handled. */
  get promise(): Promise<R> {
    return (this.#promise ??= this.result());
  }

  /**
   * Calls `fn` with this future once, when it has ended or was cancelled; at once if it has. In the order in which they
   * were added; what one throws is printed to stderr, and the others are called.
   */
  addDoneCallback(fn: (future: Future<R>) => unknown): void {
    if (typeof fn !== 'function') throw new TypeError(`a done callback must be a function, not ${typeof fn}`);
    const callback = (): unknown => fn(this);
    if (this.done()) this.#call(callback);
    else this.#callbacks.push(callback);
  }

  /**
   * For executors: the call is about to start. False if it was cancelled, and from then on waits see it as done. Throws
   * InvalidStateError if it was started or has ended.
   */
  setRunningOrNotifyCancel(): boolean {
    if (this.#state === 'cancelled') {
      this.#moveTo('noticed');
      return false;
    }
    if (this.#state !== 'pending') throw new InvalidStateError(`Future in unexpected state: ${inspect(this)}`);
    this.#moveTo('running');
    return true;
  }

  /** For executors. Throws InvalidStateError if it has ended. */
  setResult(value: R): void {
    this.#finish(false, value);
  }

  /** For executors. Throws InvalidStateError if it has ended. */
  setException(error: unknown): void {
    this.#finish(true, error);
  }

  /** @internal Whether somebody has started the call; an executor knows. */
  protected hasStarted(): boolean {
    return false;
  }

  /** @internal Sees to it that nobody starts the call; false when it is too late. */
  protected takeBack(): boolean {
    return true;
  }

  async #end(options: FutureWaitOptions | undefined, what: string): Promise<void> {
    const wait = checkWait(options, WAIT_NAMES, `Future.${what}`);
    const ended = await until(
      () => this.done(),
      look => observe(this, look),
      wait,
    );
    if (!ended) throw new TimeoutError(`no result within ${wait.timeout} ms`);
    if (this.cancelled()) throw new CancelledError('the future was cancelled before it ran');
  }

  #finish(failed: boolean, value: unknown): void {
    if (this.done()) throw new InvalidStateError(`${this.#stateName()}: ${inspect(this)}`);
    this.#failed = failed;
    this.#value = value;
    this.#moveTo('finished');
    this.#callBack();
  }

  #moveTo(state: State): void {
    this.#state = state;
    for (const look of [...this.#observers]) look();
  }

  #callBack(): void {
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    for (const callback of callbacks) this.#call(callback);
  }

  #call(callback: () => unknown): void {
    const tell = (error: unknown): void =>
      void process.stderr.write(`exception calling callback for ${inspect(this)}\n${inspect(error)}\n`);
    try {
      const answer = callback();
      if (answer instanceof Promise) answer.catch(tell);
    } catch (error) {
      tell(error);
    }
  }

  #stateName(): FutureState {
    return this.#state === 'noticed' ? 'cancelled' : this.running() ? 'running' : this.#state;
  }

  [Symbol.for('manycore.reduce')](): never {
    throw new PicklingError('a Future belongs to the process that made it: send its result');
  }

  [inspect.custom](): string {
    const outcome = this.#state !== 'finished' ? '' : ` ${this.#failed ? 'raised' : 'returned'} ${kindOf(this.#value)}`;
    return `<Future state=${this.#stateName()}${outcome}>`;
  }
}

/** `number`, `null`, `Map`, `TypeError`: what kind of thing a value is. */
function kindOf(value: unknown): string {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) {
    return value === null ? 'null' : typeof value;
  }
  if (value instanceof Error) return value.name;
  const { constructor } = value as { constructor?: unknown };
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : typeof value;
}
