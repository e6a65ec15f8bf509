import { inspect } from 'node:util';
import { PicklingError, RuntimeError } from '../errors.js';
import { checkNames } from '../optionNames.js';
import { Runner, submitCall, type Inputs } from '../pool/ground.js';
import { brokenProcessPool } from './broken.js';
import { listenForEnd, programEnds } from './ending.js';
import { watchForDropped } from './dropped.js';
import { checkMap, type MapOptions } from './mapOptions.js';
import { MapRun, type MapResults } from './mapRun.js';
import type { Future } from './future.js';
import { checkExecutorOptions, type ExecutorOptions } from './options.js';
import { TaskFuture, type CancellableJob } from './taskFuture.js';

export interface ShutdownOptions {
  /** Whether to wait until all that was submitted has ended, and the workers too; default true. */
  readonly wait?: boolean | undefined;
  /** Whether to cancel what no worker has started; default false. */
  readonly cancelFutures?: boolean | undefined;
}

/** An input for each parameter. */
type InputsOf<A extends unknown[]> = { [K in keyof A]: Inputs<A[K]> };

/**
 * Runs functions in worker processes and answers with futures (Python: `concurrent.futures.ProcessPoolExecutor`). Workers
 * start when there are calls for them, up to `maxWorkers`, and are used again. Functions must be exported by a module;
 * arguments and results are copied.
 *
 * An executor whose worker dies is broken for good, as Python documents it: all of its futures that have not ended, and
 * all later calls, fail with BrokenProcessPool. (A Pool loses the one task that the worker ran, and goes on.)
 *
 * `await using executor = new ProcessPoolExecutor()` shuts it down at the end of the block, and waits for what was
 * submitted. The program does not end before that has ended, and does not wait for an executor without work.
 */
export class ProcessPoolExecutor {
  readonly #runner: Runner;
  readonly #maps = new Set<MapRun<unknown>>();

  /** A number is `maxWorkers`. No process is started yet. Throws ValueError, TypeError, PicklingError, AssertionError in a daemonic process. */
  constructor(options?: number | ExecutorOptions) {
    this.#runner = new Runner(checkExecutorOptions(options), { onDemand: true, fragile: true, onUnfit: printUnfit });
    watchForDropped(this, this.#runner);
    listenForEnd();
  }

  /** What the process table calls its pool. */
  get name(): string {
    return this.#runner.row.name;
  }

  /**
   * `fn(...args)` in a worker. What cannot be sent is the failure of the future (PicklingError). Throws TypeError for
   * what is no function, RuntimeError after `shutdown`, BrokenProcessPool when the executor is broken.
   */
  submit<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Future<Awaited<R>> {
    this.#checkOpen();
    const future = new TaskFuture<Awaited<R>>();
    try {
      this.#runner.dispatcher.functionEntry(fn);
    } catch (error) {
      if (error instanceof TypeError) throw error;
      future.taskFailed(0, error);
      return future;
    }
    try {
      future.sentAs(submitCall(this.#runner, future, fn, args), this.#runner);
    } catch (error) {
      future.taskFailed(0, error);
    }
    return future;
  }

  /**
   * `fn` of each item of the inputs, or of the first items, the second items, … of several; the results in that order.
   * What can be iterated is an input, also asynchronously; an object that cannot is the options, and comes last. The
   * calls begin at once. Throws as `submit` does, and for options of a wrong type or value.
   */
  map<A, R>(fn: (a: A) => R, as: Inputs<A>, options?: MapOptions): MapResults<Awaited<R>>;
  map<A, B, R>(fn: (a: A, b: B) => R, as: Inputs<A>, bs: Inputs<B>, options?: MapOptions): MapResults<Awaited<R>>;
  map<A, B, C, R>(
    fn: (a: A, b: B, c: C) => R,
    as: Inputs<A>,
    bs: Inputs<B>,
    cs: Inputs<C>,
    options?: MapOptions,
  ): MapResults<Awaited<R>>;
  map<A extends unknown[], R>(fn: (...args: A) => R, ...inputs: InputsOf<A>): MapResults<Awaited<R>>;
  map<A extends unknown[], R>(
    fn: (...args: A) => R,
    ...inputsAndOptions: [...InputsOf<A>, MapOptions]
  ): MapResults<Awaited<R>>;
  map<R>(fn: (...args: never[]) => R, ...rest: unknown[]): MapResults<Awaited<R>> {
    const map = checkMap(rest);
    this.#checkOpen();
    map.signal?.throwIfAborted();
    const entry = this.#runner.dispatcher.functionEntry(fn);
    return new MapRun<Awaited<R>>(this.#runner, entry, map, this.#maps);
  }

  /**
   * No calls from now on. With `wait` resolves when all that was submitted has ended and the workers too; without, that
   * happens in the background, also after the program's last line. May be called again, with other options.
   */
  async shutdown(options?: ShutdownOptions): Promise<void> {
    const { wait = true, cancelFutures = false } = checkNames(options, ['wait', 'cancelFutures'], 'shutdown');
    if (cancelFutures) this.#cancelFutures();
    for (const map of [...this.#maps]) map.unbound();
    this.#runner.close();
    if (wait) await this.#runner.join();
  }

  /**
   * Ends the workers with SIGTERM, and with SIGKILL those that do not mind; no calls from now on. What has not ended
   * fails with BrokenProcessPool. Does not wait: `await executor.shutdown()` does.
   */
  terminateWorkers(): void {
    this.#runner.terminate('SIGTERM');
  }

  /** As `terminateWorkers`, with SIGKILL at once. */
  killWorkers(): void {
    this.#runner.terminate('SIGKILL');
  }

  /** Waits for all that was submitted, as leaving Python's `with ProcessPoolExecutor()` does. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  [Symbol.for('manycore.reduce')](): never {
    throw new PicklingError('an executor belongs to the process that made it: make one where it is needed');
  }

  [inspect.custom](): string {
    const { state, broken } = this.#runner;
    const word = broken !== undefined ? 'broken' : state === 'running' ? 'running' : 'shutdown';
    return `<ProcessPoolExecutor state=${word} maxWorkers=${this.#runner.size}>`;
  }

  #checkOpen(): void {
    if (programEnds()) throw new RuntimeError('cannot schedule new futures after interpreter shutdown');
    const { broken, state } = this.#runner;
    if (broken !== undefined) throw brokenProcessPool(broken);
    if (state !== 'running') throw new RuntimeError('cannot schedule new futures after shutdown');
  }

  #cancelFutures(): void {
    for (const map of [...this.#maps]) map.cancel();
    for (const task of this.#runner.dispatcher.withdraw()) (task.job as CancellableJob).taskCancelled(task.index);
  }
}

/** Nobody may be asking for any of the futures. */
function printUnfit(cause: unknown): void {
  process.stderr.write(`exception in the initializer of a process pool:\n${inspect(cause)}\n`);
}
