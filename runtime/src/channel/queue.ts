import { inspect } from 'node:util';
import { AssertionError, Empty, Full, OSError, ValueError } from '../errors.js';
import { program } from '../memory/index.js';
import { registerHandle } from '../pickle/index.js';
import type { SyncWaitOptions, WaitOptions } from '../sync/waitOptions.js';
import type { Borrowed } from './borrowed.js';
import { Inbox, type Use } from './inbox.js';
import { borrowAsync, borrowSync, toMessage, useAsync, useSync } from './messages.js';
import { Outbox } from './outbox.js';
import { QueueRow } from './queueRow.js';
import { Ring } from './ring.js';

const RING_BYTES = 256 * 1024;

/** What names a queue in any process of the program. */
export interface QueueParts {
  readonly id: number;
  readonly name: string;
  readonly maxSize: number;
  /** Its row in the process table, -1 for none. */
  readonly row: number;
}

/** Given to the constructor for a queue that came from another process. */
export class ReceivedQueue {
  readonly parts: QueueParts;
  readonly ring: Ring;

  constructor(parts: QueueParts, ring: Ring) {
    this.parts = parts;
    this.ring = ring;
  }
}

export interface QueueOptions {
  /** What the process table shows; `Queue-N` by default. */
  readonly name?: string;
}

/**
 * First in, first out, between any number of processes (Python: `multiprocessing.Queue`). It can itself be sent to
 * other processes: as an argument, through a pipe, in another queue.
 *
 * Values are encoded when they are put: what is changed afterwards does not show on the other side.
 */
export class Queue<T = unknown> {
  readonly #parts: QueueParts;
  readonly #isOwn: boolean;
  readonly #ring: Ring;
  readonly #row: QueueRow;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  #state: 'open' | 'closed' = 'open';
  #hasPut = false;
  #joinsThread = true;

