import { program } from '../memory/index.js';

/** Where Node opens a process's inspector when nobody said otherwise. */
const USUAL = 9229;
const PORT_OPTION = /--(inspect(-brk|-wait|-port)?|debug-port)(=|\s|$)/;

/**
 * Whoever opens the inspector of a running process with SIGUSR1 (`npx manycore stack` does): each takes a port of its
 * own, not the one that all of them, and every `node --inspect` on the machine, would want. Node says on stderr which one
 * it is. What the main process was asked to take stays.
 */
export function takeAnyDebugPort(): void {
  const asked = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].some(text => PORT_OPTION.test(text));
  if (process.debugPort === USUAL && !(asked && program().isMain)) process.debugPort = 0;
}
