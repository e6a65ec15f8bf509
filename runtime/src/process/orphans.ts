import { layout, ownerWord, program, slotWord } from '../memory/index.js';
import { platform } from '../platform/index.js';
import { parentProcess } from './parent.js';

const { Slot } = layout;

/** How often a process asks whether its program is still there, in milliseconds. Costs 2 µs. */
const INTERVAL = 1000;
const MAIN_SLOT = 0;

/**
 * Nobody may outlive a program that was killed. A daemon asks the system to be killed with its parent, and looks once
 * whether that was in time, or again and again where the system cannot do it. Any other process ends when the main process
 * has died without saying goodbye (SIGKILL, out of memory); one whose main process chose to leave with `process.exit()`
 * finishes its work.
 */
export function watchOrphanhood(daemon: boolean): void {
  const isLookedAfter = daemon && platform().dieWithParent();
  const { table } = program();
  const base = slotWord(MAIN_SLOT);
  const main = ownerWord(MAIN_SLOT, table.i32[base + Slot.generation_W] ?? 0);
  const parent = parentProcess();
  if (daemon && parent?.isAlive() === false) process.exit(1);
  const timer = setInterval(() => {
    if (daemon && !isLookedAfter && parent?.isAlive() === false) process.exit(1);
    if (!program().isDead(main)) return;
    clearInterval(timer);
    if (Atomics.load(table.i32, base + Slot.ended_W) === 0) process.exit(1);
  }, INTERVAL);
  timer.unref();
}