  /** `maxSize` items at most; 0 or less: no bound. Throws TypeError for what is no whole number. */
  constructor(maxSize?: number, options?: QueueOptions);
  constructor(maxSize: number | ReceivedQueue = 0, options: QueueOptions = {}) {
    this.#isOwn = !(maxSize instanceof ReceivedQueue);
    const { parts, ring } =
      maxSize instanceof ReceivedQueue ? maxSize : makeQueue(maxSize, options.name, new.target.name);
    this.#parts = parts;
    this.#ring = ring;
    this.#row = new QueueRow(parts.row, () => this.#ring.depth);
    this.#inbox = new Inbox(this.#ring, { kind: 'queueGet', object: parts.id });
    this.#outbox = new Outbox(this.#ring, {
      subject: { kind: 'queuePut', object: parts.id },
      maxDepth: parts.maxSize > 0 ? parts.maxSize : Infinity,
      keeps: true,
      meetsFrom: Infinity,
      binds: () => this.#joinsThread && !this.#isOwn,
      written: () => this.#row.changed(),
      holding: holds => this._holding?.(holds),
    });
    if (this.#isOwn) rows.register(this, parts);
  }

  /**
   * Puts a value at the end. Resolves when it is in the queue; if nobody reads and there is no more room for bytes,
   * when this process keeps it on the queue's behalf. Rejects with Full at the timeout, which only a queue with a
   * `maxSize` can have, with PicklingError for a value that cannot travel, with ValueError once closed.
   */
  put(value: T, options?: WaitOptions): Promise<void> {
    try {
      this.#assertOpen();
      const message = toMessage(value);
      this.#hasPut = true;
      return this.#outbox.put(message, full, options);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /** As `put`, blocking the thread. */
  putSync(value: T, options?: SyncWaitOptions): void {
    this.#assertOpen();
    const message = toMessage(value);
    this.#hasPut = true;
    this.#outbox.putSync(message, full, options);
  }

  /** Puts a value or throws Full. */
  putNowait(value: T): void {
    this.putSync(value, NOW);
  }

  /**
   * Takes the value at the front. Rejects with Empty at the timeout, with ValueError once closed. A value that cannot
   * be decoded here is gone: the error says why.
   */
  get(options: WaitOptions = FOREVER): Promise<T> {
    return this.#take<T>(useAsync, options);
  }

  /** As `get`, blocking the thread. */
  getSync(options: SyncWaitOptions = FOREVER): T {
    return this.#takeSync<T>(useSync, options);
  }

  /**
   * As `get`, without a copy: large buffers of the value stay where the sender has put them, until it is released. See
   * `Borrowed`.
   */
  getBorrowed(options: WaitOptions = FOREVER): Promise<Borrowed<T>> {
    return this.#take<Borrowed<T>>(borrowAsync, options);
  }

  /** As `getBorrowed`, blocking the thread. */
  getBorrowedSync(options: SyncWaitOptions = FOREVER): Borrowed<T> {
    return this.#takeSync<Borrowed<T>>(borrowSync, options);
  }

  /** Takes a value or throws Empty. */
  getNowait(): T {
    return this.getSync(NOW);
  }

  /** How many values wait: exact for what is in the queue and what this process has put. */
  qsize(): number {
    return this.#ring.depth + this.#outbox.size;
  }

  /** Not a promise: another process may put or get meanwhile. Throws OSError once closed after being put into. */
  empty(): boolean {
    if (this.#state === 'closed' && this.#hasPut) throw new OSError('EBADF', 'handle is closed');
    return this.qsize() === 0;
  }

  full(): boolean {
    return this.#parts.maxSize > 0 && this.qsize() >= this.#parts.maxSize;
  }

  /** This process puts and gets no more; what it has put is still delivered. Pending gets reject. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#inbox.fail(() => this.#closedError());
  }

  /** Resolves when everything this process has put is delivered. Rejects with AssertionError unless closed. */
  async joinThread(): Promise<void> {
    if (this.#state !== 'closed') throw new AssertionError(`Queue ${inspect(this)} not closed`);
    if (this.#joinsThread) await this.#outbox.emptied();
  }

  /** The end of this process does not wait for what it has put: that may be lost. */
  cancelJoinThread(): void {
    this.#joinsThread = false;
    this.#outbox.settleTicker();
  }

  toString(): string {
    const { name, maxSize } = this.#parts;
    const words = [`name='${name}'`, `size=${this.qsize()}`];
    if (maxSize > 0) words.push(`maxSize=${maxSize}`);
    if (this.#state === 'closed') words.push('closed');
    return `<${this.constructor.name} ${words.join(' ')}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  /** @internal */
  get _parts(): QueueParts {
    return this.#parts;
  }

  /** @internal */
  get _ring(): Ring {
    return this.#ring;
  }

  /** @internal This process begins or ceases to keep values that are not in the ring yet. */
  protected _holding?(holds: boolean): void;

  #take<V>(use: Use<V>, options: WaitOptions): Promise<V> {
    if (this.#state === 'closed') return Promise.reject(this.#closedError());
    const taken = this.#inbox.take(use, empty, options);
    this.#row.changed();
    return taken;
  }

  #takeSync<V>(use: Use<V>, options: SyncWaitOptions): V {
    this.#assertOpen();
    const value = this.#inbox.takeSync(use, empty, options);
    this.#row.changed();
    return value;
  }

  #assertOpen(): void {
    if (this.#state === 'closed') throw this.#closedError();
  }

  #closedError(): ValueError {
    return new ValueError(`Queue ${inspect(this)} is closed`);
  }
}

const NOW = { block: false } as const;
const FOREVER = {} as const;
const full = (): Full => new Full('the queue is full');
const empty = (): Empty => new Empty('the queue is empty');

function makeQueue(maxSize: unknown, name: string | undefined, className: string): { parts: QueueParts; ring: Ring } {
  if (typeof maxSize !== 'number' || !(Number.isInteger(maxSize) || maxSize === Infinity)) {
    throw new TypeError(`maxSize must be a whole number, not ${inspect(maxSize)}`);
  }
  const ring = Ring.create(RING_BYTES);
  const id = program().nextObjectId();
  const shown = name ?? `${className}-${id}`;
  const bound = maxSize === Infinity ? 0 : Math.max(0, maxSize);
  return { ring, parts: { id, name: shown, maxSize: bound, row: QueueRow.claim(id, shown) } };
}

/** A queue that its maker has dropped is not shown any more. */
const rows = new FinalizationRegistry<QueueParts>(({ row, id }) => QueueRow.release(row, id));

export function reduceQueue(queue: Queue): readonly unknown[] {
  const { id, name, maxSize, row } = queue._parts;
  return [id, name, maxSize, row, ...queue._ring.handle];
}

export function reviveQueue(args: readonly unknown[]): ReceivedQueue {
  const [id, name, maxSize, row, segmentId, offset] = args as [number, string, number, number, number, number];
  return new ReceivedQueue({ id, name, maxSize, row }, Ring.attach(segmentId, offset));
}

type MadeFrom<Q> = new (received: ReceivedQueue, ...more: unknown[]) => Q;

registerHandle('queue', Queue, {
  reduce: reduceQueue,
  revive: args => new (Queue as unknown as MadeFrom<Queue>)(reviveQueue(args)),
});
