import fs from 'node:fs';
import { OSError } from '../errors.js';
import { platform } from '../platform/index.js';

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
  readonly #release: () => void;

  private constructor(path: string, fd: number, byteLength: number) {
    const mapping = platform().map(fd, byteLength);
    this.path = path;
    this.byteLength = byteLength;
    this.address = mapping.address;
    this.i32 = new Int32Array(mapping.buffer, 0, byteLength >> 2);
    this.u8 = Buffer.from(mapping.buffer, 0, byteLength);
    this.f64 = new Float64Array(mapping.buffer, 0, byteLength >> 3);
    this.#release = () => mapping.release();
  }

  /** Makes the file, zeroed, with all its room reserved. Throws OSError (`ENOSPC`, `EEXIST`, `EROFS`, …). */
  static create(path: string, byteLength: number): Segment {
    if (byteLength > LARGEST_SEGMENT) {
      throw new OSError('EFBIG', `a piece of shared memory has at most 4 GiB; ${byteLength} bytes were asked for`);
    }
    const fd = fs.openSync(path, 'wx+', 0o600);
    try {
      platform().reserve(fd, byteLength);
      return new Segment(path, fd, byteLength);
    } catch (error) {
      fs.rmSync(path, { force: true });
      throw error;
    } finally {
      fs.closeSync(fd);
    }
  }

  /** Maps a file that another process made. */
  static open(path: string): Segment {
    const fd = fs.openSync(path, 'r+');
    try {
      return new Segment(path, fd, fs.fstatSync(fd).size);
    } finally {
      fs.closeSync(fd);
    }
  }

  /** Removes the name; who has it mapped keeps it. */
  unlink(): void {
    fs.rmSync(this.path, { force: true });
  }

  /** Gives the memory back in this process; views of it read zeros from now on. */
  release(): void {
    this.#release();
  }
}
