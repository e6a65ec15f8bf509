import path from 'node:path';
import { instant } from '../../clock.js';
import { layout, ownerWord, program, slotWord } from '../../memory/index.js';
import { platform } from '../../platform/index.js';
import { nap } from '../../platform/nap.js';
import { lookWhileBlocked } from '../../sync/meanwhile.js';
import { livingProcesses, MAIN_SLOT } from './family.js';
import { parentProcess } from '../parent.js';

const { Slot, SlotKind } = layout;

/** How often a process asks whether its program is still there, in milliseconds. Costs 2 µs. */
const INTERVAL = 500;
const LIFELINE = 'lifeline';
/** How long the main process waits for the others to let go; only one that is stopped, or starved, takes a moment. */
const PATIENCE = 2000;

let isTied = false;

/** This process ends when its parent does: at once where the system sees to it, else within the next second. */
export function dieWithParent(): void {
  if (!platform().dieWithParent()) isTied = true;
}

/** Takes `dieWithParent` back. */
export function outliveParent(): void {
  platform().outliveParent?.();
  isTied = false;
}

/**
 * Nobody may outlive a program that was killed. A daemon dies with its parent, and looks whether the parent was gone
 * before it could ask for that. Any other process ends when the main process has died without saying goodbye (SIGKILL,
 * out of memory, an uncaught error); one whose main process chose to leave with `process.exit()` finishes its work.
 */
export function watchOrphanhood(daemon: boolean): void {
  if (daemon) dieWithParent();
  const { table, slot } = program();
  const parent = parentProcess();
  if (daemon && parent?.isAlive() === false) process.exit(1);
  const isWorker = table.i32[slotWord(slot) + Slot.kind_W] === SlotKind.worker; // dies with its pool's process
  const isSafe = daemon || isWorker || hangOnMain();
  let timer: NodeJS.Timeout | undefined = undefined;
  const look = (): void => {
    if (isTied && parent?.isAlive() === false) process.exit(1);
    if (leaveTheDead()) clearInterval(timer);
  };
  timer = setInterval(look, INTERVAL);
  timer.unref();
  // A thread that is blocked runs no timer.
  if (isSafe && platform().lifeline !== undefined) return;
  let next = instant() + INTERVAL;
  lookWhileBlocked(() => {
    if (instant() < next) return;
    next = instant() + INTERVAL;
    look();
  });
}

/** Whether the main process has ended and this one may go on; where it may not, this process ends. */
function leaveTheDead(): boolean {
  const generation = program().table.i32[slotWord(MAIN_SLOT) + Slot.generation_W] ?? 0;
  if (!program().isDead(ownerWord(MAIN_SLOT, generation))) return false;
  if (!saidGoodbye()) process.exit(1);
  return true;
}

const saidGoodbye = (): boolean => Atomics.load(program().table.i32, slotWord(MAIN_SLOT) + Slot.ended_W) !== 0;

/**
 * Has the system end this process with the main one. The main process says goodbye first and then cuts all that say
 * they hang on; so who says so first and then looks for the goodbye cannot be missed.
 */
function hangOnMain(): boolean {
  const { table, slot, dir } = program();
  const hang = platform().lifeline?.catch(path.join(dir, LIFELINE));
  if (hang === undefined) return false;
  Atomics.store(table.i32, slotWord(slot) + Slot.tied_W, 1);
  if (!saidGoodbye()) hang();
  leaveTheDead(); // it may have died before we hung on it
  return true;
}

/** In the main process, before there are others: from now on they are ended with it. */
export function holdLifeline(): void {
  const { isMain, dir } = program();
  if (isMain) platform().lifeline?.hold(path.join(dir, LIFELINE));
}

/**
 * In the main process, once it has said goodbye: the others may go on without it. It stays until they have let go: the
 * signal takes effect when the system next runs them, and whoever hangs on when this process is gone is killed.
 */
export function letFamilyGo(): void {
  const { table } = program();
  const told: number[] = [];
  for (const { slot, pid } of livingProcesses()) {
    if (Atomics.load(table.i32, slotWord(slot) + Slot.tied_W) === 0) continue;
    try {
      platform().lifeline?.cut(pid);
      told.push(pid);
    } catch {
      // It has just ended.
    }
  }
  const deadline = instant() + PATIENCE;
  for (const pid of told) while (platform().lifeline?.holds(pid) === true && instant() < deadline) nap(1);
}
