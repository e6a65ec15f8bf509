import type { Child } from './children.js';
import type { Process } from './process.js';

/** Objects of processes that nobody has asked for are made when somebody does. */
const started = new Map<Child, () => Process>();

/** Called at each start; the entry goes when the process has ended. `processOf` always answers the same object. */
export function rememberStarted(child: Child, processOf: () => Process): void {
  started.set(child, processOf);
  void child.exited.then(() => started.delete(child));
}

/**
 * The processes that this one has started and that have not ended, the workers of its pools among them
 * (Python: `multiprocessing.active_children`).
 */
export function activeChildren(): Process[] {
  return [...started].filter(([child]) => child.isAlive()).map(([, processOf]) => processOf());
}
