import { failpoint } from './failpoints.js';
import { GrowingSegment } from './growingSegment.js';
import { ownerWord, program, slotWord } from './program.js';
import { Slot } from './tableLayout.js';

/** Words of a journal: how many entries have ever been in use, and the entries from `FIRST` on. */
const USED = GrowingSegment.START;
const FIRST = USED + 2;
/** An entry is the segment of what is held, and then, in one word that makes it count, whose it is and where. */
const ENTRY_WORDS = 2;
const UNIT = 64;

/** Something held, as its journal names it. */
export interface Place {
  readonly segmentId: number;
  readonly offset: number;
}

/** The second word of an entry: the holder's generation above, the place in units of 64 bytes below. Never 0. */
const entryWord = (generation: number, offset: number): number => (generation << 16) | (offset / UNIT);

/**
 * What this process holds, in memory that outlives it: one entry a reference. An entry is written after its reference
 * has been counted, and struck out before it is given back, so whatever is in the journal of a dead process is really
 * held, and a death in between leaks.
 */
class Journal {
  readonly #segment: GrowingSegment;
  readonly #generation = program().generation & 0xffff;
  readonly #free: number[] = [];
  #used = 0;

  constructor() {
    const { table, slot } = program();
    const at = slotWord(slot) + Slot.journal_W;
    // The process that had the slot before has left its journal, which has been swept: see `sweepJournal`.
    const inherited = Atomics.load(table.i32, at);
    this.#segment = inherited === 0 ? GrowingSegment.create() : GrowingSegment.open(inherited);
    Atomics.store(table.i32, at, this.#segment.id);
  }

  note({ segmentId, offset }: Place): number {
    const entry = this.#free.pop() ?? this.#next();
    const part = this.#part(entry);
    const index = this.#segment.indexOf(entry);
    part[index] = segmentId;
    Atomics.store(part, index + 1, entryWord(this.#generation, offset));
    return entry;
  }

  strike(entry: number): void {
    Atomics.store(this.#part(entry), this.#segment.indexOf(entry) + 1, 0);
    this.#free.push(entry);
  }

  #part(entry: number): Int32Array {
    return this.#segment.partOf(entry) as Int32Array; // `#next` has seen to it
  }

  #next(): number {
    const head = this.#part(USED);
    for (;;) {
      const entry = FIRST + this.#used * ENTRY_WORDS;
      this.#segment.growTo(entry);
      this.#used++;
      if (Atomics.load(head, USED) < this.#used) Atomics.store(head, USED, this.#used);
      // Somebody may not have finished sweeping the one before.
      if (Atomics.load(this.#part(entry), this.#segment.indexOf(entry) + 1) === 0) return entry;
    }
  }
}

let own: Journal | undefined;

/** Writes down that this process holds a reference; the answer is for `strike`. Throws OSError when memory is short. */
export function note(place: Place): number {
  return (own ??= new Journal()).note(place);
}

/** Strikes an entry out: its reference is about to be given back. */
export function strike(entry: number): void {
  own?.strike(entry);
}

/**
 * Strikes out every entry of a dead holder in the journal of `slot`, and calls `release` for each. Any number of
 * processes may do so at once: whoever strikes an entry out releases it. One that dies in between leaks that reference.
 */
export function sweepJournal(slot: number, release: (place: Place) => void): void {
  const { table } = program();
  const id = Atomics.load(table.i32, slotWord(slot) + Slot.journal_W);
  if (id === 0) return;
  const journal = GrowingSegment.open(id);
  const isDead = deadAt(slot);
  const used = Atomics.load(journal.partOf(USED) ?? NONE, USED);
  for (let i = 0; i < used; i++) {
    const entry = FIRST + i * ENTRY_WORDS;
    const part = journal.partOf(entry);
    if (part === undefined) return;
    const index = journal.indexOf(entry);
    const word = Atomics.load(part, index + 1);
    if (word === 0 || !isDead(word >>> 16)) continue;
    const segmentId = Atomics.load(part, index);
    // The generation is in the word: what the slot's next process writes is never taken for what the last one left.
    if (Atomics.compareExchange(part, index + 1, word, 0) !== word) continue;
    failpoint('swept');
    release({ segmentId, offset: (word & 0xffff) * UNIT });
  }
}

const NONE = new Int32Array(GrowingSegment.START + 1);

/** Whether holders in this slot are dead, each generation asked for once. */
function deadAt(slot: number): (generation: number) => boolean {
  const known = new Map<number, boolean>();
  return generation => {
    let dead = known.get(generation);
    if (dead === undefined) {
      dead = program().isDead(ownerWord(slot, generation));
      known.set(generation, dead);
    }
    return dead;
  };
}
