import { layout, ownerWord, program, slotWord } from '../memory/index.js';
import { platform } from '../platform/index.js';
import { parentProcess } from './parent.js';

const { Slot } = layout;

/** How often a process asks whether its program is still there, in milliseconds. Costs 2 µs. */
const INTERVAL = 1000;
const MAIN_SLOT = 0;

let isTied = false;

/** This process ends when its parent does: at once where the system sees to it, else within the next second. */
export function dieWithParent(): void {
  if (!platform().dieWithParent()) isTied = true;
}

/**
 * Nobody may outlive a program that was killed. A daemon dies with its parent, and looks whether the parent was gone
 * before it could ask for that. Any other process ends when the main process has died without saying goodbye (SIGKILL,
 * out of memory); one whose main process chose to leave with `process.exit()` finishes its work.
 */
export function watchOrphanhood(daemon: boolean): void {
  if (daemon) dieWithParent();
  const { table } = program();
  const base = slotWord(MAIN_SLOT);
  const main = ownerWord(MAIN_SLOT, table.i32[base + Slot.generation_W] ?? 0);
  const parent = parentProcess();
  if (daemon && parent?.isAlive() === false) process.exit(1);
  const timer = setInterval(() => {
    if (isTied && parent?.isAlive() === false) process.exit(1);
    if (!program().isDead(main)) return;
    clearInterval(timer);
    if (Atomics.load(table.i32, base + Slot.ended_W) === 0) process.exit(1);
  }, INTERVAL);
  timer.unref();
}
