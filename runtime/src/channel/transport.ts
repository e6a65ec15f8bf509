import type { ReceiveBytesOptions, ReceiveOptions } from './connection.js';
import type { Taken, Use } from './inbox.js';
import type { LargeMessage } from './largeMessage.js';
import type { Message } from './message.js';
import type { Readiness } from './waitable.js';

/** As `Use`; with `isOwn` the bytes are nobody else's, and need not be copied to be kept. */
export type UseOwn<T> = (bytes: Buffer, start: number, end: number, large?: LargeMessage, isOwn?: boolean) => Taken<T>;

/** A message on its way out. */
export interface Outgoing extends Message {
  /** Its bytes are nobody else's: they need not be copied. */
  readonly isOwn?: true;
}

/** Where a connection's messages come from: served in the order in which they were asked for. */
export interface Receiving {
  /**
   * The next message, made into a value by `use`; rejects with `late()` at the timeout. What `holder` names is not
   * collected meanwhile. A message longer than `maxLength` need not be there: `use` may be shown its length alone.
   */
  take<T>(use: UseOwn<T>, late: () => Error, options: ReceiveBytesOptions, holder: object): Promise<T>;
  takeSync<T>(use: Use<T>, late: () => Error, options: Omit<ReceiveOptions, 'signal'>): T;
}

/** Where they go: written in the order in which they were put. The bytes are the caller's again when `put` returns. */
export interface Sending {
  put(message: Outgoing, late: () => Error): Promise<void>;
  putSync(message: Message, late: () => Error): void;
  /** Resolves when everything has been delivered, or cannot be any more. */
  emptied(): Promise<void>;
}

/** How values become messages on this kind of connection. */
export interface Values {
  toMessage(value: unknown): Outgoing;
  useAsync<T>(bytes: Buffer, start: number, end: number, large?: LargeMessage): Taken<T>;
  useSync<T>(bytes: Buffer, start: number, end: number, large?: LargeMessage): Taken<T>;
}

/** What a Connection is an end of: a pipe in shared memory, or a socket. */
export interface ConnectionEnd {
  /** Absent when it cannot receive. */
  readonly inbox: Receiving | undefined;
  /** Absent when it cannot send. */
  readonly outbox: Sending | undefined;
  readonly values: Values;
  readonly readiness: Readiness;
  /** Waits until a receive would not wait; false at the timeout. */
  ready(options: ReceiveOptions): Promise<boolean>;
  readySync(deadline: number): boolean;
  /** A Connection object has given it up. */
  closed(): void;
}
