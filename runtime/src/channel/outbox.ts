import { instant, LONGEST_TIMER } from '../clock.js';
import { whenAborted } from '../sync/aborted.js';
import { breathe, breatheOut } from '../sync/breathing.js';
import { deadlineOf, type SyncWaitOptions, type WaitOptions } from '../sync/waitOptions.js';
import type { Wait, WaitSubject } from '../sync/waitPoint.js';
import { flushOutboxes, forgetOutbox, watchOutbox } from './flushing.js';
import { Line } from './line.js';
import { copyOf, type Message } from './message.js';
import type { Ring } from './ring.js';

/** For so long nobody has to have read before a ring that is full of bytes is taken for one that nobody reads. */
const PATIENCE = 100;
/** For so long a process that calls `process.exit()` waits for a reader of a pipe. */
const LAST_PATIENCE = 1000;

export interface OutboxRules {
  readonly subject: WaitSubject;
  /** Messages at most, `Infinity` for no bound. */
  readonly maxDepth: number;
  /** Whether messages that find no room for their bytes are kept in this process when nobody reads. */
  readonly keeps: boolean;
  /** Whether kept messages hold the process up until they are delivered. */
  readonly binds: () => boolean;
  /** Answers an error when nobody will ever read; `recover` looks after the death of readers. */
  readonly refuse?: (() => Error | undefined) | undefined;
  readonly recover?: (() => void) | undefined;
  /** A put of a message from so many bytes on lasts until it has been read: `Infinity` where it never does. */
  readonly meetsFrom: number;
  /** Called after messages have been written. */
  readonly written?: (() => void) | undefined;
  /** Called when the outbox begins or ceases to hold messages. */
  readonly holding?: ((holds: boolean) => void) | undefined;
}

type EntryState = 'waiting' | 'accepted';

interface Entry {
  readonly message: Message;
  state: EntryState;
  /** Called once: when it is written or accepted, or when it has been taken out with an error. */
  settle(error?: Error): void;
}

/**
 * The sending side of a ring in one process. What was put first is written first, whichever calls wait for whatever.
 * A message is `waiting` until there is room for it, or `accepted`: kept here on behalf of a call that has returned.
 */
export class Outbox {
  readonly #ring: Ring;
  readonly #rules: OutboxRules;
  readonly #entries = new Line<Entry>();
  #accepted = 0;
  #isListening = false;
  /** Ticks while there are entries: holds the process, and notices that nobody reads. */
  #ticker: NodeJS.Timeout | undefined;
  #lastPosition = 0;
  /** What other processes had taken when it was found that nobody reads; undefined while somebody does. */
  #stalledAt: number | undefined;
  #whenIdle: (() => void)[] = [];
  #meetings = 0;

  constructor(ring: Ring, rules: OutboxRules) {
    this.#ring = ring;
    this.#rules = rules;
  }

  /** How many messages have not been written yet. */
  get size(): number {
    return this.#entries.size;
  }

  /** Whether nothing has to be written, and nobody waits for what has been written to be read. */
  get isIdle(): boolean {
    return this.#entries.size === 0 && this.#meetings === 0;
  }

  /** Whether `process.exit()` waits until everything is written. */
  get bindsExit(): boolean {
    return this.#entries.size > 0 && this.#rules.binds();
  }

