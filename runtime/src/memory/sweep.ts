import { instant } from '../clock.js';
import { release } from './counted.js';
import { sweepJournal } from './journal.js';
import { ownerWord, program, slotWord, whenSlotIsReused } from './program.js';
import { whenTakingMore } from './shortage.js';
import { SLOT_COUNT, Slot, SlotState } from './tableLayout.js';

/** Sweeps of the whole table are at least so far apart, in milliseconds: each asks about every process there was. */
const INTERVAL = 250;
let lastSweep = -Infinity;

/** Lets go of what a process that died in this slot held. Nothing happens to what a living one holds. */
export function sweepSlot(slot: number): void {
  sweepJournal(slot, release);
}

/** Generations this process has swept after their death: nothing is ever added to what they left. */
const swept = new Map<number, number>();

/** As `sweepSlot`, for everybody: for deaths that nobody reaped, because the parent had died before. */
export function sweepTheDead(): void {
  const { table, slot: mine } = program();
  lastSweep = instant();
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const base = slotWord(slot);
    if (slot === mine || Atomics.load(table.i32, base + Slot.journal_W) === 0) continue;
    const generation = Atomics.load(table.i32, base + Slot.generation_W);
    if (swept.get(slot) === generation) continue;
    const state = Atomics.load(table.i32, base + Slot.state_W);
    const isStarting = state === SlotState.starting || state < 0;
    if (!program().isDead(ownerWord(slot, generation))) continue;
    sweepSlot(slot);
    // Who is starting may only not have its lock yet.
    if (!isStarting) swept.set(slot, generation);
  }
}

whenTakingMore(urgent => {
  if (urgent || instant() - lastSweep >= INTERVAL) sweepTheDead();
});
// Not needed for the books, which tell one process of a slot from the next, but then memory comes back soonest.
whenSlotIsReused(sweepSlot);
