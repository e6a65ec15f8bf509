import type { layout } from '../memory/index.js';

/** What a wait is for, as the process table shows it. */
export interface WaitSubject {
  readonly kind: layout.WaitKindName;
  readonly object: number;
}

/** How a wait goes on. `attempt` returns undefined for "not yet" and anything else to end the wait with it. */
export interface Wait<T> {
  readonly subject: WaitSubject;
  readonly attempt: () => T | undefined;
  /** An attempt that leaves no trace when it fails; used while nobody sleeps yet. Default: `attempt`. */
  readonly glance?: () => T | undefined;
  /** Called now and then while nothing happens: the place to ask whether a lock's owner has died. */
  readonly recover?: () => void;
  /**
   * Whether an attempt that fails tells that those of all others at the same place who say the same would fail too: then
   * one of them tries for all.
   */
  readonly alike?: boolean;
  /** Whether success shuts everybody else out until the next wake, as with a lock: a ring need not be passed on then. */
  readonly exclusive?: boolean;
  /** Whether the pending wait keeps the process alive; default true. */
  readonly keepsAlive?: boolean;
  /** For who may want to end the wait, and has no signal: making one takes longer than the rest of a wait. */
  readonly stopper?: Stopper;
}

/** While a wait in the event loop is pending, `stop` is there, and ends it: its promise rejects. */
export interface Stopper {
  stop?: (() => void) | undefined;
}
