import { inspect } from 'node:util';
import { ValueError } from '../../errors.js';
import { lastly, Rank } from '../../lastly.js';
import { checkNames } from '../../optionNames.js';

export interface FinalizeOptions<A extends unknown[]> {
  /** Given to the callback. */
  readonly args?: A | undefined;
  /** When to run as the process ends, higher ones first; null, the default, for not at all. */
  readonly exitPriority?: number | null | undefined;
}

/** Those that have not run, oldest first. */
const active = new Set<Finalize>();

let collected: FinalizationRegistry<Finalize> | undefined;

/**
 * Calls a function once: when `run` is called, some time after the object has been collected, or as the process ends
 * (Python: `multiprocessing.util.Finalize`). At the end they run after the exit handlers, higher priorities first and
 * the latest first within one; one that is made meanwhile has its turn as well. As in exit handlers, only synchronous
 * work gets done there. What one throws goes to stderr, and the others run. A process that is killed by a signal runs
 * none.
 *
 * Throws TypeError for what is no function, no object or no integer, ValueError if there is neither an object nor a
 * priority: nothing would ever call it.
 */
export class Finalize<A extends unknown[] = unknown[]> {
  readonly exitPriority: number | null;
  #callback: ((...args: A) => unknown) | undefined;
  #args: A;

  constructor(object: object | null, callback: (...args: A) => unknown, options?: FinalizeOptions<A>) {
    const { args, exitPriority } = checkNames(options, ['args', 'exitPriority'], 'Finalize');
    if (typeof callback !== 'function') throw new TypeError('the callback of Finalize must be a function');
    if (args !== undefined && !Array.isArray(args)) throw new TypeError('args must be an array of arguments');
    this.exitPriority = exitPriority ?? null;
    if (this.exitPriority !== null && !Number.isInteger(this.exitPriority))
      throw new TypeError('exitPriority must be an integer or null');
    if (object === null && this.exitPriority === null)
      throw new ValueError('Without object, exitPriority cannot be null');
    this.#callback = callback;
    this.#args = args ?? ([] as unknown[] as A);
    const asAny = this as unknown as Finalize;
    if (object !== null)
      (collected ??= new FinalizationRegistry(each => void runOne(each))).register(object, asAny, this);
    if (this.exitPriority !== null) runAtExit();
    active.add(asAny);
  }

  /** Calls the function now, unless it has been called or cancelled; answers what it answers, else undefined. */
  run(): unknown {
    const callback = this.#callback;
    const args = this.#args;
    if (callback === undefined) return undefined;
    this.cancel();
    return callback(...args);
  }

  /** Never calls the function. */
  cancel(): void {
    this.#callback = undefined;
    this.#args = [] as unknown[] as A;
    active.delete(this as unknown as Finalize);
    collected?.unregister(this);
  }

  /** Whether the function is still to be called. */
  stillActive(): boolean {
    return this.#callback !== undefined;
  }

  [inspect.custom](): string {
    return `<Finalize ${this.stillActive() ? `active exitPriority=${this.exitPriority}` : 'dead'}>`;
  }
}

function runOne(each: Finalize): void {
  try {
    each.run();
  } catch (error) {
    process.stderr.write(`a finalizer failed: ${inspect(error)}\n`);
  }
}

/** Runs what has a priority, the highest first, until none is left: running one may have made others. */
function runAll(): void {
  for (let next = highest(); next !== undefined; next = highest()) runOne(next);
}

function highest(): Finalize | undefined {
  let best: Finalize | undefined;
  for (const each of active)
    if (each.exitPriority !== null && each.exitPriority >= (best?.exitPriority ?? -Infinity)) best = each;
  return best;
}

let watching = false;

function runAtExit(): void {
  if (watching) return;
  watching = true;
  lastly(Rank.finalizers, runAll);
}
