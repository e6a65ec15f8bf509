import { layout, ownerWord, program, type Block } from '../memory/index.js';
import { Mutex } from '../sync/mutex.js';

/** Words of one registry, from its first. */
const LOCK = 0;
/** Counts changes, so that who has looked once need not look again. */
const VERSION = 1;
const NEXT_TICKET = 2;
/** Tickets beyond those there is room for: they can be settled, and are not looked after. */
const EXTRA_TICKETS = 3;
const BITMAP = 16;
const BITMAP_WORDS = layout.SLOT_COUNT / 32;
const TICKETS = BITMAP + BITMAP_WORDS;
const TICKET_COUNT = 16;
/** Generations of the holders, 16 bits each. */
const GENERATIONS = TICKETS + TICKET_COUNT * 2;

/** A ticket's owner once its message is on its way to whoever reads it. */
const UNDERWAY = -1;

/** A reference to the end that is on its way to a process: it holds the end until it has arrived. */
export interface Ticket {
  readonly index: number;
  readonly number: number;
}

/**
 * Who has one end of a pipe open: a bit for each process, and a ticket for each reference on its way to one. Changed
 * behind a lock, read without it. Processes that died are dropped by `sweep`.
 */
export class Holders {
  static readonly WORDS = GENERATIONS + layout.SLOT_COUNT / 2;
  readonly #i32: Int32Array;
  readonly #at: number;
  readonly #lock: Mutex;
  #seenVersion = -1;
  #seen = true;

  constructor(block: Block, word: number) {
    this.#i32 = block.segment.i32;
    this.#at = block.word + word;
    this.#lock = new Mutex(block, word + LOCK);
  }

  /** Whether anybody has the end open, as far as is known. */
  get any(): boolean {
    const version = Atomics.load(this.#i32, this.#at + VERSION);
    if (version !== this.#seenVersion) {
      this.#seen = this.#look();
      this.#seenVersion = version;
    }
    return this.#seen;
  }

  /** This process has it open. */
  add(): void {
    const { slot, generation } = program();
    this.#change(() => {
      const word = this.#at + GENERATIONS + (slot >> 1);
      const shift = (slot & 1) << 4;
      this.#i32[word] = ((this.#i32[word] ?? 0) & ~(0xffff << shift)) | (generation << shift);
      Atomics.or(this.#i32, this.#bitmapWord(slot), 1 << (slot & 31));
    });
  }

  /** This process has it open no more. */
  remove(): void {
    this.#change(() => this.#clear(program().slot));
  }

  /** A reference is about to be sent. It holds the end as long as this process lives, until told otherwise. */
  issue(): Ticket {
    let ticket: Ticket = { index: -1, number: 0 };
    this.#change(() => {
      const number = Atomics.add(this.#i32, this.#at + NEXT_TICKET, 1) + 1;
      for (let index = 0; index < TICKET_COUNT; index++) {
        const at = this.#ticketWord(index);
        if (this.#i32[at] !== 0) continue;
        this.#i32[at + 1] = program().me;
        Atomics.store(this.#i32, at, number);
        ticket = { index, number };
        return;
      }
      Atomics.add(this.#i32, this.#at + EXTRA_TICKETS, 1);
    });
    return ticket;
  }

  /** The reference is in a queue or pipe (no `owner`), or on its way to one process: it lives as long as that does. */
  assign({ index, number }: Ticket, owner = UNDERWAY): void {
    if (index < 0) return;
    this.#change(() => {
      const at = this.#ticketWord(index);
      if (this.#i32[at] === number) this.#i32[at + 1] = owner;
    });
  }

  /** The reference has arrived, or will never be sent. */
  settle({ index, number }: Ticket): void {
    this.#change(() => {
      if (index < 0) Atomics.sub(this.#i32, this.#at + EXTRA_TICKETS, 1);
      else Atomics.compareExchange(this.#i32, this.#ticketWord(index), number, 0);
    });
  }

  /** Drops the dead; true when there were any. A few microseconds for each holder. */
  sweep(): boolean {
    let found = false;
    this.#lock.lock();
    try {
      for (let slot = 0; slot < layout.SLOT_COUNT; slot++) {
        const bits = this.#i32[this.#bitmapWord(slot)] ?? 0;
        if (bits === 0) slot |= 31;
        else if ((bits & (1 << (slot & 31))) !== 0 && program().isDead(this.#owner(slot))) {
          this.#clear(slot);
          found = true;
        }
      }
      for (let index = 0; index < TICKET_COUNT; index++) {
        const at = this.#ticketWord(index);
        const owner = this.#i32[at + 1] ?? 0;
        if (this.#i32[at] === 0 || owner === UNDERWAY || !program().isDead(owner)) continue;
        Atomics.store(this.#i32, at, 0);
        found = true;
      }
      // Also when none was found: one may have died between its change and the step that tells of it.
      Atomics.add(this.#i32, this.#at + VERSION, 1);
    } finally {
      this.#lock.unlock();
    }
    return found;
  }

  /** The version moves only once the change is complete: a look in between is made again. */
  #change(change: () => void): void {
    this.#lock.lock();
    try {
      change();
      Atomics.add(this.#i32, this.#at + VERSION, 1);
    } finally {
      this.#lock.unlock();
    }
  }

  #look(): boolean {
    const i32 = this.#i32;
    for (let at = this.#at + BITMAP; at < this.#at + TICKETS; at++) if (Atomics.load(i32, at) !== 0) return true;
    for (let index = 0; index < TICKET_COUNT; index++)
      if (Atomics.load(i32, this.#ticketWord(index)) !== 0) return true;
    return Atomics.load(i32, this.#at + EXTRA_TICKETS) > 0;
  }

  #clear(slot: number): void {
    Atomics.and(this.#i32, this.#bitmapWord(slot), ~(1 << (slot & 31)));
  }

  #owner(slot: number): number {
    const word = this.#i32[this.#at + GENERATIONS + (slot >> 1)] ?? 0;
    return ownerWord(slot, (word >>> ((slot & 1) << 4)) & 0xffff);
  }

  #bitmapWord(slot: number): number {
    return this.#at + BITMAP + (slot >> 5);
  }

  #ticketWord(index: number): number {
    return this.#at + TICKETS + index * 2;
  }
}
