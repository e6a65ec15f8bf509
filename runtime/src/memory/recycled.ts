import { failpoint } from './failpoints.js';
import { loadPair, swapPair } from './pairs.js';
import { hasProgram, program } from './program.js';
import type { Segment } from './segment.js';
import { whenShortOfMemory } from './shortage.js';
import { Header } from './tableLayout.js';

/** How much is kept for later at most, in bytes. */
const KEPT_BYTES = 128 * 1024 * 1024;
const PAGE = 4096;

/**
 * Segments that were given back and wait to be used again, for all processes of the program: a place each, in the
 * process table, that holds size in pages and number in one pair, or nothing. Processes go on having them mapped, so a
 * program that makes a queue for every job needs neither new files nor new addresses, and no pages have to be cleared
 * by the system. Whoever swaps a pair for nothing has the segment; a death in between leaks it.
 */
export function keepSegment(id: number): void {
  const pages = program().segment(id).byteLength / PAGE;
  if ((keptPages() + pages) * PAGE <= KEPT_BYTES) {
    const { i64 } = program().table;
    for (let cell = 0; cell < Header.recycledCells; cell++) {
      const at = cellAt(cell);
      if (loadPair(i64, at)[0] !== 0) continue;
      failpoint('keeping');
      if (swapPair(i64, at, [0, 0], [pages, id])) return;
    }
  }
  program().dropSegment(id);
}

/** A kept segment of just this size, its contents what they were; undefined when there is none. */
export function takeKept(byteLength: number): { id: number; segment: Segment } | undefined {
  const { i32, i64 } = program().table;
  const pages = byteLength / PAGE;
  for (let cell = 0; cell < Header.recycledCells; cell++) {
    const at = cellAt(cell);
    if (Atomics.load(i32, at * 2) !== pages) continue;
    const id = Atomics.load(i32, at * 2 + 1);
    if (id === 0 || !swapPair(i64, at, [pages, id], [0, 0])) continue;
    failpoint('taken');
    return { id, segment: program().segment(id) };
  }
  return undefined;
}

/** Drops all of them; false when there were none. */
function dropKept(): boolean {
  if (!hasProgram()) return false;
  const { i64 } = program().table;
  let dropped = false;
  for (let cell = 0; cell < Header.recycledCells; cell++) {
    const at = cellAt(cell);
    const seen = loadPair(i64, at);
    if (seen[0] === 0 || !swapPair(i64, at, seen, [0, 0])) continue;
    program().dropSegment(seen[1]);
    dropped = true;
  }
  return dropped;
}

whenShortOfMemory(dropKept);

function keptPages(): number {
  const { i32 } = program().table;
  let pages = 0;
  for (let cell = 0; cell < Header.recycledCells; cell++) pages += Atomics.load(i32, cellAt(cell) * 2);
  return pages;
}

const cellAt = (cell: number): number => Header.recycledCell0 / 2 + cell;
