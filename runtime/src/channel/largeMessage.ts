import { damaged, Frame } from './frame.js';
import { Loan } from './loan.js';
import { copyOut } from './receiveMemory.js';
import type { Side, SideSegments } from './sideSegments.js';

/** A large message in a reader's hand: the encoder's bytes, and the buffers that travel beside them. */
export class LargeMessage {
  readonly #sides: SideSegments;
  readonly #segments: readonly Side[];
  readonly #frame: Frame;
  readonly #mayLend: boolean;
  #isLent = false;

  constructor(sides: SideSegments, segments: readonly Side[], mayLend: boolean) {
    this.#sides = sides;
    this.#segments = segments;
    this.#mayLend = mayLend;
    this.#frame = new Frame(segments);
  }

  /** What holds the encoder's bytes, from `start` to `end`. */
  get bytes(): Buffer {
    return this.#segment(0).segment.u8;
  }

  get start(): number {
    return this.#frame.start;
  }

  get end(): number {
    return this.#frame.end;
  }

  /** How many buffers travel beside them. */
  get count(): number {
    return this.#frame.count;
  }

  /** One of the buffers, in memory of this process alone. */
  readonly copy = (index: number): Uint8Array => {
    const { segment, start, length } = this.#frame.place(index);
    return copyOut(this.#segment(segment).segment.u8, start, start + length);
  };

  /** Hands the segments out, if enough others are left: then they are given back when the loan ends, not before. */
  lend(): Lent | undefined {
    if (!this.#mayLend) return undefined;
    const made: { loan: Loan; buffer: ArrayBuffer }[] = [];
    try {
      for (const side of this.#segments) {
        const one = Loan.make(this.#sides.block, side);
        if (one === undefined) break;
        made.push(one);
      }
    } catch {
      // No descriptor or no address space for one more mapping: a copy will do.
    }
    this.#isLent = made.length === this.#segments.length;
    if (this.#isLent) return new Lent(made, this.#frame);
    for (const { loan } of made) loan.cancel();
    return undefined;
  }

  /** The message has been dealt with: gives back what is not lent. Answers whether it was. */
  close(): boolean {
    if (this.#isLent) return false;
    this.#sides.giveBack(this.#segments);
    return true;
  }

  #segment(index: number): Side {
    return this.#segments[index] as Side; // the frame has checked the index
  }
}

/** A message whose segments are lent: its bytes where they lie. */
export class Lent {
  /** The encoder's bytes. */
  readonly bytes: Uint8Array;
  readonly #parts: readonly Uint8Array[];
  readonly #loans: readonly Loan[];

  constructor(made: readonly { loan: Loan; buffer: ArrayBuffer }[], frame: Frame) {
    const view = (segment: number, start: number, length: number): Uint8Array =>
      new Uint8Array((made[segment] as { buffer: ArrayBuffer }).buffer, start, length); // one a segment of the frame
    this.#loans = made.map(({ loan }) => loan);
    this.bytes = view(0, frame.start, frame.end - frame.start);
    this.#parts = Array.from({ length: frame.count }, (_, index) => {
      const { segment, start, length } = frame.place(index);
      return view(segment, start, length);
    });
  }

  readonly part = (index: number): Uint8Array => this.#parts[index] ?? damaged();

  /** Ends the loan. */
  end(): void {
    for (const loan of this.#loans) loan.end();
  }
}
