import { allocate, blockAt, free, type Block, type OwnerWord } from '../memory/index.js';
import { Board, BOARD_BYTES, CELLS, INDEX_BITS } from './layout.js';

const INDEX_MASK = (1 << INDEX_BITS) - 1;
/** In the place of an index: nothing of this batch may be started any more. */
const RECALLED = INDEX_MASK;
const FREE = 0;

/** A queued batch's cell holds this: negative, so never an owner word, and different for every batch. */
const queuedWord = (sequence: number): number => -1 - (sequence & 0x3fff_ffff);

/** The progress word names its batch too: a worker late by a whole batch must not move its successor's. */
const progressWord = (sequence: number, index: number): number =>
  ((sequence & 0xf_ffff) << INDEX_BITS) | (index & INDEX_MASK);

/** Names one task of a batch; never 0. */
export const taskWord = (sequence: number, index: number): number => ~progressWord(sequence, index);

/** What the owner of the pool reads in a cell. */
export type Holder = { readonly state: 'queued' } | { readonly state: 'claimed'; readonly by: OwnerWord };

/**
 * The claim board: one cell for each batch that is on its way. A message in the task ring is only a hint; whoever turns
 * the cell from "queued" into its own owner word has the batch, and whoever moves the progress word on may start the
 * next task of it. So the owner can tell who had what when somebody dies, and can take back what nobody has started.
 */
export class ClaimBoard {
  readonly handle: readonly [segmentId: number, offset: number];
  readonly #block: Block;
  readonly #i32: Int32Array;
  readonly #at: number;

  private constructor(block: Block) {
    this.#block = block;
    this.handle = [block.segmentId, block.offset];
    this.#i32 = block.segment.i32;
    this.#at = block.word;
  }

  static create(): ClaimBoard {
    return new ClaimBoard(allocate(BOARD_BYTES));
  }

  static attach(segmentId: number, offset: number): ClaimBoard {
    return new ClaimBoard(blockAt(segmentId, offset));
  }

  destroy(): void {
    free(this.#block, BOARD_BYTES);
  }

  get stopping(): boolean {
    return Atomics.load(this.#i32, this.#at + Board.stop) !== 0;
  }

  stop(): void {
    Atomics.store(this.#i32, this.#at + Board.stop, 1);
  }

  get ownerLooks(): boolean {
    return Atomics.load(this.#i32, this.#at + Board.ownerLooks) !== 0;
  }

  // --- the owner's side

  /** Whoever says false looks once more afterwards: a worker may have seen the true that was there before. */
  setOwnerLooks(looks: boolean): void {
    Atomics.store(this.#i32, this.#at + Board.ownerLooks, looks ? 1 : 0);
  }

  /** Offers a batch in a free cell. Before its message is written. */
  offer(cell: number, sequence: number): void {
    const word = this.#cell(cell);
    Atomics.store(this.#i32, word + 1, progressWord(sequence, 0));
    Atomics.store(this.#i32, word, queuedWord(sequence));
  }

  holder(cell: number): Holder {
    const word = Atomics.load(this.#i32, this.#cell(cell));
    return word > 0 ? { state: 'claimed', by: word } : { state: 'queued' };
  }

  /** Takes a queued batch back whole; false when a worker has claimed it meanwhile. Its message is void from now on. */
  withdraw(cell: number, sequence: number): boolean {
    const queued = queuedWord(sequence);
    return Atomics.compareExchange(this.#i32, this.#cell(cell), queued, FREE) === queued;
  }

  /**
   * Takes back what nobody has started of a batch, and answers how many of its tasks were started before. Only the
   * first call of a batch counts; a later one answers undefined.
   */
  recall(cell: number, sequence: number): number | undefined {
    const index = Atomics.exchange(this.#i32, this.#cell(cell) + 1, progressWord(sequence, RECALLED)) & INDEX_MASK;
    return index === RECALLED ? undefined : index;
  }

  /** How many of the batch's tasks were started; undefined after a recall. */
  started(cell: number): number | undefined {
    const index = Atomics.load(this.#i32, this.#cell(cell) + 1) & INDEX_MASK;
    return index === RECALLED ? undefined : index;
  }

  /** Whether nothing more of the batch may be started. */
  isRecalled(cell: number): boolean {
    return this.started(cell) === undefined;
  }

  // --- a worker's side

  /** Makes the batch this worker's; false when it was taken back, or given to somebody else. */
  claim(cell: number, sequence: number, me: OwnerWord): boolean {
    const queued = queuedWord(sequence);
    return Atomics.compareExchange(this.#i32, this.#cell(cell), queued, me) === queued;
  }

  /** Says that task `index` is started now; false when the rest of the batch was taken back. */
  start(cell: number, sequence: number, index: number): boolean {
    const before = progressWord(sequence, index);
    return (
      Atomics.compareExchange(this.#i32, this.#cell(cell) + 1, before, progressWord(sequence, index + 1)) === before
    );
  }

  #cell(cell: number): number {
    if (cell < 0 || cell >= CELLS) throw new RangeError(`no cell ${cell}`);
    return this.#at + Board.cells + cell * 2;
  }
}
