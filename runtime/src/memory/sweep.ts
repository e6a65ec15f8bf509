import { release } from './counted.js';
import { sweepJournal } from './journal.js';
import { program, slotWord, whenSlotIsReused } from './program.js';
import { whenTakingMore } from './shortage.js';
import { SLOT_COUNT, Slot } from './tableLayout.js';

/** Sweeps of the whole table are at least so far apart, in milliseconds: each asks about every process there was. */
const INTERVAL = 250;
let lastSweep = -Infinity;

/** Lets go of what a process that died in this slot held. Nothing happens to what a living one holds. */
export function sweepSlot(slot: number): void {
  sweepJournal(slot, release);
}

/** As `sweepSlot`, for everybody: for deaths that nobody reaped, because the parent had died before. */
export function sweepTheDead(): void {
  const { table, slot: mine } = program();
  lastSweep = performance.now();
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    if (slot !== mine && Atomics.load(table.i32, slotWord(slot) + Slot.journal_W) !== 0) sweepSlot(slot);
  }
}

whenTakingMore(urgent => {
  if (urgent || performance.now() - lastSweep >= INTERVAL) sweepTheDead();
});
// Not needed for the books, which tell one process of a slot from the next, but then memory comes back soonest.
whenSlotIsReused(sweepSlot);
