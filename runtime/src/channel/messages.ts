import { decode, decodeAsync, decodeSync, encode, NeedsModules } from '../pickle/index.js';
import type { OwnerWord } from '../memory/index.js';
import type { Taken } from './inbox.js';
import type { Message } from './outbox.js';
import { shareShapes } from './shapeTable.js';

// Whatever is encoded stays inside the program.
shareShapes();

/** References that are being written into a message; undefined while whatever is encoded is none of ours. */
let references: Underway[] | undefined;
let collects = false;

/** A reference on its way that has to know whether it will arrive. */
export interface Underway {
  /** The message is in a queue or pipe now, or will never be. */
  sent(isWritten: boolean): void;
  /** The message is for this process alone: when that dies, the reference dies with it. */
  boundFor(owner: OwnerWord): void;
}

/** For handles that need to know: called while they are encoded. */
export function goesUnderway(reference: Underway): void {
  if (collects) (references ??= []).push(reference);
}

/** What is put into a ring: valid until the next value is encoded. Throws PicklingError. */
export function toMessage(value: unknown): Message {
  const [outerReferences, outerCollects] = [references, collects];
  references = undefined;
  collects = true;
  try {
    const encoded = encode(value);
    const carried = references as Underway[] | undefined;
    if (carried === undefined) return encoded;
    const sent = (isWritten: boolean): void => carried.forEach(each => each.sent(isWritten));
    return { ...encoded, sent };
  } catch (error) {
    (references as Underway[] | undefined)?.forEach(each => each.sent(false));
    throw error;
  } finally {
    references = outerReferences;
    collects = outerCollects;
  }
}

/**
 * What `encode` returns, and the references it has written: for a payload whose receiver is known only later. Without
 * this, references in a message count as long as the process lives that wrote them.
 */
export function collectReferences<T>(encodeIt: () => T): { result: T; references: readonly Underway[] } {
  const [outerReferences, outerCollects] = [references, collects];
  references = undefined;
  collects = true;
  try {
    return { result: encodeIt(), references: references ?? [] };
  } catch (error) {
    (references as Underway[] | undefined)?.forEach(each => each.sent(false));
    throw error;
  } finally {
    references = outerReferences;
    collects = outerCollects;
  }
}

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
