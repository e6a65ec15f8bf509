import type { Child } from './children.js';
import type { Process } from './process.js';

const started = new Map<Process, Child>();

/** Called at each start; the entry goes when the process has ended. */
export function rememberStarted(process: Process, child: Child): void {
  started.set(process, child);
  void child.exited.then(() => started.delete(process));
}

/** The processes that this one has started and that have not ended (Python: `multiprocessing.active_children`). */
export function activeChildren(): Process[] {
  return [...started].filter(([, child]) => child.isAlive()).map(([process]) => process);
}
