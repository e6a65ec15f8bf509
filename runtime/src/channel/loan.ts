import { blockAt, program, type Block } from '../memory/index.js';
import type { Mapping } from '../platform/index.js';
import { WaitPoint } from '../sync/waitPoint.js';
import { discard, mapAlone, rest } from './resting.js';
import { WRITABLE } from './ringLayout.js';
import { SideSegments, type Side } from './sideSegments.js';

/** Address space that may be waiting for the garbage collector: it is free once that has been. */
const MOST_SPACE = 8 * 1024 ** 4;
let space = 0;

/**
 * A side segment in the hands of the user's own code, under a mapping that nothing else uses: when it is given back the
 * mapping becomes zeros, so that who reads on sees no other message. Nobody writes to the segment meanwhile, since its
 * cell is held by this process.
 */
export class Loan {
  readonly #block: Block;
  readonly #cell: number;
  readonly #id: number;
  readonly #byteLength: number;
  readonly #release: () => void;
  readonly #moveAway: (() => Mapping | undefined) | undefined;
  readonly #forget: (() => void) | undefined;
  #isOver = false;

  /** The loan knows the mapping's functions, not its buffer: that would never be collected. */
  private constructor(block: Block, side: Side, { release, moveAway, forget }: Mapping) {
    this.#block = block;
    this.#cell = side.cell;
    this.#id = side.id;
    this.#byteLength = side.segment.byteLength;
    this.#release = release;
    this.#moveAway = moveAway;
    this.#forget = forget;
  }

  /**
   * Maps a segment of the ring at `block` once more. The loan ends with `end`, or when nobody can reach the buffer any
   * more. Undefined when too much has been lent since the garbage collector was here last.
   */
  static make(block: Block, side: Side): { loan: Loan; buffer: ArrayBuffer } | undefined {
    const { path, byteLength } = side.segment;
    if (space + byteLength > MOST_SPACE) return undefined;
    const mapping = mapAlone(side.id, path);
    const loan = new Loan(block, side, mapping);
    space += byteLength;
    keepInPlace(mapping.buffer);
    collected.register(mapping.buffer, loan);
    return { loan, buffer: mapping.buffer };
  }

  /** Gives the segment back; as often as you like. Views of the buffer read zeros from now on. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const moved = this.#moveAway?.();
    if (moved === undefined) this.#release();
    // First the views become zeros, then somebody else may write.
    const isKept = this.#block.segment.isReleased ? this.#giveBackFromOutside() : this.#giveBack(this.#block);
    if (moved !== undefined) (isKept ? rest : discardOf)(this.#id, moved);
  }

  /** As if it had never been made: the segment stays in this process's hand. */
  cancel(): void {
    this.#isOver = true;
    this.#release();
  }

  /** Nobody can reach the buffer: the addresses may be used again. */
  forget(): void {
    this.end();
    this.#forget?.();
    space -= this.#byteLength;
  }

  /** Whether the ring still has the segment. */
  #giveBack(block: Block): boolean {
    if (!new SideSegments(block).giveBackLate(this.#cell, this.#id)) return false;
    new WaitPoint(block, WRITABLE).wake(1);
    return true;
  }

  /** This process has closed the queue or pipe meanwhile; others may still use it, but this one no more. */
  #giveBackFromOutside(): false {
    const { segmentId, offset } = this.#block;
    try {
      this.#giveBack(blockAt(segmentId, offset));
      program().forgetSegment(segmentId);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    return false;
  }
}

const discardOf = (_id: number, mapping: Mapping): void => discard(mapping);

const collected = new FinalizationRegistry<Loan>(loan => loan.forget());

/**
 * A buffer that is transferred leaves its memory to another one, of which nobody would know when it is collected; and
 * Node aborts at its end when foreign memory was moved by `transfer`. `postMessage` and `structuredClone` do not move it.
 */
function keepInPlace(buffer: ArrayBuffer): void {
  for (const name of ['transfer', 'transferToFixedLength']) {
    Object.defineProperty(buffer, name, { value: refuseTransfer });
  }
}

function refuseTransfer(): never {
  throw new TypeError('borrowed memory cannot be transferred: copy it');
}
