import { EOFError, OSError } from '../errors.js';
import { allocate, blockAt, program, type Block } from '../memory/index.js';
import { Holders } from './holders.js';
import { Inbox } from './inbox.js';
import { toMessage, useAsync, useSync, type Underway } from './messages.js';
import { Outbox } from './outbox.js';
import { Ring } from './ring.js';
import type { ConnectionEnd, Values } from './transport.js';
import type { Readiness } from './waitable.js';

const CAPACITY = 128 * 1024;

/** Words of a pipe's segment: what it is, who holds which end, then one ring a direction. */
const ID = 0;
const IS_DUPLEX = 1;
const REMOVED = 2;
const HOLDERS = [16, align(16 + Holders.WORDS)] as const;
const RINGS_START = align(HOLDERS[1] + Holders.WORDS) * 4;
const ringStart = (ring: Side): number => RINGS_START + ring * Ring.bytes(CAPACITY);

/** An end of a pipe. End 0 reads ring 0, end 1 writes it; a duplex pipe has ring 1 for the other direction. */
export type Side = 0 | 1;

/** One end of a pipe in this process, shared by all its Connection objects here. */
export class PipeEnd implements ConnectionEnd {
  readonly values: Values = VALUES;
  readonly side: Side;
  readonly segmentId: number;
  readonly id: number;
  readonly inbox: Inbox | undefined;
  readonly outbox: Outbox | undefined;
  readonly #block: Block;
  readonly #holders: Holders;
  readonly #peers: Holders;
  readonly #incoming: Ring | undefined;
  readonly #outgoing: Ring | undefined;
  /** Connection objects of this process that are open. */
  #open = 0;
  #sends = 0;
  /** Ends the waits of those who only look. */
  readonly #lookers = new Set<(reason: Error) => void>();

  private constructor(block: Block, side: Side) {
    const { i32 } = block.segment;
    const isDuplex = i32[IS_DUPLEX] === 1;
    this.side = side;
    this.segmentId = block.segmentId;
    this.id = i32[ID] ?? 0;
    this.#block = block;
    this.#holders = new Holders(block, HOLDERS[side]);
    this.#peers = new Holders(block, HOLDERS[other(side)]);
    const ring = (index: Side): Ring => Ring.attach(block.segmentId, ringStart(index));
    this.#incoming = isDuplex || side === 0 ? ring(side) : undefined;
    this.#outgoing = isDuplex || side === 1 ? ring(other(side)) : undefined;
    const subject = { kind: 'connection', object: this.id } as const;
    const recover = (): void => this.#recover();
    if (this.#incoming !== undefined) this.inbox = new Inbox(this.#incoming, subject, () => this.#atEnd(), recover);
    if (this.#outgoing !== undefined) {
      this.outbox = new Outbox(this.#outgoing, {
        subject,
        maxDepth: Infinity,
        keeps: false,
        meetsFrom: CAPACITY,
        binds: () => true,
        refuse: () => this.#refuse(),
        recover,
      });
    }
  }

  /** Both ends of a new pipe. Throws OSError when shared memory is short. */
  static makePair(isDuplex: boolean): [PipeEnd, PipeEnd] {
    const block = allocate(ringStart(isDuplex ? 1 : 0) + Ring.bytes(CAPACITY));
    block.segment.i32[ID] = program().nextObjectId();
    block.segment.i32[IS_DUPLEX] = isDuplex ? 1 : 0;
    for (const index of isDuplex ? ([0, 1] as const) : ([0] as const)) {
      Ring.place(blockAt(block.segmentId, ringStart(index)), CAPACITY);
    }
    const pair: [PipeEnd, PipeEnd] = [PipeEnd.#at(block, 0), PipeEnd.#at(block, 1)];
    for (const end of pair) end.#opened();
    return pair;
  }

  /** The end that came in a message, with what held it meanwhile. */
  static arrived(segmentId: number, side: Side, index: number, number: number): PipeEnd {
    const end = ends.get(keyOf(segmentId, side)) ?? PipeEnd.#at(blockAt(segmentId, 0), side);
    end.#opened();
    end.#holders.settle({ index, number });
    return end;
  }

  static #at(block: Block, side: Side): PipeEnd {
    const end = new PipeEnd(block, side);
    ends.set(keyOf(block.segmentId, side), end);
    users.set(block.segmentId, (users.get(block.segmentId) ?? 0) + 1);
    watchExit();
    return end;
  }

  /** One more Connection object of this process has it open. */
  #opened(): void {
    if (this.#open++ === 0) this.#holders.add();
  }

