import { BLOCK_AT, type Code } from './code.js';
import type { State } from './world.js';

/** A message says who wrote it and which it is, in each of its three words, so that a torn one shows. */
export function message(writer: number, number: number): Uint8Array {
  const name = writer * 100 + number;
  return new Uint8Array(Int32Array.of(name, ~name, name + TWIST).buffer);
}
const TWIST = 0x5a5a_0000;
const TORN = -1;

const nameOf = (first: number, second: number, third: number): number =>
  second === ~first && third === first + TWIST ? first : TORN;

/** What a reader makes of a message. */
export function read(bytes: Buffer, start: number, end: number): number {
  return end - start !== 12
    ? TORN
    : nameOf(bytes.readInt32LE(start), bytes.readInt32LE(start + 4), bytes.readInt32LE(start + 8));
}

/** What must be true of a ring whose block starts at the test's block, whatever anybody has just done. */
export function ringWatch(layout: Code['ringLayout'], capacity: number) {
  const { RecordKind, RECORD_HEADER } = layout;
  /** Header, three words, padding. */
  const RECORD = RECORD_HEADER + 16;

  const word = (state: State, at: number): number => state.words[BLOCK_AT + at] ?? 0;

  function count(state: State, position: number, pairs: number): number | undefined {
    const at = [pairs, pairs + 2].find(pair => word(state, pair) === word(state, position));
    return at === undefined ? undefined : word(state, at + 1);
  }

  /** The messages in the ring, or what is wrong with it. */
  function content(state: State): number[] | string {
    const tail = word(state, layout.TAIL);
    const names: number[] = [];
    let at = word(state, layout.HEAD);
    if ((tail - at) >>> 0 > capacity) return 'more is in the ring than it holds';
    for (let skipped = false; at !== tail;) {
      const inRing = at & (capacity - 1);
      const record = layout.HEADER_WORDS + (inRing >> 2);
      const kind = word(state, record + 1);
      if (kind === RecordKind.skip && !skipped && inRing !== 0) {
        at = (at + capacity - inRing) | 0;
        skipped = true;
        if (at === tail) return 'a skip without a message behind it';
        continue;
      }
      if (kind !== RecordKind.message || word(state, record) !== 12) return 'something that is no message is published';
      names.push(nameOf(word(state, record + 2), word(state, record + 3), word(state, record + 4)));
      at = (at + RECORD) | 0;
      skipped = false;
    }
    return names;
  }

  /** Who took what: each list in the order in which that reader took them. */
  const taken = (state: State): readonly (readonly number[])[] => state.processes.map(({ notes }) => notes);

  function invariant(readers: readonly number[], maxDepth = Infinity) {
    return (state: State, isOver: boolean): string | undefined => {
      const inside = content(state);
      if (typeof inside === 'string') return inside;
      const written = count(state, layout.TAIL, layout.TAIL_COUNTS);
      const read = count(state, layout.HEAD, layout.HEAD_COUNTS);
      if (written === undefined || read === undefined) return 'a position has no count';
      if (written - read !== inside.length) return `${inside.length} in the ring, but the depth is ${written - read}`;
      if (inside.length > maxDepth) return 'more messages than its bound';
      const all = [...taken(state).flat(), ...inside];
      if (all.includes(TORN)) return 'a torn message';
      if (new Set(all).size !== all.length) return 'a message is there twice';
      for (const each of [...taken(state), inside]) if (!inOrder(each)) return 'messages of one writer out of order';
      const inHands = written - all.length;
      const hands = readers.filter(reader => {
        const status = state.processes[reader]?.status;
        return status === 'dead' || (!isOver && status !== 'done');
      });
      if (inHands < 0 || inHands > hands.length) return `${inHands} messages in ${hands.length} hands`;
      const missing = gaps(all);
      return missing > inHands ? `${missing} messages lost` : undefined;
    };
  }

  function hasRoom(state: State): boolean {
    const tail = word(state, layout.TAIL);
    const toEnd = capacity - (tail & (capacity - 1));
    const needed = toEnd < RECORD ? toEnd + RECORD : RECORD;
    return capacity - ((tail - word(state, layout.HEAD)) >>> 0) >= needed;
  }

  /** Readers may wait for ever at an empty ring, and writers at a full one. */
  function excused(readers: readonly number[], maxDepth = Infinity) {
    return (state: State): boolean => {
      const depth = content(state).length;
      const isFull = depth >= maxDepth || !hasRoom(state);
      return state.processes.every(
        ({ status }, process) => status !== 'asleep' || (readers.includes(process) ? depth === 0 : isFull),
      );
    };
  }

  return { invariant, excused };
}

const inOrder = (names: readonly number[]): boolean =>
  names.every((name, i) => names.slice(0, i).every(before => writerOf(before) !== writerOf(name) || before < name));

/** How many are missing below the highest of each writer. */
function gaps(names: readonly number[]): number {
  const highest = new Map<number, number>();
  const seen = new Map<number, number>();
  for (const name of names) {
    const writer = writerOf(name);
    highest.set(writer, Math.max(highest.get(writer) ?? 0, (name % 100) + 1));
    seen.set(writer, (seen.get(writer) ?? 0) + 1);
  }
  return [...highest].reduce((sum, [writer, count]) => sum + count - (seen.get(writer) ?? 0), 0);
}

const writerOf = (name: number): number => Math.floor(name / 100);
