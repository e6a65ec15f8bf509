import { SystemExit } from '../../errors.js';
import { endOfStatus } from './exitCodes.js';
import { reportFatal, sayLast } from './report.js';
import { toldUnguarded } from '../unguarded.js';

/** Ends this process by what was thrown in it and nobody caught: an error is told, `SystemExit` says how to end. */
export function die(processName: string, thrown: unknown): never {
  let exitCode = 1;
  try {
    if (isSystemExit(thrown)) {
      const end = endOfStatus(thrown.status);
      exitCode = end.exitCode;
      if (end.said !== undefined) sayLast(`${end.said}\n`);
    } else if (!toldUnguarded()) {
      reportFatal(processName, thrown);
    }
  } catch {
    // Showing it runs code of the user's, a `[inspect.custom]` for one: whatever that does, the process ends.
  }
  process.exit(exitCode);
}

function isSystemExit(thrown: unknown): thrown is SystemExit {
  try {
    return thrown instanceof SystemExit;
  } catch {
    return false; // a proxy that does not want to be looked at
  }
}
