import { inspect } from 'node:util';
import { AssertionError, Empty, Full, OSError, ValueError } from '../errors.js';
import { arrived, existsStill, travels, type Counted, type CountedHandle } from '../memory/index.js';
import { checkNames } from '../optionNames.js';
import { registerHandle } from '../pickle/index.js';
import type { SyncWaitOptions, WaitOptions } from '../sync/waitOptions.js';
import type { Borrowed } from './borrowed.js';
import { Inbox, type Use } from './inbox.js';
import { borrowAsync, borrowSync, toMessage, useAsync, useSync } from './messages.js';
import { Outbox } from './outbox.js';
import {
  createQueueMemory,
  FREE_WORD,
  giveRow,
  openQueueMemory,
  registerQueueShape,
  type QueueMemory,
  type QueueShape,
} from './queueBlock.js';
import { QueueRow } from './queueRow.js';
import type { Ring } from './ring.js';

const RING_BYTES = 256 * 1024;

/** What names a queue in any process of the program. */
export interface QueueParts {
  readonly name: string;
  readonly maxSize: number;
  /** Its row in the process table, -1 for none. */
  readonly row: number;
}

/** Given to the constructor for a queue that came from another process. */
export class ReceivedQueue {
  readonly parts: QueueParts;
  readonly memory: QueueMemory;

  constructor(parts: QueueParts, memory: QueueMemory) {
    this.parts = parts;
    this.memory = memory;
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
  /** @internal Of a subclass of the library's own, another. */
  static readonly _shape: QueueShape = { kind: 0x4d43_0011, name: 'Queue', words: FREE_WORD };
  readonly #parts: QueueParts;
  readonly #block: Counted;
  readonly #isOwn: boolean;
  readonly #ring: Ring;
  readonly #row: QueueRow;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  #state: 'open' | 'closed' = 'open';
  #hasPut = false;
  #hasKept = false;
  #lastDepth = 0;
  #joinsThread = true;

  /** `maxSize` items at most; 0 or less: no bound. Throws TypeError for what is no whole number or no option. */
  constructor(maxSize?: number, options?: QueueOptions);
  constructor(maxSize: number | ReceivedQueue = 0, options: QueueOptions = {}) {
    this.#isOwn = !(maxSize instanceof ReceivedQueue);
    checkNames(options, ['name'], 'a queue');
    const { parts, memory } = maxSize instanceof ReceivedQueue ? maxSize : makeQueue(maxSize, options.name, new.target);
    const { block, ring } = memory;
    this.#parts = parts;
    this.#block = block;
    this.#ring = ring;
    this.#row = new QueueRow(parts.row, block.id, () => this.#depth());
    this.#inbox = new Inbox(this.#ring, { kind: 'queueGet', object: block.id });
    this.#outbox = new Outbox(this.#ring, {
      subject: { kind: 'queuePut', object: block.id },
      maxDepth: parts.maxSize > 0 ? parts.maxSize : Infinity,
      keeps: true,
      meetsFrom: Infinity,
      binds: () => this.#joinsThread && !this.#isOwn,
      written: () => this.#row.changed(),
      holding: holds => {
        this.#hasKept = true;
        this._holding?.(holds);
      },
    });
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
    return this.#take(borrowAsync<T>(useAsync), options);
  }

  /** As `getBorrowed`, blocking the thread. */
  getBorrowedSync(options: SyncWaitOptions = FOREVER): Borrowed<T> {
    return this.#takeSync(borrowSync<T>(useSync), options);
  }

  /** Takes a value or throws Empty. */
  getNowait(): T {
    return this.getSync(NOW);
  }

  /** How many values wait: exact for what is in the queue and what this process has put. */
  qsize(): number {
    return this.#depth() + this.#outbox.size;
  }

  /** Not a promise: another process may put or get meanwhile. Throws OSError once closed after being put into. */
  empty(): boolean {
    if (this.#state === 'closed' && this.#hasPut) throw new OSError('EBADF', 'handle is closed');
    return this.qsize() === 0;
  }

  full(): boolean {
    return this.#parts.maxSize > 0 && this.qsize() >= this.#parts.maxSize;
  }

  /**
   * This process puts and gets no more; what it has put is still delivered. Pending gets reject. The queue's memory is
   * given back as soon as nobody has it any more, without waiting until the object is collected.
   */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#lastDepth = this.#depth();
    this.#row.stop();
    this.#inbox.fail(() => this.#closedError());
    // What has ever waited for room may still listen at the ring: then it goes when it is collected.
    if (this._endsWhenClosed && !this.#hasKept) this.#block.letGo();
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
  get _block(): Counted {
    return this.#block;
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

  /** @internal Whether a closed queue is of no use to this process any more. */
  protected get _endsWhenClosed(): boolean {
    return true;
  }

  /** What lies in the ring; of a closed queue that is gone since, what lay there when it was closed. */
  #depth(): number {
    return this.#block.isHeld || existsStill(this.#block) ? this.#ring.depth : this.#lastDepth;
  }

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

function makeQueue(maxSize: unknown, name: string | undefined, Class: typeof Queue): ReceivedQueue {
  if (typeof maxSize !== 'number' || !(Number.isInteger(maxSize) || maxSize === Infinity)) {
    throw new TypeError(`maxSize must be a whole number, not ${inspect(maxSize)}`);
  }
  const memory = createQueueMemory(Class._shape, RING_BYTES);
  const { id } = memory.block;
  const shown = name ?? `${Class.name}-${id}`;
  const bound = maxSize === Infinity ? 0 : Math.max(0, maxSize);
  const row = QueueRow.claim(id, shown);
  giveRow(memory.block, row);
  return new ReceivedQueue({ name: shown, maxSize: bound, row }, memory);
}

function reduceQueue(queue: Queue): readonly unknown[] {
  const { name, maxSize, row } = queue._parts;
  return [...queue._block.handle, travels(queue._block), name, maxSize, row];
}

function reviveQueue(Class: typeof Queue, args: readonly unknown[]): Queue {
  const [segmentId, offset, id, travelled, name, maxSize, row] = args as [
    ...CountedHandle,
    0 | 1,
    string,
    number,
    number,
  ];
  const memory = openQueueMemory(Class._shape, [segmentId, offset, id], RING_BYTES);
  arrived(memory.block, travelled);
  return new (Class as unknown as new (received: ReceivedQueue) => Queue)(
    new ReceivedQueue({ name, maxSize, row }, memory),
  );
}

/** For each of the library's own classes of queues. */
export function registerQueue(tag: string, Class: typeof Queue): void {
  registerQueueShape(Class._shape);
  registerHandle<Queue>(tag, Class, { reduce: reduceQueue, revive: args => reviveQueue(Class, args) });
}

registerQueue('queue', Queue);
