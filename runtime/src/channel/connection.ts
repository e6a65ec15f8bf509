import { inspect } from 'node:util';
import { BufferTooShort, OSError, TimeoutError, ValueError } from '../errors.js';
import type { CountedHandle } from '../memory/index.js';
import { registerHandle } from '../pickle/index.js';
import { deadlineOf, type WaitOptions } from '../sync/waitOptions.js';
import { offsetIn, sliceOf, viewOf, type SliceOptions } from './byteRanges.js';
import type { Borrowed } from './borrowed.js';
import type { Use } from './inbox.js';
import { borrowAsync, borrowSync, goesUnderway } from './messages.js';
import { closedError, PipeEnd } from './pipeEnd.js';
import type { Side } from './pipeMemory.js';
import { copyOut } from './receiveMemory.js';
import type { ConnectionEnd, Receiving, Sending, UseOwn } from './transport.js';
import { WAITABLE, type Readiness, type Waitable } from './waitable.js';

export type ReceiveOptions = Omit<WaitOptions, 'block'>;
export interface ReceiveBytesOptions extends ReceiveOptions {
  /** A longer message is an error, and ends the receiving. */
  readonly maxLength?: number;
}

/**
 * One end of a pipe, or of a connection made by `Listener` and `Client` (Python:
 * `multiprocessing.connection.Connection`). What is sent arrives as messages: whole, in order, never merged. An end of
 * a pipe can itself be sent to another process, which then has it open too; a socket's cannot.
 *
 * Receiving gives EOFError once every process that had the other end open has closed it or died, and everything they
 * sent has been read. Methods throw OSError (`EBADF`) once closed, or for the direction the end does not have. Over a
 * socket the Sync forms throw RuntimeError: its bytes come and go through the event loop only.
 */
export class Connection<T = unknown> implements Waitable {
  readonly #end: ConnectionEnd;
  #state: 'open' | 'unreadable' | 'closed' = 'open';

  /** @internal `Pipe()`, `Listener` and `Client` make connections. */
  constructor(end: ConnectionEnd) {
    this.#end = end;
    collected.register(this, end, this);
  }

  get closed(): boolean {
    return this.#state === 'closed';
  }

  get readable(): boolean {
    return this.#state === 'open' && this.#end.inbox !== undefined;
  }

  get writable(): boolean {
    return this.#state !== 'closed' && this.#end.outbox !== undefined;
  }

