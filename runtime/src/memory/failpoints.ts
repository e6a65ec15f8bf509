/**
 * For tests: called between any two steps after which the books of shared memory must still be right, with the step's
 * name. What it does there (kill the process, let another one act) is what a bad moment is made of.
 */
let hook: ((step: string) => void) | undefined;

export function setFailpoint(act: ((step: string) => void) | undefined): void {
  hook = act;
}

export function failpoint(step: string): void {
  if (hook !== undefined) hook(step);
}
