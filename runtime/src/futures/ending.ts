let ends = false;
let listens = false;

/** Called before the program can be at its end. */
export function listenForEnd(): void {
  if (listens) return;
  listens = true;
  // Before the handlers of the user's, whenever they came.
  process.prependOnceListener('exit', () => (ends = true));
}

/** Whether the program is at its end: handlers of its `exit` are running, and no worker would be waited for. */
export const programEnds = (): boolean => ends;
