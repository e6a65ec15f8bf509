import { inspect } from 'node:util';
import { Empty, Full, OSError } from '../errors.js';
import { program } from '../memory/index.js';
import { registerHandle } from '../pickle/index.js';
import { Inbox } from './inbox.js';
import { toMessage, useAsync, useSync } from './messages.js';
import { Outbox } from './outbox.js';
import { Ring } from './ring.js';

const RING_BYTES = 64 * 1024;

/** Given to the constructor for a queue that came from another process. */
class Received {
  readonly id: number;
  readonly ring: Ring;

  constructor(id: number, ring: Ring) {
    this.id = id;
    this.ring = ring;
  }
}

/**
 * A queue with nothing but put, get and empty (Python: `multiprocessing.SimpleQueue`). A put waits while there is no
 * room for its bytes; nothing is ever kept in the process.
 */
export class SimpleQueue<T = unknown> {
  readonly #id: number;
  readonly #ring: Ring;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  #state: 'open' | 'closed' = 'open';

  constructor();
  constructor(received?: Received) {
    this.#ring = received?.ring ?? Ring.create(RING_BYTES);
    this.#id = received?.id ?? program().nextObjectId();
    this.#inbox = new Inbox(this.#ring, { kind: 'queueGet', object: this.#id });
    this.#outbox = new Outbox(this.#ring, {
      subject: { kind: 'queuePut', object: this.#id },
      maxDepth: Infinity,
      keeps: false,
      meetsFrom: Infinity,
      binds: () => true,
    });
  }

  /** Resolves when the value is in the queue. Rejects with PicklingError, or OSError once closed. */
  put(value: T): Promise<void> {
    try {
      this.#assertOpen();
      return this.#outbox.put(toMessage(value), neverFull);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /** As `put`, blocking the thread. */
  putSync(value: T): void {
    this.#assertOpen();
    this.#outbox.putSync(toMessage(value), neverFull);
  }

  /** The value at the front. Rejects with OSError once closed. */
  get(): Promise<T> {
    try {
      this.#assertOpen();
      return this.#inbox.take<T>(useAsync, neverEmpty, FOREVER);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /** As `get`, blocking the thread. */
  getSync(): T {
    this.#assertOpen();
    return this.#inbox.takeSync<T>(useSync, neverEmpty, FOREVER);
  }

  /** Whether nothing is in it now; throws OSError once closed. */
  empty(): boolean {
    this.#assertOpen();
    return this.#ring.isEmpty;
  }

  get closed(): boolean {
    return this.#state === 'closed';
  }

  /** This process uses it no more. Pending gets reject; what was put is still delivered. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#inbox.fail(closedError);
  }

  toString(): string {
    return `<${this.constructor.name} size=${this.#ring.depth}${this.closed ? ' closed' : ''}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  /** @internal */
  get _handle(): readonly number[] {
    return [this.#id, ...this.#ring.handle];
  }

  #assertOpen(): void {
    if (this.#state === 'closed') throw closedError();
  }
}

const FOREVER = {} as const;
const closedError = (): OSError => new OSError('EBADF', 'handle is closed');
// Waits without a timeout never end this way.
const neverFull = (): Full => new Full('the queue is full');
const neverEmpty = (): Empty => new Empty('the queue is empty');

registerHandle('simpleQueue', SimpleQueue, {
  reduce: queue => queue._handle,
  revive: ([id, segmentId, offset]) =>
    new (SimpleQueue as unknown as new (received: Received) => SimpleQueue)(
      new Received(id as number, Ring.attach(segmentId as number, offset as number)),
    ),
});
