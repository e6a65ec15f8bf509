import fs from 'node:fs';
import path from 'node:path';
import { instant } from '../clock.js';
import { OSError } from '../errors.js';
import { platform } from '../platform/index.js';
import { Segment } from './segment.js';
import { giveUpReserves } from './shortage.js';
import { Header } from './tableLayout.js';

/** Looks for mapped segments that others have removed are at least so far apart, in milliseconds. */
const LOOK_EVERY = 1000;

/** The segments of a program as one process has them mapped, by their numbers, which are never used twice. */
export class Segments {
  readonly #dir: string;
  readonly #table: Segment;
  readonly #mapped = new Map<number, Segment>();
  #seenRemovals = 0;
  #lastLook = 0;

  constructor(dir: string, table: Segment) {
    this.#dir = dir;
    this.#table = table;
  }

  /** Maps it at first use. Throws OSError or Node's error (`ENOENT`, `EMFILE`, …). */
  open(id: number): Segment {
    let segment = this.#mapped.get(id);
    if (segment === undefined) {
      segment = Segment.open(this.#file(id));
      this.#mapped.set(id, segment);
    }
    return segment;
  }

  mapped(id: number): Segment | undefined {
    return this.#mapped.get(id);
  }

  create(byteLength: number): { id: number; segment: Segment } {
    const id = Atomics.add(this.#table.i32, Header.nextSegment, 1) + 1;
    this.#forgetRemoved();
    const segment = makeFile(this.#file(id), byteLength);
    this.#mapped.set(id, segment);
    return { id, segment };
  }

  drop(id: number): void {
    platform().removeMemory(this.#file(id));
    this.forget(id);
    // Last: who sees that it has moved finds the name gone.
    Atomics.add(this.#table.i32, Header.removals, 1);
  }

  forget(id: number): void {
    this.#mapped.get(id)?.release();
    this.#mapped.delete(id);
  }

  /** Gives all of them back. */
  release(): void {
    for (const segment of this.#mapped.values()) segment.release();
  }

  /** Gives up mappings of segments that other processes have removed: nobody had them any more, so nor did we. */
  #forgetRemoved(): void {
    const removals = Atomics.load(this.#table.i32, Header.removals);
    const now = instant();
    if (removals === this.#seenRemovals || now - this.#lastLook < LOOK_EVERY) return;
    this.#seenRemovals = removals;
    this.#lastLook = now;
    // Somebody has removed the whole folder: what is mapped is all there is.
    if (!fs.existsSync(this.#table.path)) return;
    for (const [id, segment] of this.#mapped) if (!fs.existsSync(segment.path)) this.forget(id);
  }

  #file(id: number): string {
    return path.join(this.#dir, `seg-${id}`);
  }
}

function makeFile(file: string, byteLength: number): Segment {
  try {
    return Segment.create(file, byteLength);
  } catch (error) {
    // Idle memory of our own comes before an error.
    if (!(error instanceof OSError) || error.code !== 'ENOSPC' || !giveUpReserves()) throw error;
    return Segment.create(file, byteLength);
  }
}
