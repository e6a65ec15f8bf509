import { whenShortOfMemory, type Counted } from '../memory/index.js';
import type { Ring } from './ring.js';

/** Rings that this process has, and what holds the memory of each; neither is kept from being collected. */
let known: { readonly ring: WeakRef<Ring>; readonly holder: WeakRef<Counted> }[] = [];
let tidyAt = 64;

/** From now on the ring gives up what it merely keeps when memory is short anywhere in this process. */
export function mayGiveUp(ring: Ring, holder: Counted): void {
  if (known.length >= tidyAt) {
    known = known.filter(each => ringOf(each) !== undefined);
    tidyAt = Math.max(64, known.length * 2);
  }
  known.push({ ring: new WeakRef(ring), holder: new WeakRef(holder) });
}

whenShortOfMemory(() => {
  let removed = 0;
  for (const each of known) removed += ringOf(each)?.removeKept() ?? 0;
  return removed > 0;
});

/** Memory that this process holds no longer may be another's. */
function ringOf({ ring, holder }: (typeof known)[number]): Ring | undefined {
  return holder.deref()?.isHeld === true ? ring.deref() : undefined;
}
