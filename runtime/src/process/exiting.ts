import { instant } from '../clock.js';
import { hasProgram, layout, ownerWord, program, removeProgramDir, slotDouble, slotWord } from '../memory/index.js';
import { livingChildren, type Child } from './children.js';
import { isChildProcess } from './current.js';
import { log } from './hooks.js';

const { Slot, SlotState } = layout;

/** How long a daemon may take to die of SIGTERM before it gets SIGKILL, in milliseconds. */
const PATIENCE = 500;

let watching = false;

/**
 * Ends what this process started when it ends itself. Non-daemonic children need nothing: their handles keep the
 * event loop going until they have ended, so a process that comes to its natural end has waited for them.
 */
export function endWithParent(): void {
  if (watching) return;
  watching = true;
  // First, because the program's folder goes with the main process, and the children are looked up in it.
  process.prependListener('exit', exitCode => {
    log('info', 'process shutting down');
    log('debug', 'running all "atexit" finalizers with priority >= 0');
    const children = livingChildren();
    endDaemons(children.filter(child => child.daemon));
    for (const child of children) child.flushOutput();
    log('debug', 'running the remaining "atexit" finalizers');
    if (!hasProgram()) return;
    if (isChildProcess()) log('info', `process exiting with exitcode ${exitCode}`);
    publishEnd(exitCode);
    try {
      leaveFolder();
    } catch {
      // No descriptor left to look with: the next program clears the folder away, and our exit code stays.
    }
  });
}

function endDaemons(daemons: readonly Child[]): void {
  if (daemons.length === 0) return;
  for (const daemon of daemons) daemon.kill('SIGTERM');
  const deadline = instant() + PATIENCE;
  for (const daemon of daemons) {
    while (daemon.isAlive() && instant() < deadline) pause(1);
    if (daemon.isAlive()) daemon.kill('SIGKILL');
  }
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));
const pause = (ms: number): void => void Atomics.wait(sleeper, 0, 0, ms);

/** The exit code as the process itself knows it, for readers until the parent has recorded the end. */
function publishEnd(exitCode: number): void {
  const { table, slot } = program();
  table.i32[slotWord(slot) + Slot.exitCode_W] = exitCode;
  table.f64[slotDouble(slot) + Slot.endedAt_D] = Date.now();
  Atomics.store(table.i32, slotWord(slot) + Slot.ended_W, 1);
}

/** The folder goes with the last process: the main one, unless it leaves others behind (with `process.exit()`). */
function leaveFolder(): void {
  const current = program();
  if (current.isMain) {
    current.isOutlived = anyLives(slot => slot !== current.slot);
  } else if (!anyLives(slot => slot === 0) && !anyLives(slot => slot !== current.slot)) {
    removeProgramDir(current.dir);
  }
}

function anyLives(wanted: (slot: number) => boolean): boolean {
  const { table } = program();
  for (let slot = 0; slot < layout.SLOT_COUNT; slot++) {
    const state = Atomics.load(table.i32, slotWord(slot) + Slot.state_W);
    if (!wanted(slot) || state === SlotState.free || state === SlotState.exited || state === SlotState.died) continue;
    const generation = Atomics.load(table.i32, slotWord(slot) + Slot.generation_W);
    if (!program().isDead(ownerWord(slot, generation))) return true;
  }
  return false;
}
