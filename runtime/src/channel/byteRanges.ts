import { ValueError } from '../errors.js';
import type { Message } from './message.js';

export interface SliceOptions {
  /** Bytes from the start; 0 by default. */
  readonly offset?: number;
  /** How many bytes; by default all from `offset` on. */
  readonly size?: number;
}

/** The bytes of any view or buffer. Throws TypeError for anything else. */
export function viewOf(bytes: ArrayBufferView | ArrayBufferLike): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  if (ArrayBuffer.isView(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const any: unknown = bytes;
  if (any instanceof ArrayBuffer || any instanceof SharedArrayBuffer) return new Uint8Array(any);
  throw new TypeError(`a typed array, Buffer, DataView or ArrayBuffer is required, not ${typeof bytes}`);
}

export function sliceOf(bytes: ArrayBufferView | ArrayBufferLike, { offset = 0, size }: SliceOptions = {}): Message {
  const view = viewOf(bytes);
  if (offset < 0) throw new ValueError('offset is negative');
  if (view.length < offset) throw new ValueError('buffer length < offset');
  if (size !== undefined && size < 0) throw new ValueError('size is negative');
  const end = size === undefined ? view.length : offset + size;
  if (end > view.length) throw new ValueError('buffer length < offset + size');
  return { bytes: view, start: offset, end };
}

export function offsetIn(view: Uint8Array, offset: number): void {
  if (offset < 0) throw new ValueError('negative offset');
  if (offset > view.length) throw new ValueError('offset too large');
}
