import { platform, type Mapping } from '../platform/index.js';

/**
 * Mappings of side segments that were lent and have come back, for the next time they are lent: the pages of a fresh
 * mapping have to be found one by one, which takes longer than to read them. Nobody has a view of these.
 */
const resting = new Map<number, Mapping>();

/** A mapping of the segment that nobody else uses. */
export function mapAlone(id: number, path: string): Mapping {
  const mapping = resting.get(id);
  if (mapping === undefined) return platform().openMemory(path);
  resting.delete(id);
  return mapping;
}

/** Keeps a mapping for later. */
export function rest(id: number, mapping: Mapping): void {
  forgetResting(id);
  resting.set(id, mapping);
}

/** The segment is dropped: its memory is to go. */
export function forgetResting(id: number): void {
  const mapping = resting.get(id);
  if (mapping === undefined) return;
  resting.delete(id);
  discard(mapping);
}

/** Gives a mapping back of which nobody has a view. */
export function discard(mapping: Mapping): void {
  mapping.release();
  mapping.forget?.();
}
