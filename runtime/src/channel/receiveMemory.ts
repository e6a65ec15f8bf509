import { platform } from '../platform/index.js';

/** From here on the pages of a fresh buffer cost more than the copy into it. */
const LARGE = 64 * 1024;
/** Below, Node has room in a pool. */
const SMALL = 4096;
/** How much memory that was freed a process keeps for the next large message, once it has received one. */
const KEPT_BYTES = 128 * 1024 * 1024;

let keepsMemory = false;

/** A copy in memory of this process alone, not cleared before. */
export function copyOut(bytes: Uint8Array, start: number, end: number): Buffer {
  const length = end - start;
  if (length >= LARGE && !keepsMemory) {
    keepsMemory = true;
    platform().keepFreedMemory?.(KEPT_BYTES);
  }
  const copy = length < SMALL ? Buffer.allocUnsafe(length) : Buffer.allocUnsafeSlow(length);
  copy.set(bytes.subarray(start, end));
  return copy;
}
