import { hasProgram, layout, program, removeProgramDir, slotDouble, slotWord } from '../../memory/index.js';
import { livingChildren } from '../children.js';
import { isChildProcess } from '../current.js';
import { endAll, endFamily, livingProcesses } from './family.js';
import { log } from '../hooks.js';
import { letFamilyGo } from './orphans.js';

const { Slot } = layout;

let watching = false;

/**
 * Ends what this process started when it ends itself. Non-daemonic children need nothing: their handles keep the
 * event loop going until they have ended, so a process that comes to its natural end has waited for them.
 */
export function endWithParent(): void {
  if (watching) return;
  watching = true;
  if (!isChildProcess()) noticeFailure();
  // First, because the program's folder goes with the main process, and the children are looked up in it.
  process.prependListener('exit', exitCode => {
    log('info', 'process shutting down');
    log('debug', 'running all "atexit" finalizers with priority >= 0');
    const children = livingChildren();
    endAll(children.filter(child => child.daemon));
    if (hasFailed && hasProgram()) endFamily();
    for (const child of children) child.flushOutput();
    log('debug', 'running the remaining "atexit" finalizers');
    if (!hasProgram()) return;
    if (isChildProcess()) log('info', `process exiting with exitcode ${exitCode}`);
    try {
      // Who has failed says no goodbye: a process that has started just now ends as well.
      if (!hasFailed) publishEnd(exitCode);
      if (program().isMain && !hasFailed) letFamilyGo();
      leaveFolder();
    } catch {
      // No descriptor left to look with, or to look at: the next program clears the folder away, and our exit code stays.
    }
  });
}

/** The exit code as the process itself knows it, for readers until the parent has recorded the end. */
function publishEnd(exitCode: number): void {
  const { table, slot } = program();
  table.i32[slotWord(slot) + Slot.exitCode_W] = exitCode;
  table.f64[slotDouble(slot) + Slot.endedAt_D] = Date.now();
  Atomics.store(table.i32, slotWord(slot) + Slot.ended_W, 1);
}

/**
 * An error that nobody catches ends the whole program: who was to give the others work, or take it from them, has
 * failed, and no one would ever end those that wait for it.
 */
function noticeFailure(): void {
  process.on('uncaughtExceptionMonitor', () => {
    // A handler decides otherwise, or with `process.exit()` that the others go on.
    hasFailed ||= process.listenerCount('uncaughtException') === 0 && !process.hasUncaughtExceptionCaptureCallback();
  });
}

let hasFailed = false;

/**
 * The folder goes with the last process: the main one, unless it leaves others behind (with `process.exit()`). Of several
 * that end in the same moment none is the last to have lived: so each says that it ends before it looks who stays, and
 * who has said so is not waited for. At least one of them finds nobody, and more than one may.
 */
function leaveFolder(): void {
  const current = program();
  if (current.isMain) {
    current.isOutlived = anyStays();
  } else if (!anyStays()) {
    removeProgramDir(current.dir);
  }
}

function anyStays(): boolean {
  const { i32 } = program().table;
  for (const { slot } of livingProcesses()) if (Atomics.load(i32, slotWord(slot) + Slot.ended_W) === 0) return true;
  return false;
}
