import { collectUnderway, goesUnderway, type Underway } from '../memory/index.js';
import {
  decode,
  decodeAsync,
  decodeSync,
  encode,
  NeedsModules,
  type DecodeOptions,
  type Encoded,
  type EncodeOptions,
} from '../pickle/index.js';
import { Borrowed } from './borrowed.js';
import type { Taken, Use } from './inbox.js';
import type { LargeMessage, Lent } from './largeMessage.js';
import type { Message } from './message.js';
import { shareShapes } from './shapeTable.js';

// Whatever is encoded stays inside the program.
shareShapes();

export { goesUnderway, type Underway };

/** Buffers from here on do not pass through the encoder: they are copied once, to where the receiver finds them. */
const BESIDE_FROM = 64 * 1024;

/** The buffers of the value that is being encoded; the encoder offers them at its very end, with no other in between. */
let beside: Uint8Array[] | undefined;

const ENCODING: EncodeOptions = {
  outOfBandFrom: BESIDE_FROM,
  outOfBand: view => (beside ??= []).push(view) - 1,
};

const encodeBeside = (value: unknown): Encoded => encode(value, ENCODING);

/** What is put into a ring: valid until the next value is encoded or one of its buffers changed. Throws PicklingError. */
export function toMessage(value: unknown): Message {
  beside = undefined;
  try {
    // One reader takes a message out, or nobody does: each reference in it is counted, and ends when it is decoded.
    const { result: encoded, references } = collectUnderway('counted', encodeBeside, value);
    const parts = beside as Uint8Array[] | undefined;
    if (references === undefined && parts === undefined) return encoded;
    const message = { bytes: encoded.bytes, start: encoded.start, end: encoded.end, parts };
    if (references === undefined) return message;
    return { ...message, sent: isWritten => references.forEach(each => each.sent(isWritten)) };
  } finally {
    beside = undefined;
  }
}

/** Makes the value of a message, importing the modules it names if they are not loaded yet. */
export function useAsync<T>(bytes: Buffer, start: number, end: number, large?: LargeMessage): Taken<T> {
  try {
    return { value: decode(bytes, start, end, copying(large)) as T };
  } catch (error) {
    if (!(error instanceof NeedsModules)) throw error;
    return { loading: decodeAsync(bytes, start, end, copiedBefore(large)) as Promise<T> };
  }
}

/** As `useAsync`, for a thread that waits: loads modules where `require` can, else throws an error that names them. */
export function useSync<T>(bytes: Buffer, start: number, end: number, large?: LargeMessage): Taken<T> {
  return { value: decodeSync(bytes, start, end, copying(large)) as T };
}

/** As `use`, an asynchronous one; large buffers stay where they are. */
export function borrowAsync<T>(use: Use<T>): Use<Borrowed<T>> {
  return (bytes, start, end, large) => {
    const lent = lend(large);
    if (lent === undefined) return boxed(use(bytes, start, end, large));
    const fetching = { fetch: lent.part };
    try {
      return { value: new Borrowed(decode(lent.bytes, 0, lent.bytes.length, fetching) as T, lent) };
    } catch (error) {
      if (!(error instanceof NeedsModules)) throw ended(lent, error);
      const loading = decodeAsync(lent.bytes, 0, lent.bytes.length, fetching).then(
        value => new Borrowed(value as T, lent),
        (failure: unknown) => Promise.reject(ended(lent, failure) as Error),
      );
      return { loading };
    }
  };
}

/** As `borrowAsync`, for a thread that waits. */
export function borrowSync<T>(use: Use<T>): Use<Borrowed<T>> {
  return (bytes, start, end, large) => {
    const lent = lend(large);
    if (lent === undefined) return boxed(use(bytes, start, end, large));
    try {
      const value = decodeSync(lent.bytes, 0, lent.bytes.length, { fetch: lent.part }) as T;
      return { value: new Borrowed(value, lent) };
    } catch (error) {
      throw ended(lent, error);
    }
  };
}

/** A message without large buffers has nothing to lend: what the encoder wrote is copied in any case. */
const lend = (large: LargeMessage | undefined): Lent | undefined => (large?.count ? large.lend() : undefined);

function boxed<T>(taken: Taken<T>): Taken<Borrowed<T>> {
  if ('value' in taken) return { value: new Borrowed(taken.value) };
  return { loading: taken.loading.then(value => new Borrowed(value)) };
}

function ended(lent: Lent, error: unknown): unknown {
  lent.end();
  return error;
}

const copying = (large: LargeMessage | undefined): DecodeOptions | undefined =>
  large === undefined ? undefined : { fetch: large.copy };

/** For a message that is decoded when it is no longer in the reader's hand. */
function copiedBefore(large: LargeMessage | undefined): DecodeOptions | undefined {
  if (large === undefined) return undefined;
  const copies = Array.from({ length: large.count }, (_, index) => large.copy(index));
  return { fetch: index => copies[index] ?? new Uint8Array(0) };
}
