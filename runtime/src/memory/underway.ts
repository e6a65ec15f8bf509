import { openCounted, release, retain, type Counted } from './counted.js';
import type { OwnerWord } from './program.js';

/** A reference that is written into a message and has to know what becomes of it. */
export interface Underway {
  /** The message is in a queue or pipe now, or will never be. */
  sent(isWritten: boolean): void;
  /** The message is for this process alone: when that dies, the reference dies with it. */
  boundFor(owner: OwnerWord): void;
  /** What has to stay alive here for as long as the message may still be read, if it is nobody's own reference. */
  readonly keeps?: Counted | undefined;
}

/**
 * How references live while a message is on its way.
 *
 * `counted`: the message is read once or not at all. Each reference in it is counted, and is the reader's to give back.
 * `kept`: it may be read by several, again, or never. Who encoded it keeps the objects alive for so long (`keepAlive`).
 */
export type Travel = 'counted' | 'kept';

let travel: Travel | undefined;
let collected: Underway[] | undefined;

/** What `encode` makes of the value, and the references it has written; if it throws, they have been told. */
export function collectUnderway<V, T>(
  how: Travel,
  encode: (value: V) => T,
  value: V,
): { result: T; references: readonly Underway[] | undefined } {
  const [outerTravel, outerCollected] = [travel, collected];
  travel = how;
  collected = undefined;
  try {
    return { result: encode(value), references: collected };
  } catch (error) {
    tellUnsent(collected);
    throw error;
  } finally {
    travel = outerTravel;
    collected = outerCollected;
  }
}

function tellUnsent(references: readonly Underway[] | undefined): void {
  references?.forEach(each => each.sent(false));
}

/** For handles that need to know what becomes of them: called while they are encoded. */
export function goesUnderway(reference: Underway): void {
  if (travel !== undefined) (collected ??= []).push(reference);
}

/**
 * Called while a handle of the object is encoded: answers the number that is written behind the handle, 1 when the
 * message holds a reference of its own. Throws ValueError for an object that has been closed and that nobody has.
 */
export function travels(counted: Counted): 0 | 1 {
  if (travel === undefined) return 0;
  if (travel === 'counted') {
    retain(counted);
    goesUnderway(new OwnReference(counted));
    return 1;
  }
  const keeps = counted.isHeld ? counted.share() : openCounted(counted.kind, counted.handle);
  goesUnderway(new KeptReference(keeps));
  return 0;
}

/** Counted on the message's behalf; ends here only if the message is never sent. */
class OwnReference implements Underway {
  readonly #counted: Counted;

  constructor(counted: Counted) {
    this.#counted = counted;
  }

  sent(isWritten: boolean): void {
    if (!isWritten) release(this.#counted, this.#counted.id);
  }

  boundFor(): void {
    // Whoever reads the message ends it.
  }
}

/** Nobody's own: the sender has to keep the object. */
class KeptReference implements Underway {
  readonly keeps: Counted;

  constructor(keeps: Counted) {
    this.keeps = keeps;
  }

  sent(): void {
    // There is nothing to end.
  }

  boundFor(): void {
    // The sender's own reference does not depend on who reads.
  }
}

/** Called when a handle has been read, after the object has been opened here: the message's own reference ends. */
export function arrived(counted: Counted, travelled: unknown): void {
  if (travelled === 1) release(counted, counted.id);
}

/** The objects that a message's sender has to keep for its readers; undefined when there are none. */
export function keepAlive(references: readonly Underway[] | undefined): readonly Counted[] | undefined {
  const kept = references?.flatMap(({ keeps }) => keeps ?? []);
  return kept === undefined || kept.length === 0 ? undefined : kept;
}
