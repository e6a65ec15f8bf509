import { OSError } from '../../errors.js';
import { buffers } from '../../lazyNode.js';
import type { Outgoing } from '../transport.js';

/** From here on a length takes eight bytes more, behind a -1. */
const LONGEST_SHORT = 0x7fff_ffff;

/** What of a message's own bytes is cheaper to copy behind its header than to write by itself. */
const MOST_COPIED = 16 * 1024;

/**
 * A message as it travels: its length (four bytes, big-endian), its bytes, in one piece or two. The pieces are nobody
 * else's.
 */
export function frameOf({ bytes, start, end, isOwn }: Outgoing): Buffer[] {
  const length = end - start;
  const isApart = isOwn === true && length > MOST_COPIED;
  const headerSize = length > LONGEST_SHORT ? 12 : 4;
  const frame = Buffer.allocUnsafe(isApart ? headerSize : headerSize + length);
  if (headerSize === 4) frame.writeInt32BE(length, 0);
  else {
    frame.writeInt32BE(-1, 0);
    frame.writeBigUInt64BE(BigInt(length), 4);
  }
  const message = start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
  if (isApart) return [frame, Buffer.from(message.buffer, message.byteOffset, length)];
  frame.set(message, headerSize);
  return [frame];
}

/**
 * Bytes of a stream in, messages out. Holds what has come in and nothing more: what a header announces takes no memory
 * until it arrives.
 */
export class FrameReader {
  /** A longer message is an error, as soon as its header is there; what has come in waits for a higher limit. */
  limit: number;
  /** Whether the bytes of the message taken last are in no piece with others. */
  tookOwn = false;
  #chunks: Buffer[] = [];
  /** Bytes of the first chunk that have been taken. */
  #start = 0;
  #size = 0;
  #announced: number | undefined;
  #failure: OSError | undefined;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Bytes that wait here. */
  get size(): number {
    return this.#size;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
  }

  /**
   * Length of the next message; undefined until its header is there. Throws OSError for a length that cannot be, and, as
   * long as the limit stands, for one above it.
   */
  get announced(): number | undefined {
    this.#readHeader();
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#announced !== undefined && this.#announced > this.limit) throw badLength();
    return this.#announced;
  }

  /** Whether the next message is there. */
  get isComplete(): boolean {
    const length = this.announced;
    return length !== undefined && this.#size >= length;
  }

  /** Whether a message has begun and is not there: the end of the stream would cut it. */
  get isWithin(): boolean {
    return this.#announced !== undefined || this.#size > 0;
  }

  /** The next message, once it is complete. */
  take(): Buffer {
    const length = this.announced ?? 0;
    const bytes = this.#peek(length);
    this.tookOwn = length > (this.#chunks[0]?.length ?? 0) - this.#start;
    this.#skip(length);
    this.#announced = undefined;
    return bytes;
  }

  #readHeader(): void {
    if (this.#failure !== undefined || this.#announced !== undefined || this.#size < 4) return;
    let length = this.#peek(4).readInt32BE(0);
    let headerSize = 4;
    if (length === -1) {
      if (this.#size < 12) return;
      length = Number(this.#peek(12).readBigUInt64BE(4));
      headerSize = 12;
    }
    if (length < 0 || length > buffers().constants.MAX_LENGTH) {
      this.#failure = badLength();
      this.#chunks = [];
      this.#size = this.#start = 0;
      return;
    }
    this.#skip(headerSize);
    this.#announced = length;
  }

  /** The next `length` bytes, which are there: in one piece, copied only where they are not. */
  #peek(length: number): Buffer {
    const first = this.#chunks[0];
    if (first === undefined) return EMPTY;
    if (first.length - this.#start >= length) return first.subarray(this.#start, this.#start + length);
    const parts: Buffer[] = [];
    let missing = length;
    let from = this.#start;
    for (const chunk of this.#chunks) {
      const part = chunk.subarray(from, from + missing);
      parts.push(part);
      missing -= part.length;
      if (missing === 0) break;
      from = 0;
    }
    return Buffer.concat(parts, length);
  }

  #skip(length: number): void {
    this.#size -= length;
    let left = length + this.#start;
    let used = 0;
    for (const chunk of this.#chunks) {
      if (left < chunk.length) break;
      left -= chunk.length;
      used++;
    }
    if (used > 0) this.#chunks.splice(0, used);
    this.#start = left;
  }
}

const EMPTY = Buffer.alloc(0);
const badLength = (): OSError => new OSError('EMSGSIZE', 'bad message length');
