import { EOFError, OSError } from '../errors.js';
import { lastly, Rank } from '../lastly.js';
import { arrived, travels, type Counted, type CountedHandle } from '../memory/index.js';
import { whenAborted } from '../sync/aborted.js';
import { breathe } from '../sync/breathing.js';
import { flushOutboxes } from './flushing.js';
import type { Holders, Ticket } from './holders.js';
import { Inbox } from './inbox.js';
import { toMessage, useAsync, useSync, type Underway } from './messages.js';
import { Outbox } from './outbox.js';
import { CAPACITY, PipeMemory, type Side } from './pipeMemory.js';
import type { Ring } from './ring.js';
import type { ConnectionEnd, Values } from './transport.js';
import type { Readiness } from './waitable.js';

/** One end of a pipe in this process, shared by all its Connection objects here. */
export class PipeEnd implements ConnectionEnd {
  readonly values: Values = VALUES;
  readonly side: Side;
  /** The pipe's number. */
  readonly id: number;
  readonly inbox: Inbox | undefined;
  readonly outbox: Outbox | undefined;
  readonly #counted: Counted;
  readonly #holders: Holders;
  readonly #peers: Holders;
  readonly #incoming: Ring | undefined;
  readonly #outgoing: Ring | undefined;
  /** Connection objects of this process that are open. */
  #open = 0;
  #sends = 0;
  #hasKept = false;
  /** Ends the waits of those who only look. */
  readonly #lookers = new Set<(reason: Error) => void>();

  private constructor(memory: PipeMemory, side: Side) {
    this.side = side;
    this.id = memory.counted.id;
    this.#counted = memory.counted;
    this.#holders = memory.holders(side);
    this.#peers = memory.holders(other(side));
    this.#incoming = memory.isDuplex || side === 0 ? memory.ring(side) : undefined;
    this.#outgoing = memory.isDuplex || side === 1 ? memory.ring(other(side)) : undefined;
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
        holding: () => {
          this.#hasKept = true;
        },
      });
    }
  }

  /** Both ends of a new pipe. Throws OSError when shared memory is short. */
  static makePair(isDuplex: boolean): [PipeEnd, PipeEnd] {
    const memory = PipeMemory.create(isDuplex);
    memory.counted.share();
    const pair: [PipeEnd, PipeEnd] = [PipeEnd.#at(memory, 0), PipeEnd.#at(memory, 1)];
    for (const end of pair) end.#opened();
    return pair;
  }

  /** The end that came in a message, with what held it meanwhile: `travelled` is what `travels` gave, the rest a ticket. */
  static arrived(handle: CountedHandle, travelled: unknown, side: Side, ticket: Ticket): PipeEnd {
    const memory = PipeMemory.open(handle);
    const known = ends.get(keyOf(handle[2], side));
    const end = known ?? PipeEnd.#at(memory, side);
    if (known !== undefined) memory.counted.letGo();
    end.#opened();
    end.#holders.settle(ticket);
    arrived(memory.counted, travelled);
    return end;
  }

  static #at(memory: PipeMemory, side: Side): PipeEnd {
    const end = new PipeEnd(memory, side);
    ends.set(end.#key, end);
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
  send(underway: (reference: Underway) => void): readonly [...CountedHandle, 0 | 1, Side, number, number] {
    const travelled = travels(this.#counted);
    const ticket = this.#holders.issue();
    // The message may have been read, and the pipe closed by all, before its sender hears that it was written.
    const shared = travelled === 1 ? this.#counted.share() : undefined;
    underway({
      sent: isWritten => {
        if (isWritten) this.#holders.assign(ticket);
        else this.#holders.settle(ticket);
        shared?.letGo();
      },
      boundFor: owner => this.#holders.assign(ticket, owner),
    });
    return [...this.#counted.handle, travelled, this.side, ticket.index, ticket.number];
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
    if (this.isReadyNow()) return breathe(true);
    const stop = new AbortController();
    const end = (reason: unknown): void => stop.abort(reason);
    const onAbort = (): void => end(signal?.reason);
    const ignoreSignal = whenAborted(signal, onAbort);
    this.#lookers.add(end);
    try {
      const ready = await this.#incoming?.readable.wait(this.#look(), { timeout, signal: stop.signal });
      this.#passOn();
      return ready ?? false;
    } finally {
      this.#lookers.delete(end);
      ignoreSignal();
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
    flushOutboxes();
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
    // A reference may have arrived since: then this process still has the end open, by another object.
    if (!ends.has(this.#key)) {
      this.#holders.remove();
      this.#tellPeers();
    }
    // What has ever waited for room may still listen at the ring: then the memory goes when this is collected.
    if (!this.#hasKept) this.#counted.letGo();
  }

  #tellPeers(): void {
    if (this.#holders.any) return;
    this.#outgoing?.readable.wake(Infinity);
    this.#incoming?.writable.wake(Infinity);
  }

  get #key(): number {
    return keyOf(this.id, this.side);
  }
}

const VALUES: Values = { toMessage, useAsync, useSync };

/** The ends that are open in this process. */
const ends = new Map<number, PipeEnd>();
const keyOf = (id: number, side: Side): number => id * 2 + side;
const other = (side: Side): Side => (side === 0 ? 1 : 0);

export const closedError = (): OSError => new OSError('EBADF', 'handle is closed');

let watching = false;

function watchExit(): void {
  if (watching) return;
  watching = true;
  // Not before: exit handlers and finalizers may send something yet.
  lastly(Rank.abandon, () => {
    for (const end of ends.values()) end.abandon();
  });
}
