import { RuntimeError } from '../../errors.js';

/** What a child does once it has booted. `payload` is what the parent gave as `boot.payload`, still encoded. */
export type Entry = (payload: Uint8Array) => unknown;

const entries = new Map<string, Entry>();

/** Layers above hook their child side in here, so that the bootstrap need not import them. */
export function registerEntry(tag: string, entry: Entry): void {
  entries.set(tag, entry);
}

export function entryFor(tag: string): Entry {
  const entry = entries.get(tag);
  if (entry === undefined) throw new RuntimeError(`this copy of manycore has no child entry '${tag}'`);
  return entry;
}
