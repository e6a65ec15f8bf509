import { DEFAULT_MAX_BYTES, DEFAULT_MAX_DEPTH, NO_CLASS } from './tags.js';
import type { ShapeNode } from './shapes.js';
import type { Reference } from './reference.js';
import { Limit, Refusal } from './refusal.js';

const INITIAL = 64 * 1024;
/** A scratch buffer grown beyond this by one large message is not kept for the small ones that follow. */
const KEPT = 4 * 1024 * 1024;
/** Up to this many objects are told apart by comparison; a Map costs more than that to enter. */
const FEW = 12;

/** One ArrayBuffer met in a message, and the part of it that the views met so far look at. */
export interface SentBuffer {
  readonly buffer: ArrayBuffer;
  low: number;
  high: number;
}

/** The state of one `encode`: scratch bytes, what was met, and what goes into the trailer. */
export class Writer {
  bytes: Buffer;
  view: DataView;
  end: number;
  pos = 0;
  depth = 0;
  maxDepth = DEFAULT_MAX_DEPTH;
  maxBytes = DEFAULT_MAX_BYTES;
  /** The message leaves the program: it may name nothing that only this program's processes share. */
  foreign = false;
  /** An object was met twice, so the decoder has to number objects. */
  shared = false;
  /** Something belongs into the trailer, or a hook is being served. */
  trailer = false;
  readonly shapes: ShapeNode[] = [];
  shapeCount = 0;
  readonly references: Reference[] = [];
  readonly buffers: SentBuffer[] = [];
  /** Objects whose reduce hook is being served: a way back to one of them cannot be rebuilt. */
  readonly reducing: object[] = [];
  readonly #bufferNumbers = new Map<ArrayBuffer, number>();
  #count = 0;
  readonly #few: (object | null)[] = new Array<object | null>(FEW).fill(null);
  #met: Set<object> | null = null;
  #numbers: Map<object, number> | null = null;

  constructor(size = INITIAL) {
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.view = new DataView(this.bytes.buffer);
    this.end = size;
  }

  /** Makes room for `size` more bytes. Callers test `end - pos` themselves: that is the hot path. */
  reserve(size: number): void {
    if (this.end - this.pos >= size) return;
    const needed = this.pos + size;
    if (needed > this.maxBytes + 64) this.tooLarge(needed);
    const bytes = Buffer.allocUnsafeSlow(Math.min(Math.max(this.end * 2, needed + 1024), DEFAULT_MAX_BYTES + 1024));
    this.bytes.copy(bytes, 0, 0, this.pos);
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
    this.end = bytes.length;
  }

  tooLarge(size: number): never {
    throw new Limit(
      `larger than the limit of ${this.maxBytes} bytes (at least ${size} bytes)`,
      '',
      'Send it in parts, or put large data into typed arrays or shared memory.',
    );
  }

  tooDeep(): never {
    throw new Limit(
      `nested more than ${this.maxDepth} levels deep`,
      '',
      'Flatten it, for example a linked list into an array.',
    );
  }

  /** Numbers an object at the first meeting and answers -1; answers its number when met again. */
  track(object: object): number {
    const few = this.#few;
    const count = this.#count;
    if (count <= FEW) {
      for (let i = 0; i < count; i++) if (few[i] === object) return this.#again(object, i);
      if (count < FEW) {
        few[count] = object;
        this.#count = count + 1;
        return -1;
      }
    }
    return this.#trackMany(object);
  }

  /**
   * A Set keeps the order of entry, so as long as nothing is met twice it is all that is needed: one look-up an object.
   * The numbers are filled in at the first repetition.
   */
  #trackMany(object: object): number {
    if (this.#numbers === null) {
      const met = (this.#met ??= new Set(this.#few as object[])); // all FEW places are taken by now
      if (met.add(object).size > this.#count) {
        this.#count++;
        return -1;
      }
      this.#numbers = new Map();
      for (const each of met) this.#numbers.set(each, this.#numbers.size);
    }
    const known = this.#numbers.get(object);
    if (known !== undefined) return this.#again(object, known);
    this.#numbers.set(object, this.#count++);
    return -1;
  }

  #again(object: object, number: number): number {
    if (this.reducing.length > 0 && this.reducing.includes(object)) {
      throw new Refusal('met again inside its own reduce arguments', '', 'Leave the way back out of the arguments.');
    }
    this.shared = true;
    return number;
  }

  /** The number of this function's or class's reference within the message. */
  referenceIndex(reference: Reference): number {
    const known = this.references.indexOf(reference);
    if (known >= 0) return known;
    if (this.references.length >= NO_CLASS) {
      throw new Limit(`the ${NO_CLASS + 1}th function or class in one message`, '', 'Send fewer of them at a time.');
    }
    this.trailer = true;
    return this.references.push(reference) - 1;
  }

  /** Notes that bytes `low` to `high` of the buffer travel; answers the buffer's number within the message. */
  bufferIndex(buffer: ArrayBuffer, low: number, high: number): number {
    const known = this.#bufferNumbers.get(buffer);
    const sent = known === undefined ? undefined : this.buffers[known];
    if (known === undefined || sent === undefined) {
      this.trailer = true;
      this.#bufferNumbers.set(buffer, this.buffers.length);
      return this.buffers.push({ buffer, low, high }) - 1;
    }
    sent.low = Math.min(sent.low, low);
    sent.high = Math.max(sent.high, high);
    return known;
  }

  /** Lets go of everything met, whether the message was finished or not. The bytes stay valid. */
  forget(): void {
    const count = this.#count;
    if (count > 0) {
      const few = this.#few;
      for (let i = count < FEW ? count - 1 : FEW - 1; i >= 0; i--) few[i] = null;
      this.#count = 0;
      if (count > FEW) {
        this.#met = null;
        this.#numbers = null;
      }
    }
    this.shared = false;
    this.depth = 0;
    if (this.trailer) this.#forgetTrailer();
  }

  #forgetTrailer(): void {
    this.trailer = false;
    this.shapeCount = 0;
    if (this.references.length > 0) this.references.length = 0;
    if (this.reducing.length > 0) this.reducing.length = 0;
    if (this.buffers.length > 0) {
      this.buffers.length = 0;
      this.#bufferNumbers.clear();
    }
  }

  /** Called before a message: the previous one's bytes are no longer anybody's. */
  rewind(): void {
    this.pos = 0;
    if (this.end > KEPT) {
      this.bytes = Buffer.allocUnsafeSlow(INITIAL);
      this.view = new DataView(this.bytes.buffer);
      this.end = INITIAL;
    }
  }
}
