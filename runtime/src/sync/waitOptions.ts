import { inspect } from 'node:util';
import { instant } from '../clock.js';
import { checkNames } from '../optionNames.js';

/** How long a wait may take; every waiting call of the library takes these as its last argument. */
export interface WaitOptions {
  /** Milliseconds; absent waits for ever, 0 or less tries once. */
  readonly timeout?: number | undefined;
  /** Ends the wait with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** `false` tries once, whatever `timeout` says. */
  readonly block?: boolean | undefined;
}

/** The Sync forms cannot be aborted: no signal's listener runs while the thread sleeps. */
export type SyncWaitOptions = Omit<WaitOptions, 'signal'>;

/** What is wrong with the options of a wait; `acquire(false)` or `acquire(100)` would otherwise wait for ever. */
export function wrongOptions(options: unknown): TypeError | undefined {
  if (options === undefined || typeof options === 'object') return undefined;
  return new TypeError(`the options of a wait are an object such as { timeout: 100 }, not ${String(options)}`);
}

/** `maxLength` goes along when bytes are received. */
const NAMES = ['timeout', 'signal', 'block', 'maxLength'] as const;

/**
 * The moment, on `instant()`'s clock, at which a wait gives up; 0 for one that tries once. What would
 * wait for ever because its options are misspelt is a TypeError.
 */
export function deadlineOf(options: WaitOptions | undefined): number {
  const wrong = wrongOptions(options);
  if (wrong !== undefined) throw wrong;
  if (options?.block === false) return 0;
  const timeout = options?.timeout;
  if (timeout === undefined) {
    if (options !== undefined && options.signal === undefined) checkNames(options, NAMES, 'a wait');
    return Infinity;
  }
  if (typeof timeout !== 'number' || Number.isNaN(timeout)) {
    throw new TypeError(`timeout must be a number of milliseconds, not ${inspect(timeout)}`);
  }
  return timeout <= 0 ? 0 : instant() + timeout;
}
