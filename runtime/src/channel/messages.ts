import { decode, decodeAsync, decodeSync, encode, NeedsModules, type Encoded } from '../pickle/index.js';
import type { Taken } from './inbox.js';

/** What is put into a ring: valid until the next value is encoded. Throws PicklingError. */
export const toMessage = (value: unknown): Encoded => encode(value);

/** Makes the value of a message, importing the modules it names if they are not loaded yet. */
export function useAsync<T>(bytes: Buffer, start: number, end: number): Taken<T> {
  try {
    return { value: decode(bytes, start, end) as T };
  } catch (error) {
    if (!(error instanceof NeedsModules)) throw error;
    return { loading: decodeAsync(bytes, start, end) as Promise<T> };
  }
}

/** As `useAsync`, for a thread that waits: loads modules where `require` can, else throws an error that names them. */
export function useSync<T>(bytes: Buffer, start: number, end: number): Taken<T> {
  return { value: decodeSync(bytes, start, end) as T };
}
