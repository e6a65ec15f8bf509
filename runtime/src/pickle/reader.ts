import { UnpicklingError } from '../errors.js';
import type { ReadShape } from './read-shapes.js';
import type { Reference } from './reference.js';

/** One buffer of a message: views of it are made at their original offset less `low`, plus `offset`. */
export interface ReceivedBuffer {
  readonly buffer: ArrayBuffer;
  readonly offset: number;
  readonly low: number;
  readonly length: number;
}

const NO_BYTES = Buffer.alloc(0);
const NO_VIEW = new DataView(new ArrayBuffer(0));
/** Messages in buffers up to this size come again and again (rings); the view over their buffer is kept. */
const VIEW_KEPT = 16 * 1024 * 1024;

/** The state of one `decode`. Every read is checked against `end`, the message's end. */
export class Reader {
  bytes: Uint8Array = NO_BYTES;
  view: DataView = NO_VIEW;
  pos = 0;
  end = 0;
  depth = 0;
  maxDepth = 0;
  /** Elements that arrays may still claim to have: as every element takes a byte, never more than the message has. */
  room = 0;
  /** Holes that room is made for as if they were elements; an array with more of them is a sparse one. */
  holes = 0;
  /** The objects made so far, in the order the encoder met them; null while the message holds no way back to any. */
  refs: unknown[] | null = null;
  shapes: readonly ReadShape[] = [];
  /** The functions and classes the message names, resolved before its value is read. */
  functions: readonly ((...args: never[]) => unknown)[] = [];
  buffers: readonly ReceivedBuffer[] = [];
  /** The bytes are another program's: what it may name is for this function to say. Null within a program. */
  foreign: ((reference: Reference) => void) | null = null;
  /** Code of a handle or a class is running: what it throws is its own error, not a sign of corrupt bytes. */
  inHook = false;
  #passing = false;

  open(bytes: Uint8Array, start: number, end: number, maxDepth: number): void {
    if (!(start >= 0 && start <= end && end <= bytes.length)) corrupt('there are no such bytes');
    if (this.bytes !== bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      this.#passing = bytes.length > VIEW_KEPT;
    }
    this.pos = start;
    this.end = end;
    this.maxDepth = maxDepth;
    this.depth = 0;
    this.room = this.holes = end - start;
    this.inHook = false;
  }

  close(): void {
    this.refs = null;
    this.foreign = null;
    if (this.shapes.length > 0) this.shapes = NONE;
    if (this.functions.length > 0) this.functions = NONE;
    if (this.buffers.length > 0) this.buffers = NONE;
    if (this.#passing) {
      this.#passing = false;
      this.bytes = NO_BYTES;
      this.view = NO_VIEW;
    }
  }

  /** Checks that `size` more bytes are there and steps over them; answers where they start. */
  take(size: number): number {
    const at = this.pos;
    if (size > this.end - at) corrupt('it ends in the middle of a value');
    this.pos = at + size;
    return at;
  }

  u8(): number {
    return this.bytes[this.take(1)] as number; // take() checked the bounds
  }

  u16(): number {
    return this.view.getUint16(this.take(2), true);
  }

  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  f64(): number {
    return this.view.getFloat64(this.take(8), true);
  }

  /** Numbers an object whose parts are read before it can be made; `settle` puts it in its place. */
  reserveRef(): number {
    return this.refs === null ? -1 : this.refs.push(undefined) - 1;
  }

  settle<T>(slot: number, object: T): T {
    if (this.refs !== null) this.refs[slot] = object;
    return object;
  }

  keep<T>(object: T): T {
    if (this.refs !== null) this.refs.push(object);
    return object;
  }

  enter(): void {
    if (++this.depth > this.maxDepth) corrupt(`it is nested more than ${this.maxDepth} levels deep`);
  }
}

const NONE: readonly never[] = [];

export function corrupt(what: string, options?: ErrorOptions): never {
  throw new UnpicklingError(`cannot read a message: ${what}`, options);
}
