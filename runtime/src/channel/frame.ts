import { OSError } from '../errors.js';
import { DATA_START, LARGEST_SIDE, type Side } from './sideSegments.js';

/**
 * How a large message lies in its side segments: the first one begins with three numbers (where the encoder's bytes
 * start and end, how many buffers there are), then three for each buffer (which of the message's segments, where it
 * starts, how long it is), then the encoder's bytes, then the buffers, each at a multiple of 64.
 */
const NUMBERS = DATA_START / 8;
const FIRST_PLACE = NUMBERS + 3;
const PLACE_NUMBERS = 3;
const ALIGNMENT = 64;

/** Where one buffer lies. */
interface Place {
  readonly segment: number;
  readonly start: number;
}

/** Where everything of a message will lie, and how long each of its segments has to be. */
export interface Plan {
  readonly start: number;
  readonly places: readonly Place[];
  readonly lengths: readonly number[];
}

/** Throws OSError (`EFBIG`) when one piece is too large for a segment. */
export function planFrame(length: number, parts: readonly Uint8Array[]): Plan {
  const start = align(DATA_START + 8 * (3 + parts.length * PLACE_NUMBERS));
  let end = start + length;
  if (end > LARGEST_SIDE) tooLarge(length);
  const lengths: number[] = [];
  const places: Place[] = [];
  for (const part of parts) {
    if (DATA_START + part.length > LARGEST_SIDE) tooLarge(part.length);
    if (align(end) + part.length > LARGEST_SIDE) {
      lengths.push(end);
      end = DATA_START;
    }
    places.push({ segment: lengths.length, start: align(end) });
    end = align(end) + part.length;
  }
  lengths.push(end);
  return { start, places, lengths };
}

/** Copies a message into the segments it was planned for. */
export function writeFrame(
  plan: Plan,
  sides: readonly Side[],
  bytes: Uint8Array,
  start: number,
  end: number,
  parts: readonly Uint8Array[],
): void {
  const first = sideOf(sides, 0).segment;
  first.f64[NUMBERS] = plan.start;
  first.f64[NUMBERS + 1] = plan.start + end - start;
  first.f64[NUMBERS + 2] = parts.length;
  first.u8.set(bytes.subarray(start, end), plan.start);
  plan.places.forEach((place, index) => {
    const part = parts[index] as Uint8Array; // one place a part
    first.f64.set([place.segment, place.start, part.length], FIRST_PLACE + index * PLACE_NUMBERS);
    sideOf(sides, place.segment).segment.u8.set(part, place.start);
  });
}

/** What a reader finds in the segments of a message. Throws OSError (`EIO`) for what cannot be one. */
export class Frame {
  readonly start: number;
  readonly end: number;
  readonly count: number;
  readonly #sides: readonly Side[];

  constructor(sides: readonly Side[]) {
    this.#sides = sides;
    const { f64, byteLength } = sideOf(sides, 0).segment;
    this.start = f64[NUMBERS] ?? -1;
    this.end = f64[NUMBERS + 1] ?? -1;
    this.count = f64[NUMBERS + 2] ?? -1;
    const room = Math.floor((byteLength - DATA_START) / 8 / PLACE_NUMBERS) - 1;
    if (!isRange(this.start, this.end, byteLength) || !(this.count >= 0 && this.count <= room)) damaged();
  }

  /** Which of the message's segments a buffer is in, and its bytes there. */
  place(index: number): { segment: number; start: number; length: number } {
    const at = FIRST_PLACE + index * PLACE_NUMBERS;
    if (!(index < this.count)) damaged();
    const { f64 } = sideOf(this.#sides, 0).segment;
    const [segment, start, length] = [f64[at] ?? -1, f64[at + 1] ?? -1, f64[at + 2] ?? -1];
    if (!isRange(start, start + length, sideOf(this.#sides, segment).segment.byteLength)) damaged();
    return { segment, start, length };
  }
}

const isRange = (start: number, end: number, size: number): boolean =>
  Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= DATA_START && start <= end && end <= size;

const sideOf = (sides: readonly Side[], index: number): Side => sides[index] ?? damaged();

const align = (at: number): number => Math.ceil(at / ALIGNMENT) * ALIGNMENT;

function tooLarge(length: number): never {
  throw new OSError(
    'EFBIG',
    `one buffer of ${length} bytes cannot be sent: ${LARGEST_SIDE - 4096} bytes are the most (just below 4 GiB). Send it in parts.`,
  );
}

export function damaged(): never {
  throw new OSError('EIO', 'a queue or pipe is damaged: its shared memory holds no message where one should start');
}
