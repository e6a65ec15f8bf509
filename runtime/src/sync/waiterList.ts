import { instant } from '../clock.js';
import { allocate, blockAt, free, OWNER_MASK, program, type Block, type OwnerWord } from '../memory/index.js';
import { platform } from '../platform/index.js';
import * as doorbell from './doorbell.js';
import { LoopPlace } from './loopPlace.js';
import { waitInLoop } from './loopWait.js';
import { mayBlockFor } from './meanwhile.js';
import { Spin } from './spin.js';
import type { WaitSubject } from './wait.js';

/** Words of a chunk: where the next one is (its segment is written last, 0 for none), then cells of two words. */
const NEXT_SEGMENT = 0;
const NEXT_OFFSET = 1;
const CELLS = 2;
const CELLS_A_CHUNK = 30;
const CELL_WORDS = 2;

const CHUNK_BYTES = (CELLS + CELLS_A_CHUNK * CELL_WORDS) * 4;

/** Words of the list itself. */
const LAST_TICKET = 0;
const NOTIFICATIONS = 1;
const FIRST_CHUNK = 2;

/** A cell's first word: 0 when free, else its waiter's process and these flags. Its second word is its ticket. */
const NOTIFIED = 1 << 30;
const SLEEPS = 1 << 29;
const LONGEST_SLICE = 100;

/**
 * Waiters one by one, in the order in which they came: whoever notifies picks exactly the ones it wakes, skips those
 * who have died, and nobody who gave up takes a notification with him. A list in shared memory that only grows.
 * `enter` and `notify` are called under the lock of whoever owns the list; a waiter leaves without it.
 */
export class WaiterList {
  /** Words in the owner's block: the last ticket, a count of notifications, then the first chunk. */
  static readonly WORDS = FIRST_CHUNK + CELLS + CELLS_A_CHUNK * CELL_WORDS;
  /** Where its waiters wait in the event loop. A waiter's cell is what tells of it: there is nothing to register. */
  readonly place = new LoopPlace({ register: () => false, changed: () => this.#isNews() });
  readonly #block: Block;
  readonly #at: number;
  readonly #spin = new Spin();
  /** The cells of the chunks read so far, and the last of these chunks: a list only grows. */
  readonly #known: CellPlace[] = [];
  #last: Chunk | undefined;
  /** Where to look for a free cell first: behind the one found last, since a full list is full in front. */
  #next = 0;
  #seen = 0;

  constructor(block: Block, word: number) {
    this.#block = block;
    this.#at = block.word + word;
  }

  /** Puts this process in; `sleeps` when it is going to block its thread. */
  enter(sleeps: boolean): WaiterCell {
    const mine = program().me | (sleeps ? SLEEPS : 0);
    const cell = this.#freeCell();
    const ticket = Atomics.add(this.#block.segment.i32, this.#at + LAST_TICKET, 1) + 1;
    Atomics.store(cell.i32, cell.at + 1, ticket);
    Atomics.store(cell.i32, cell.at, mine);
    return new WaiterCell(this, cell, mine, this.#spin);
  }

  /** Wakes the `count` living waiters that came first (fewer when there are fewer). */
  notify(count: number): void {
    const waiting = this.#cells()
      .map(cell => ({ cell, state: Atomics.load(cell.i32, cell.at), ticket: Atomics.load(cell.i32, cell.at + 1) }))
      .filter(({ state }) => isWaiting(state))
      .sort((a, b) => (a.ticket - b.ticket) | 0);
    let woken = 0;
    for (const { cell, state } of waiting) {
      if (woken >= count) return;
      if (program().isDead(state & OWNER_MASK)) {
        Atomics.compareExchange(cell.i32, cell.at, state, 0);
      } else if (Atomics.compareExchange(cell.i32, cell.at, state, state | NOTIFIED) === state) {
        woken++;
        if ((state & SLEEPS) !== 0) platform().wakeWord(cell.address, 1);
        else this.#ring(state);
      }
    }
  }

  /** What the dead were notified of and had not heard yet goes to those who came next. Needs no lock. */
  passOn(): void {
    for (const { i32, at } of this.#cells()) {
      const state = Atomics.load(i32, at);
      if ((state & NOTIFIED) === 0 || !program().isDead(state & OWNER_MASK)) continue;
      if (Atomics.compareExchange(i32, at, state, 0) === state) this.notify(1);
    }
  }

  /** How many wait and have not been notified. */
  size(): number {
    let size = 0;
    for (const cell of this.#cells()) if (isWaiting(Atomics.load(cell.i32, cell.at))) size++;
    return size;
  }

  /** Gives back what the list has grown by. Nobody may use it any more. */
  destroy(): void {
    const grown: Block[] = [];
    for (let chunk = this.#following(this.#firstChunk()); chunk !== undefined; chunk = this.#following(chunk)) {
      grown.push(chunk.block);
    }
    for (const block of grown) free(block, CHUNK_BYTES);
  }

  /** The count is moved before the bell is tried: who finds the bell not armed looks at the count once it is. */
  #ring(state: number): void {
    Atomics.add(this.#block.segment.i32, this.#at + NOTIFICATIONS, 1);
    doorbell.ring(slotOf(state));
  }

  #isNews(): boolean {
    const before = this.#seen;
    this.#seen = Atomics.load(this.#block.segment.i32, this.#at + NOTIFICATIONS);
    return this.#seen !== before;
  }

  #freeCell(): CellPlace {
    const free = this.#find(state => state === 0);
    if (free !== undefined) return free;
    this.passOn();
    return this.#find(state => state === 0 || program().isDead(state & OWNER_MASK)) ?? this.#grow();
  }

  #find(fits: (state: number) => boolean): CellPlace | undefined {
    const cells = this.#cells();
    for (let tried = 0; tried < cells.length; tried++) {
      const index = (this.#next + tried) % cells.length;
      const cell = cells[index];
      if (cell === undefined || !fits(Atomics.load(cell.i32, cell.at))) continue;
      this.#next = index + 1;
      return cell;
    }
    return undefined;
  }

  #grow(): CellPlace {
    const block = allocate(CHUNK_BYTES);
    let last = this.#last ?? this.#firstChunk();
    for (let chunk = this.#following(last); chunk !== undefined; chunk = this.#following(chunk)) last = chunk;
    const { i32 } = last.block.segment;
    Atomics.store(i32, last.at + NEXT_OFFSET, block.offset);
    Atomics.store(i32, last.at + NEXT_SEGMENT, block.segmentId);
    return cellAt(block, block.word, 0);
  }

  #firstChunk(): Chunk {
    return { block: this.#block, at: this.#at + FIRST_CHUNK };
  }

  #following({ block, at }: Chunk): Chunk | undefined {
    const { i32 } = block.segment;
    const segment = Atomics.load(i32, at + NEXT_SEGMENT);
    if (segment === 0) return undefined;
    const next = blockAt(segment, Atomics.load(i32, at + NEXT_OFFSET));
    return { block: next, at: next.word };
  }

  /** Every cell there is, also those in chunks that others have added. */
  #cells(): readonly CellPlace[] {
    let chunk = this.#last === undefined ? this.#firstChunk() : this.#following(this.#last);
    for (; chunk !== undefined; chunk = this.#following(chunk)) {
      for (let index = 0; index < CELLS_A_CHUNK; index++) this.#known.push(cellAt(chunk.block, chunk.at, index));
      this.#last = chunk;
    }
    return this.#known;
  }
}

interface Chunk {
  readonly block: Block;
  readonly at: number;
}

interface CellPlace {
  readonly i32: Int32Array;
  readonly at: number;
  readonly address: number;
}

function cellAt(block: Block, chunk: number, index: number): CellPlace {
  const at = chunk + CELLS + index * CELL_WORDS;
  return { i32: block.segment.i32, at, address: block.segment.address + at * 4 };
}

const isWaiting = (state: number): boolean => state !== 0 && (state & NOTIFIED) === 0;
const slotOf = (owner: OwnerWord): number => (owner & OWNER_MASK) >>> 16;

/** One waiter's place in the list, in use until one of the waits has returned. */
class WaiterCell {
  readonly #list: WaiterList;
  readonly #place: CellPlace;
  readonly #mine: number;
  readonly #spin: Spin;

