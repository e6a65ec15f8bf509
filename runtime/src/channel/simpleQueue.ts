import { inspect } from 'node:util';
import { Empty, Full, OSError } from '../errors.js';
import { arrived, existsStill, travels, type Counted } from '../memory/index.js';
import { registerHandle } from '../pickle/index.js';
import { Inbox } from './inbox.js';
import { toMessage, useAsync, useSync } from './messages.js';
import { Outbox } from './outbox.js';
import { createQueueMemory, FREE_WORD, openQueueMemory, registerQueueShape, type QueueMemory } from './queueBlock.js';
import type { Ring } from './ring.js';

const RING_BYTES = 64 * 1024;

const SHAPE = { kind: 0x4d43_0012, name: 'SimpleQueue', words: FREE_WORD };
registerQueueShape(SHAPE);

/** Given to the constructor for a queue that came from another process. */
class Received {
  readonly memory: QueueMemory;

  constructor(memory: QueueMemory) {
    this.memory = memory;
  }
}

/**
 * A queue with nothing but put, get and empty (Python: `multiprocessing.SimpleQueue`). A put waits while there is no
 * room for its bytes; nothing is ever kept in the process.
 */
export class SimpleQueue<T = unknown> {
  readonly #block: Counted;
  readonly #ring: Ring;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  #state: 'open' | 'closed' = 'open';
  #hasKept = false;

  constructor();
  constructor(received?: Received) {
    const { block, ring } = received?.memory ?? createQueueMemory(SHAPE, RING_BYTES);
    this.#block = block;
    this.#ring = ring;
    this.#inbox = new Inbox(this.#ring, { kind: 'queueGet', object: block.id });
    this.#outbox = new Outbox(this.#ring, {
      subject: { kind: 'queuePut', object: block.id },
      maxDepth: Infinity,
      keeps: false,
      meetsFrom: Infinity,
      binds: () => true,
      holding: () => {
        this.#hasKept = true;
      },
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

  /**
   * This process uses it no more. Pending gets reject; what was put is still delivered. The memory is given back as
   * soon as nobody has the queue any more.
   */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#inbox.fail(closedError);
    // What has ever waited for room may still listen at the ring: then it goes when it is collected.
    if (!this.#hasKept) this.#block.letGo();
  }

  toString(): string {
    const depth = this.#block.isHeld || existsStill(this.#block) ? this.#ring.depth : 0;
    return `<${this.constructor.name} size=${depth}${this.closed ? ' closed' : ''}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  /** @internal */
  get _block(): Counted {
    return this.#block;
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
  reduce: ({ _block }) => [..._block.handle, travels(_block)],
  revive: ([segmentId, offset, id, travelled]) => {
    const memory = openQueueMemory(SHAPE, [segmentId as number, offset as number, id as number], RING_BYTES);
    arrived(memory.block, travelled);
    return new (SimpleQueue as unknown as new (received: Received) => SimpleQueue)(new Received(memory));
  },
});