  /** Resolves when it is written or accepted; rejects with `late()` at the timeout, or what `refuse` answers. */
  put(message: Message, late: () => Error, options?: WaitOptions): Promise<void> {
    try {
      options?.signal?.throwIfAborted();
      const deadline = deadlineOf(options);
      if (this.#writeNow(message)) return this.#isMeeting(message) ? this.#met() : breathe(undefined);
      if (deadline === 0 || this.#isStalled()) {
        if (this.#accept(message)) return breathe(undefined);
        if (deadline === 0) throw late();
      }
      return this.#queueUp(message, late, deadline, options?.signal);
    } catch (error) {
      message.sent?.(false);
      return breatheOut(error as Error);
    }
  }

  /** As `put`, blocking the thread. With `block: false` it never does. */
  putSync(message: Message, late: () => Error, options?: SyncWaitOptions): void {
    try {
      const deadline = deadlineOf(options);
      if (!this.#writeNow(message) && !this.#writeSync(message, deadline)) throw late();
    } catch (error) {
      message.sent?.(false);
      throw error;
    }
    if (this.#isMeeting(message)) this.#ring.writable.waitSync(this.#meeting(), Infinity);
  }

  /** Writes what there is room for; true when nothing is left. */
  flush(): boolean {
    let written = false;
    for (let entry = this.#entries.first; entry !== undefined; entry = this.#entries.first) {
      const { bytes, start, end, parts } = entry.message;
      let error: Error | undefined;
      try {
        error = this.#rules.refuse?.();
        if (error === undefined && !this.#ring.tryWrite(bytes, start, end, this.#rules.maxDepth, parts)) break;
      } catch (failure) {
        error = failure as Error;
      }
      written = true;
      entry.message.sent?.(error === undefined);
      entry.settle(error);
      this.#remove(entry);
    }
    if (written) this.#rules.written?.();
    return this.#entries.size === 0;
  }

  /** Blocks the thread until everything is written; where nothing is kept, no longer than somebody reads. */
  flushSync(): void {
    const patience = this.#rules.keeps ? Infinity : LAST_PATIENCE;
    for (let position = -1; this.#ring.position !== position;) {
      position = this.#ring.position;
      const wait = this.#wait(() => this.flush() || undefined);
      if (this.#ring.writable.waitSync(wait, instant() + patience)) return;
    }
  }

  /** Resolves when `isIdle`. */
  emptied(): Promise<void> {
    this.flush();
    if (this.isIdle) return Promise.resolve();
    return new Promise(resolve => this.#whenIdle.push(resolve));
  }

  /** Asks `binds` again. */
  settleTicker(): void {
    const isWaitedFor = this.#entries.size > this.#accepted;
    if (isWaitedFor || this.#rules.binds()) this.#ticker?.ref();
    else this.#ticker?.unref();
  }

  #writeNow(message: Message): boolean {
    const { bytes, start, end, parts } = message;
    if (this.#entries.size > 0 && !this.flush()) return false;
    const error = this.#rules.refuse?.();
    if (error !== undefined) throw error;
    if (!this.#ring.tryWrite(bytes, start, end, this.#rules.maxDepth, parts)) return false;
    this.#stalledAt = undefined;
    message.sent?.(true);
    this.#rules.written?.();
    return true;
  }

  /** True when it is written or accepted, false at the deadline. */
  #writeSync(message: Message, deadline: number): boolean {
    const wait = this.#wait(() => {
      flushOutboxes();
      return this.#writeNow(message) || undefined;
    });
    for (;;) {
      if (this.#isStalled() && this.#accept(message)) return true;
      const position = this.#ring.position;
      const until = this.#rules.keeps ? Math.min(deadline, instant() + PATIENCE) : deadline;
      if (this.#ring.writable.waitSync(wait, until)) return true;
      if (deadline === 0 || instant() >= deadline) return this.#accept(message);
      if (this.#ring.position === position) this.#stalledAt = this.#ring.takenElsewhere;
    }
  }

  /**
   * Whether nobody reads. What this process takes itself does not count once that is known: it fills the queue and
   * empties it in turn, and would wait for itself at every put.
   */
  #isStalled(): boolean {
    if (this.#stalledAt !== this.#ring.takenElsewhere) this.#stalledAt = undefined;
    return this.#stalledAt !== undefined;
  }

  #isMeeting({ start, end, parts }: Message): boolean {
    if (this.#rules.meetsFrom === Infinity) return false;
    const beside = parts?.reduce((sum, part) => sum + part.length, 0) ?? 0;
    return end - start + beside >= this.#rules.meetsFrom;
  }

  /** Resolves when what was written last has been read; rejects when nobody is left who could. */
  async #met(): Promise<void> {
    this.#meetings++;
    try {
      await this.#ring.writable.wait(this.#meeting());
    } finally {
      this.#meetings--;
      this.#tellIfIdle();
    }
  }

  #tellIfIdle(): void {
    if (this.isIdle) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  #meeting(): Wait<true> {
    const written = this.#ring.written;
    return this.#wait(() => {
      if (((this.#ring.taken - written) | 0) >= 0) return true;
      const error = this.#rules.refuse?.();
      if (error !== undefined) throw error;
      return undefined;
    });
  }

  #wait(attempt: () => true | undefined): Wait<true> {
    const { subject, recover } = this.#rules;
    return recover === undefined ? { subject, attempt } : { subject, attempt, recover };
  }

  /** Keeps a message that found no room, unless that would be one too many. */
  #accept(message: Message): boolean {
    if (!this.#mayKeepMore()) return false;
    this.#add({ message: copyOf(message), state: 'accepted', settle: tellIfLost });
    this.#accepted++;
    this.settleTicker();
    return true;
  }

  #mayKeepMore(): boolean {
    return this.#rules.keeps && this.#ring.depth + this.#accepted < this.#rules.maxDepth;
  }

  #queueUp(message: Message, late: () => Error, deadline: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const entry: Entry = {
        message: copyOf(message),
        state: 'waiting',
        settle: error => {
          clearTimeout(timer);
          ignoreSignal();
          if (error !== undefined) reject(error);
          else resolve(this.#isMeeting(entry.message) ? this.#met() : undefined);
        },
      };
      const giveUp = (error: Error): void => {
        this.#remove(entry);
        entry.message.sent?.(false);
        entry.settle(error);
      };
      const onAbort = (): void => giveUp(signal?.reason as Error);
      const onTimeout = (): void => {
        if (instant() < deadline) startTimer();
        else if (!this.flush() && this.#entries.has(entry) && !this.#acceptWaiting(entry)) giveUp(late());
      };
      const startTimer = (): void => {
        timer = setTimeout(onTimeout, Math.min(Math.ceil(deadline - instant()), LONGEST_TIMER));
      };
      if (deadline !== Infinity) startTimer();
      const ignoreSignal = whenAborted(signal, onAbort);
      this.#add(entry);
    });
  }

  #acceptWaiting(entry: Entry): boolean {
    if (!this.#mayKeepMore()) return false;
    entry.state = 'accepted';
    this.#accepted++;
    entry.settle();
    entry.settle = tellIfLost;
    this.settleTicker();
    return true;
  }

  #add(entry: Entry): void {
    this.#entries.add(entry);
    if (this.#entries.size === 1) {
      watchOutbox(this);
      this.#rules.holding?.(true);
      this.#lastPosition = this.#ring.position;
      this.#ticker = setInterval(() => this.#tick(), PATIENCE);
    }
    this.settleTicker();
    this.#listen();
  }

  #remove(entry: Entry): void {
    if (!this.#entries.remove(entry)) return;
    if (entry.state === 'accepted') this.#accepted--;
    if (this.#entries.size > 0) {
      this.settleTicker();
      return;
    }
    forgetOutbox(this);
    clearInterval(this.#ticker);
    this.#ticker = undefined;
    this.#rules.holding?.(false);
    this.#tellIfIdle();
  }

  #tick(): void {
    this.flush();
    const position = this.#ring.position;
    const hasMoved = position !== this.#lastPosition;
    this.#lastPosition = position;
    if (hasMoved) return;
    this.#stalledAt = this.#ring.takenElsewhere;
    if (this.#entries.size === this.#accepted) return;
    for (const entry of this.#entries) if (entry.state === 'waiting' && !this.#acceptWaiting(entry)) return;
  }

  /** Ends by itself at its next look when there is nothing left to write. */
  #listen(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    const wait = this.#wait(() => {
      if (!this.flush()) return undefined;
      this.#isListening = false;
      return true;
    });
    // The ticker holds the process where that is wanted: what is merely kept may not.
    this.#ring.writable.wait({ ...wait, keepsAlive: false }).catch(() => {
      this.#isListening = false;
    });
  }
}

/** The call that put it has returned: nobody is left to reject. (Python's feeder thread prints its errors as well.) */
function tellIfLost(error?: Error): void {
  if (error === undefined) return;
  const text = `a value that was put into a queue, and kept until there was room, is lost: ${error.message}`;
  process.emitWarning(text, { code: 'MANYCORE_LOST_VALUE' });
}
