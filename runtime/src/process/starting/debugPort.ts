import { program } from '../../memory/index.js';

/** Where Node opens a process's inspector when nobody said otherwise. */
const USUAL = 9229;

/**
 * Whoever opens the inspector of a running process with SIGUSR1 (`npx manycore stack` does): each child takes a port of
 * its own, not the one that all of them would want. Node says on stderr which one it is. The main process's stays: that
 * is where debuggers look for a process that they are told by its pid.
 */
export function takeAnyDebugPort(): void {
  if (!program().isMain && process.debugPort === USUAL) process.debugPort = 0;
}
