import { OSError } from '../errors.js';
import { layout, program, whenInProgram, type Segment } from '../memory/index.js';
import { useShapeTable, type ShapeTable } from '../pickle/index.js';
import { Mutex } from '../sync/mutex.js';

const { Header } = layout;

/** Words of the table's segment: a lock for writers, the number of entries, where each entry starts; then the entries. */
const LOCK = 0;
const COUNT = 16;
const STARTS = 32;
const MOST = 4096;
const FIRST_ENTRY = (STARTS + MOST) * 4;
const BYTES = 256 * 1024;
/** A list so long is not worth the room. */
const LONGEST = 4096;
const SHORTAGES: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'ENOMEM', 'EMFILE', 'ENFILE']);

/**
 * The lists of strings (keys of objects, names of functions) that messages inside this program name by a number. An
 * entry is a length and the list as JSON; it is never changed and never goes. Storing the count publishes an entry, so
 * that a process killed before leaves nothing behind.
 */
export class SharedShapes implements ShapeTable {
  #segment: Segment | undefined;
  #lock: Mutex | undefined;
  readonly #lists: (readonly string[])[] = [];
  readonly #ids = new Map<string, number>();

  idOf(strings: readonly string[]): number {
    const text = JSON.stringify(strings);
    try {
      const known = this.#ids.get(text) ?? this.#learn().get(text);
      if (known !== undefined) return known;
      return text.length > LONGEST ? -1 : this.#append(text);
    } catch (error) {
      // The table can be neither made nor mapped just now. The message itself may have room.
      if (SHORTAGES.has((error as NodeJS.ErrnoException).code)) return -1;
      throw error;
    }
  }

  keysOf(id: number): readonly string[] | undefined {
    if (id >= this.#lists.length) this.#learn();
    return this.#lists[id];
  }

  #append(text: string): number {
    const { i32, u8 } = this.#open();
    this.#lock?.lock();
    try {
      const known = this.#learn().get(text);
      if (known !== undefined) return known;
      const id = Atomics.load(i32, COUNT);
      const start = id === 0 ? FIRST_ENTRY : endOf(i32, id - 1);
      const length = Buffer.byteLength(text);
      if (id >= MOST || start + 4 + length > BYTES) return -1;
      u8.write(text, start + 4);
      i32[start >> 2] = length;
      i32[STARTS + id] = start;
      Atomics.store(i32, COUNT, id + 1);
      return this.#learn().get(text) ?? -1;
    } finally {
      this.#lock?.unlock();
    }
  }

  /** Reads what has been entered since this process last looked. */
  #learn(): Map<string, number> {
    const { i32, u8 } = this.#open();
    const count = Atomics.load(i32, COUNT);
    if (count < this.#lists.length || count > MOST) damaged(); // it only grows
    for (let id = this.#lists.length; id < count; id++) {
      const start = i32[STARTS + id] ?? 0;
      const length = i32[start >> 2] ?? 0;
      if (id >= MOST || start < FIRST_ENTRY || length < 0 || start + 4 + length > BYTES) damaged();
      const text = u8.toString('utf8', start + 4, start + 4 + length);
      this.#lists.push(listOf(text));
      this.#ids.set(text, id);
    }
    return this.#ids;
  }

  #open(): Segment {
    if (this.#segment !== undefined) return this.#segment;
    const id = theTable();
    const segment = program().segment(id);
    this.#lock = new Mutex({ segmentId: id, offset: 0, segment, word: 0 }, LOCK);
    return (this.#segment = segment);
  }
}

function listOf(text: string): readonly string[] {
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list) && list.every(each => typeof each === 'string')) return list;
  } catch {
    // No JSON: no entry.
  }
  return damaged();
}

function damaged(): never {
  throw new OSError('EIO', 'the shared table of keys is damaged: it holds no list where one should start');
}

/** Entries start on whole words. */
const endOf = (i32: Int32Array, id: number): number => {
  const start = i32[STARTS + id] ?? 0;
  return (start + 4 + (i32[start >> 2] ?? 0) + 3) & ~3;
};

/** The number of the program's table; whoever needs it first makes it. */
function theTable(): number {
  const { table } = program();
  const known = Atomics.load(table.i32, Header.shapeSegment);
  if (known !== 0) return known;
  const made = program().createSegment(BYTES).id;
  const earlier = Atomics.compareExchange(table.i32, Header.shapeSegment, 0, made);
  if (earlier === 0) return made;
  program().dropSegment(made);
  return earlier;
}

/** From when this process belongs to a program, its messages use the program's table. */
export function shareShapes(): void {
  whenInProgram(() => useShapeTable(new SharedShapes()));
}
