import {
  allocate,
  blockAt,
  createCounted,
  free,
  HEADER_WORDS,
  openCounted,
  registerKind,
  type Block,
  type Counted,
  type CountedHandle,
} from '../memory/index.js';
import { Holders } from './holders.js';
import { Ring } from './ring.js';
import { mayGiveUp } from './spare.js';

export const CAPACITY = 128 * 1024;

/** An end of a pipe. End 0 reads ring 0, end 1 writes it; a duplex pipe has ring 1 for the other direction. */
export type Side = 0 | 1;

/** Words of the block by which a pipe is known: the segment is written last, 0 for none. */
const IS_DUPLEX = HEADER_WORDS;
const SEGMENT = HEADER_WORDS + 1;
const WORDS = HEADER_WORDS + 2;
const KIND = 0x4d43_0014;

/** Words of the segment: who holds which end, then one ring a direction. */
const HOLDERS = [0, align(Holders.WORDS)] as const;
const RINGS_START = align(HOLDERS[1] + Holders.WORDS) * 4;
const ringStart = (ring: Side): number => RINGS_START + ring * Ring.bytes(CAPACITY);
const bytesOf = (isDuplex: boolean): number => ringStart(isDuplex ? 1 : 0) + Ring.bytes(CAPACITY);

/**
 * A pipe's memory: a small block that counts which processes and messages have it, of whichever end, and a segment
 * that is used again when nobody has. Who has which end *open* is another question: see `Holders`.
 */
export class PipeMemory {
  readonly counted: Counted;
  readonly isDuplex: boolean;
  readonly #block: Block;

  private constructor(counted: Counted) {
    const { i32 } = counted.segment;
    this.counted = counted;
    this.isDuplex = i32[counted.word + IS_DUPLEX] === 1;
    this.#block = blockAt(i32[counted.word + SEGMENT] ?? 0, 0);
  }

  /** Throws OSError when shared memory is short. */
  static create(isDuplex: boolean): PipeMemory {
    const byteLength = bytesOf(isDuplex);
    const block = allocate(byteLength);
    for (const ring of isDuplex ? ([0, 1] as const) : ([0] as const)) {
      Ring.place(blockAt(block.segmentId, ringStart(ring)), CAPACITY);
    }
    let counted: Counted;
    try {
      counted = createCounted(KIND, WORDS * 4, { behind: byteLength });
    } catch (error) {
      free(block, byteLength);
      throw error;
    }
    const { i32 } = counted.segment;
    i32[counted.word + IS_DUPLEX] = isDuplex ? 1 : 0;
    Atomics.store(i32, counted.word + SEGMENT, block.segmentId);
    return new PipeMemory(counted);
  }

  /** The pipe that another process made. Throws ValueError when nobody has it any more. */
  static open(handle: CountedHandle): PipeMemory {
    return new PipeMemory(openCounted(KIND, handle, { behind: bytesOf(true) }));
  }

  holders(side: Side): Holders {
    return new Holders(this.#block, HOLDERS[side]);
  }

  ring(ring: Side): Ring {
    const attached = Ring.attach(this.#block.segmentId, ringStart(ring));
    mayGiveUp(attached, this.counted);
    return attached;
  }
}

registerKind(KIND, 'pipe', block => {
  const { i32 } = block.segment;
  const segmentId = i32[block.word + SEGMENT] ?? 0;
  if (segmentId === 0) return;
  const isDuplex = i32[block.word + IS_DUPLEX] === 1;
  for (const ring of isDuplex ? ([0, 1] as const) : ([0] as const)) {
    Ring.attach(segmentId, ringStart(ring)).destroySides();
  }
  free(blockAt(segmentId, 0), bytesOf(isDuplex));
});

function align(words: number): number {
  return Math.ceil(words / 16) * 16;
}
