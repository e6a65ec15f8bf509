import { instant } from '../clock.js';
import { part } from '../parts.js';
import type * as BarModule from './bar/index.js';
import type { Bar } from './bar/index.js';
import type { PoolRow } from './poolRow.js';

/** How far a call is. */
export interface Progress {
  /** Inputs that have an answer; of a map's chunk that failed, all of them. */
  readonly done: number;
  /** Those among them that failed. */
  readonly failed: number;
  /** How many there are in all; undefined while an imap's inputs have not come to their end and do not say. */
  readonly total: number | undefined;
  /** Milliseconds since the call. */
  readonly elapsed: number;
  /** Inputs a second, since the call. */
  readonly rate: number;
  /** Milliseconds that the rest will take at this rate; undefined while nobody can tell. */
  readonly eta: number | undefined;
}

export interface ProgressOptions {
  /** Hears of it at most every `interval` milliseconds, and once at the end. What it throws becomes the call's error. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /**
   * Draws a bar on stderr if that is a terminal; `'always'` writes lines elsewhere too. By default there is one, unless
   * there is an `onProgress` and no `label`.
   */
  readonly bar?: boolean | 'always' | undefined;
  /** Stands before the bar. */
  readonly label?: string | undefined;
  /** Milliseconds; default 100. */
  readonly interval?: number | undefined;
}

/** `true` draws a bar on a terminal; a function hears how far it is. */
export type ProgressOption = boolean | ((progress: Progress) => void) | ProgressOptions;

export const PROGRESS_NAMES = ['onProgress', 'bar', 'label', 'interval'];
const INTERVAL_MS = 100;

/**
 * Counts the answers of one call, for the pool's row in the process table, and tells of them now and then who wants to
 * know: counting is all that an answer costs.
 */
export class Meter {
  /** Undefined when nobody wants to know. */
  readonly #options: ProgressOptions | undefined;
  readonly #leaveRow: () => void;
  readonly #startedAt = instant();
  readonly #timer: NodeJS.Timeout | undefined;
  #bar: Bar | undefined;
  #total: number | undefined;
  #done = 0;
  #failed = 0;
  #told = 0;
  #closed = false;
  #error: { readonly thrown: unknown } | undefined;

  private constructor(options: ProgressOptions | undefined, total: number | undefined, row: PoolRow) {
    this.#options = options;
    this.#total = total;
    this.#leaveRow = row.count(this);
    if (options === undefined) return;
    const { bar = options.onProgress === undefined || options.label !== undefined } = options;
    const draws = bar === 'always' || (bar && process.stderr.isTTY);
    if (draws) this.#bar = (part('progressBar') as typeof BarModule).openBar(options.label ?? '', total);
    this.#timer = setInterval(() => this.#tell(), options.interval ?? INTERVAL_MS).unref();
  }

  static open(option: ProgressOption | undefined, total: number | undefined, row: PoolRow): Meter {
    if (option === undefined || option === false) return new Meter(undefined, total, row);
    if (option === true) return new Meter({}, total, row);
    return new Meter(typeof option === 'function' ? { onProgress: option } : option, total, row);
  }

  get done(): number {
    return this.#done;
  }

  get total(): number | undefined {
    return this.#total;
  }

  /** The input has come to its end: so many in all. */
  set total(total: number) {
    this.#total = total;
  }

  add(done: number, failed: number): void {
    this.#done += done;
    this.#failed += failed;
  }

  /** The call has ended: tells for the last time. Throws what the listener has thrown. */
  finish(): void {
    if (!this.#closed) this.#tell(true);
    this.close();
    if (this.#error !== undefined) throw this.#error.thrown;
  }

  /** The call is over in some other way: nobody is told any more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#leaveRow();
    clearInterval(this.#timer);
    this.#bar?.finish(this.#progress());
  }

  #tell(last = false): void {
    if (this.#options === undefined || (!last && this.#done === this.#told)) return;
    this.#told = this.#done;
    const progress = this.#progress();
    this.#bar?.update(progress);
    if (this.#error !== undefined) return;
    try {
      this.#options.onProgress?.(progress);
    } catch (thrown) {
      this.#error = { thrown };
    }
  }

  #progress(): Progress {
    const elapsed = instant() - this.#startedAt;
    const rate = elapsed > 0 ? (this.#done / elapsed) * 1000 : 0;
    const left = this.#total === undefined ? undefined : this.#total - this.#done;
    const eta = left === undefined || rate === 0 ? undefined : (left / rate) * 1000;
    return { done: this.#done, failed: this.#failed, total: this.#total, elapsed, rate, eta };
  }
}

/** How many inputs there are, if they say so. */
export function totalOf(inputs: unknown): number | undefined {
  if (Array.isArray(inputs)) return inputs.length;
  if (inputs instanceof Set || inputs instanceof Map) return inputs.size;
  if (ArrayBuffer.isView(inputs) && 'length' in inputs) return inputs.length as number;
  return undefined;
}