  /**
   * Sends a value. Resolves when it is in the pipe; a message of 128 KiB or more, when it has been received; over a
   * socket, when the system has taken it. Rejects with PicklingError, or OSError (`EPIPE`) when nobody can receive it
   * any more.
   */
  send(value: T): Promise<void> {
    return attempt(() => {
      const outbox = this.#sender();
      return outbox.put(this.#end.values.toMessage(value), late);
    });
  }

  /** As `send`, blocking the thread. */
  sendSync(value: T): void {
    const outbox = this.#sender();
    outbox.putSync(this.#end.values.toMessage(value), late);
  }

  /** The next value. Rejects with EOFError at the end, with TimeoutError after `timeout` milliseconds. */
  recv(options: ReceiveOptions = FOREVER): Promise<T> {
    return this.#take<T>(this.#end.values.useAsync<T>, options);
  }

  /** As `recv`, blocking the thread. */
  recvSync(options: Omit<ReceiveOptions, 'signal'> = FOREVER): T {
    return this.#receiver().takeSync<T>(this.#end.values.useSync<T>, late, options);
  }

  /**
   * As `recv`, without a copy: large buffers of the value stay where the sender has put them, until it is released. See
   * `Borrowed`. Over a socket everything is a copy.
   */
  recvBorrowed(options: ReceiveOptions = FOREVER): Promise<Borrowed<T>> {
    return this.#take(borrowAsync<T>(this.#end.values.useAsync<T>), options);
  }

  /** As `recvBorrowed`, blocking the thread. */
  recvBorrowedSync(options: Omit<ReceiveOptions, 'signal'> = FOREVER): Borrowed<T> {
    return this.#receiver().takeSync(borrowSync<T>(this.#end.values.useSync<T>), late, options);
  }

  /** Sends bytes as one message, or `size` of them from `offset` on. Throws ValueError for a range outside of them. */
  sendBytes(bytes: ArrayBufferView | ArrayBufferLike, range?: SliceOptions): Promise<void> {
    return attempt(() => {
      const outbox = this.#sender();
      return outbox.put(sliceOf(bytes, range), late);
    });
  }

  /** As `sendBytes`, blocking the thread. */
  sendBytesSync(bytes: ArrayBufferView | ArrayBufferLike, range?: SliceOptions): void {
    const outbox = this.#sender();
    outbox.putSync(sliceOf(bytes, range), late);
  }

  /** The next message as bytes. Rejects as `recv` does, and with OSError for one longer than `maxLength`. */
  recvBytes(options: ReceiveBytesOptions = FOREVER): Promise<Buffer> {
    return attempt(() => this.#take(this.#whole(options.maxLength), options));
  }

  /** As `recvBytes`, blocking the thread. */
  recvBytesSync(options: Omit<ReceiveBytesOptions, 'signal'> = FOREVER): Buffer {
    return this.#receiver().takeSync(this.#whole(options.maxLength), late, options);
  }

  /**
   * Copies the next message into `target` from byte `offset` on, and resolves with its length. Rejects with
   * BufferTooShort, which has the whole message, when it does not fit; with ValueError for an offset outside.
   */
  recvBytesInto(
    target: ArrayBufferView | ArrayBufferLike,
    offset = 0,
    options: ReceiveOptions = FOREVER,
  ): Promise<number> {
    return attempt(() => this.#take(into(target, offset), options));
  }

  /** As `recvBytesInto`, blocking the thread. */
  recvBytesIntoSync(
    target: ArrayBufferView | ArrayBufferLike,
    offset = 0,
    options: Omit<ReceiveOptions, 'signal'> = FOREVER,
  ): number {
    return this.#receiver().takeSync(into(target, offset), late, options);
  }

  /**
   * Whether a receive would not wait: now, or within `timeout` milliseconds (`Infinity`: as long as it takes). Also
   * true at the end, when it would give EOFError. Takes nothing.
   */
  poll(options: ReceiveOptions = {}): Promise<boolean> {
    return attempt(() => {
      this.#receiver();
      return this.#end.ready({ timeout: options.timeout ?? 0, signal: options.signal });
    });
  }

  /** As `poll`, blocking the thread. */
  pollSync(options: Omit<ReceiveOptions, 'signal'> = {}): boolean {
    this.#receiver();
    return this.#end.readySync(deadlineOf({ timeout: options.timeout ?? 0 }));
  }

  /** Gives the end up in this process; as often as you like. What has been sent is still delivered. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    collected.unregister(this);
    this.#end.closed();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#end.outbox?.emptied();
  }

  toString(): string {
    const words = [this.readable && 'readable', this.writable && 'writable', this.closed && 'closed'];
    return `<Connection ${words.filter(word => word !== false).join(' ')}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  /** For `wait`. */
  [WAITABLE](): Readiness {
    this.#receiver();
    return this.#end.readiness;
  }

  /** @internal The pipe's end; connections over sockets are of a subclass, which does not travel. */
  get _end(): PipeEnd {
    if (this.#state === 'closed') throw closedError();
    return this.#end as PipeEnd;
  }

  #sender(): Sending {
    if (this.#state === 'closed') throw closedError();
    if (this.#end.outbox === undefined) throw new OSError('EBADF', 'connection is read-only');
    return this.#end.outbox;
  }

  #receiver(): Receiving {
    if (this.#state === 'closed') throw closedError();
    if (this.#end.inbox === undefined || this.#state === 'unreadable') {
      throw new OSError('EBADF', 'connection is write-only');
    }
    return this.#end.inbox;
  }

  #take<V>(use: UseOwn<V>, options: ReceiveBytesOptions): Promise<V> {
    // The pending wait names this object, so that it is not collected, and the end closed, meanwhile.
    return attempt(() => this.#receiver().take(use, late, options, this));
  }

  #whole(maxLength: number | undefined): UseOwn<Buffer> {
    if (maxLength !== undefined && maxLength < 0) throw new ValueError('negative maxlength');
    return (bytes, start, end, _large, isOwn) => {
      if (maxLength !== undefined && end - start > maxLength) {
        // What was being read is lost, as in Python: who set the limit does not trust the other side.
        if (this.#end.outbox === undefined) this.close();
        else this.#state = 'unreadable';
        throw new OSError('EMSGSIZE', 'bad message length');
      }
      return { value: isOwn === true ? bytes.subarray(start, end) : copyOut(bytes, start, end) };
    };
  }
}

const FOREVER = {} as const;
const late = (): TimeoutError => new TimeoutError('nothing was received in time');

function into(target: ArrayBufferView | ArrayBufferLike, offset: number): Use<number> {
  const view = viewOf(target);
  offsetIn(view, offset);
  return (bytes, start, end) => {
    const length = end - start;
    if (view.length < offset + length) {
      throw new BufferTooShort(
        `the message has ${length} bytes, and the buffer room for ${view.length - offset}`,
        Buffer.from(bytes.subarray(start, end)),
      );
    }
    view.set(bytes.subarray(start, end), offset);
    return { value: length };
  };
}

function attempt<V>(call: () => Promise<V>): Promise<V> {
  try {
    return call();
  } catch (error) {
    return Promise.reject(error as Error);
  }
}

/** A connection that nobody can reach any more is closed. */
const collected = new FinalizationRegistry<ConnectionEnd>(end => end.closed());

registerHandle<Connection>('connection', Connection, {
  reduce: connection => connection._end.send(goesUnderway),
  revive: args => {
    const [segmentId, offset, id, travelled, side, index, number] = args as [
      ...CountedHandle,
      0 | 1,
      Side,
      number,
      number,
    ];
    return new Connection(PipeEnd.arrived([segmentId, offset, id], travelled, side, { index, number }));
  },
});