  constructor(list: WaiterList, place: CellPlace, mine: number, spin: Spin) {
    this.#list = list;
    this.#place = place;
    this.#mine = mine;
    this.#spin = spin;
  }

  /** Waits in the event loop. True when notified, false at the deadline; rejects when aborted. */
  async wait(subject: WaitSubject, deadline: number, signal: AbortSignal | undefined): Promise<boolean> {
    const attempt = (): true | undefined => (this.#isNotified() ? true : undefined);
    const recover = (): void => {
      this.#list.passOn();
    };
    try {
      if (deadline !== 0) await waitInLoop(this.#list.place, { subject, attempt, recover }, deadline, signal);
    } catch (error) {
      if (!this.#leave()) throw error;
      return true;
    }
    return this.#leave();
  }

  /** Blocks the thread. True when notified, false at the deadline. */
  waitSync(deadline: number): boolean {
    if (deadline !== 0) this.#spin.until(() => this.#isNotified() || undefined);
    while (!this.#isNotified()) {
      const left = deadline - instant();
      if (left <= 0) break;
      platform().waitOnWord(this.#place.address, this.#mine, Math.min(left, mayBlockFor(LONGEST_SLICE)));
      if (!this.#isNotified()) this.#list.passOn();
    }
    return this.#leave();
  }

  #isNotified(): boolean {
    return Atomics.load(this.#place.i32, this.#place.at) !== this.#mine;
  }

  /** Frees the cell; true when the notification came first. */
  #leave(): boolean {
    const { i32, at } = this.#place;
    if (Atomics.compareExchange(i32, at, this.#mine, 0) === this.#mine) return false;
    Atomics.store(i32, at, 0);
    return true;
  }
}