  /** A Connection object has closed it. What was sent before is still delivered before the other side sees the end. */
  closed(): void {
    if (--this.#open > 0) return;
    if (ends.get(this.#key) === this) ends.delete(this.#key);
    this.inbox?.fail(closedError);
    for (const stop of this.#lookers) stop(closedError());
    const { outbox } = this;
    if (outbox === undefined || outbox.isIdle) this.#leave();
    else void outbox.emptied().then(() => this.#leave());
  }

  /** A reference to it is about to be sent; returns what the message has to say. */
  send(underway: (reference: Underway) => void): readonly [number, Side, number, number] {
    const ticket = this.#holders.issue();
    underway({
      sent: isWritten => (isWritten ? this.#holders.assign(ticket) : this.#holders.settle(ticket)),
      boundFor: owner => this.#holders.assign(ticket, owner),
    });
    return [this.segmentId, this.side, ticket.index, ticket.number];
  }

  /** Whether a receive would not wait: there is a message, or there will never be one. */
  isReady(): boolean {
    return this.#incoming?.isEmpty === false || !this.#peers.any;
  }

  /** As `isReady`, for who looks once: nobody else would find out for it that the other side has died. */
  isReadyNow(): boolean {
    if (this.isReady()) return true;
    this.#peers.sweep();
    return this.isReady();
  }

  /** Waits until `isReady`; false at the deadline. Takes nothing. */
  async ready(options: { timeout?: number | undefined; signal?: AbortSignal | undefined }): Promise<boolean> {
    const { timeout, signal } = options;
    signal?.throwIfAborted();
    if (this.isReadyNow()) return true;
    const stop = new AbortController();
    const end = (reason: unknown): void => stop.abort(reason);
    const onAbort = (): void => end(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#lookers.add(end);
    try {
      const ready = await this.#incoming?.readable.wait(this.#look(), { timeout, signal: stop.signal });
      this.#passOn();
      return ready ?? false;
    } finally {
      this.#lookers.delete(end);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** For `wait`. */
  get readiness(): Readiness {
    return {
      what: 'a Connection of a pipe',
      needsLoop: false,
      isReady: () => this.isReadyNow(),
      waitSync: deadline => this.readySync(deadline),
      watch: (changed, failed) => {
        const stop = new AbortController();
        const watch = async (): Promise<void> => {
          while (!stop.signal.aborted) {
            await this.ready({ signal: stop.signal });
            changed();
          }
        };
        watch().catch((error: unknown) => {
          if (!stop.signal.aborted) failed(error as Error);
        });
        return () => stop.abort();
      },
    };
  }

  readySync(deadline: number): boolean {
    if (this.isReadyNow()) return true;
    const ready = this.#incoming?.readable.waitSync(this.#look(), deadline) ?? false;
    this.#passOn();
    return ready;
  }

  /** The process ends: the other side need not find out by itself. */
  abandon(): void {
    this.#holders.remove();
    this.#tellPeers();
  }

  #look(): {
    subject: { kind: 'connection'; object: number };
    attempt: () => true | undefined;
    recover: () => void;
  } {
    return {
      subject: { kind: 'connection', object: this.id },
      attempt: () => this.isReady() || undefined,
      recover: () => this.#recover(),
    };
  }

  /** Who only looked may have been woken in place of somebody who would take the message. */
  #passOn(): void {
    if (this.#incoming?.isEmpty === false) this.#incoming.readable.wake(1);
  }

  #atEnd(): EOFError | undefined {
    return this.#peers.any
      ? undefined
      : new EOFError('the other end of the pipe is closed and all it sent has been read');
  }

  #refuse(): OSError | undefined {
    // Who sends without ever having to wait would not notice a death.
    if ((++this.#sends & 63) === 0) this.#peers.sweep();
    return this.#peers.any ? undefined : new OSError('EPIPE', 'Broken pipe: the other end is closed');
  }

  #recover(): void {
    this.#peers.sweep();
  }

  #leave(): void {
    const isLast = letGo(this.segmentId);
    // A reference may have arrived since: then this process still has the end open, by another object.
    if (ends.has(this.#key)) return;
    this.#holders.remove();
    this.#tellPeers();
    if (this.#isUnheld()) this.#removeMemory();
    else if (isLast) program().forgetSegment(this.segmentId);
  }

  #tellPeers(): void {
    if (this.#holders.any) return;
    this.#outgoing?.readable.wake(Infinity);
    this.#incoming?.writable.wake(Infinity);
  }

  #isUnheld(): boolean {
    if (this.#holders.any || this.#peers.any) {
      this.#holders.sweep();
      this.#peers.sweep();
    }
    return !this.#holders.any && !this.#peers.any;
  }

  /** The memory goes when nobody has either end; of those who notice at the same time, one removes it. */
  #removeMemory(): void {
    if (Atomics.compareExchange(this.#block.segment.i32, REMOVED, 0, 1) !== 0) {
      program().forgetSegment(this.segmentId);
      return;
    }
    this.#incoming?.destroySides();
    this.#outgoing?.destroySides();
    program().dropSegment(this.segmentId);
  }

  get #key(): number {
    return keyOf(this.segmentId, this.side);
  }
}

const VALUES: Values = { toMessage, useAsync, useSync };

/** How many objects of this process still work on a pipe's memory, open or with something left to deliver. */
const users = new Map<number, number>();

function letGo(segmentId: number): boolean {
  const left = (users.get(segmentId) ?? 1) - 1;
  if (left > 0) users.set(segmentId, left);
  else users.delete(segmentId);
  return left === 0;
}

/** The ends that are open in this process. */
const ends = new Map<number, PipeEnd>();
const keyOf = (segmentId: number, side: Side): number => segmentId * 2 + side;
const other = (side: Side): Side => (side === 0 ? 1 : 0);

export const closedError = (): OSError => new OSError('EBADF', 'handle is closed');

let watching = false;

function watchExit(): void {
  if (watching) return;
  watching = true;
  process.on('exit', () => {
    for (const end of ends.values()) end.abandon();
  });
}

function align(words: number): number {
  return Math.ceil(words / 16) * 16;
}
