import { OSError } from '../errors.js';
import { asOSError } from '../systemError.js';
import { platform, type Mapping } from '../platform/index.js';

/** Node 20 aborts the process on one buffer above 4 GiB. */
const LARGEST_SEGMENT = 4 * 1024 ** 3 - 4096;

/** A file of shared memory as this process sees it: the same bytes under several views. */
export class Segment {
  readonly path: string;
  readonly byteLength: number;
  /** Where the mapping starts in this process; other processes have it elsewhere. */
  readonly address: number;
  readonly i32: Int32Array;
  readonly u8: Buffer;
  readonly f64: Float64Array;
  #i64: BigInt64Array | undefined;
  readonly #release: () => void;
  #isReleased = false;

  private constructor(path: string, mapping: Mapping) {
    const { byteLength } = mapping;
    this.path = path;
    this.byteLength = byteLength;
    this.address = mapping.address;
    this.i32 = new Int32Array(mapping.buffer, 0, byteLength >>> 2);
    this.u8 = Buffer.from(mapping.buffer, 0, byteLength);
    this.f64 = new Float64Array(mapping.buffer, 0, byteLength >>> 3);
    this.#release = () => mapping.release();
  }

  /** Pairs of words, for who changes two as one. */
  get i64(): BigInt64Array {
    return (this.#i64 ??= new BigInt64Array(this.f64.buffer, 0, this.byteLength >>> 3));
  }

  /** Makes the file, zeroed, with all its room reserved. Throws OSError (`ENOSPC`, `EEXIST`, `EROFS`, …). */
  static create(path: string, byteLength: number): Segment {
    if (byteLength > LARGEST_SEGMENT) {
      throw new OSError('EFBIG', `a piece of shared memory has at most 4 GiB; ${byteLength} bytes were asked for`);
    }
    try {
      return new Segment(path, platform().createMemory(path, byteLength));
    } catch (error) {
      throw asOSError(error, 'shared memory cannot be made');
    }
  }

  /** Maps a file that another process made. */
  static open(path: string): Segment {
    return new Segment(path, platform().openMemory(path));
  }

  /** Gives the memory back in this process; views of it read zeros from now on. */
  release(): void {
    this.#isReleased = true;
    this.#release();
  }

  /** Whether this process has given the memory back: what it writes there now reaches nobody. */
  get isReleased(): boolean {
    return this.#isReleased;
  }
}
