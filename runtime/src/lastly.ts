/**
 * What is done when all exit handlers of a process have been called, also one that was added in the same moment and one
 * that threw. No listener could be that: listeners are called in the order in which they were added, and none after
 * one that throws. So user code that runs at the end finds everything as it was.
 */
const acts: { readonly rank: Rank; readonly act: () => void }[] = [];

/** Lower ones first. */
export const Rank = {
  /** Finalizers are user code. */
  finalizers: 0,
  /** What they have put goes out. */
  flush: 1,
  /** Nobody sends any more: who reads is told. */
  abandon: 2,
} as const;
export type Rank = (typeof Rank)[keyof typeof Rank];

/** Once for each act. It may not throw: those behind it would not be done. */
export function lastly(rank: Rank, act: () => void): void {
  if (acts.length === 0) followExit();
  acts.push({ rank, act });
  acts.sort((a, b) => a.rank - b.rank);
}

function followExit(): void {
  const emit = process.emit.bind(process) as (...args: unknown[]) => boolean;
  const emitAndAct = (event: unknown, ...args: unknown[]): boolean => {
    try {
      return emit(event, ...args);
    } finally {
      if (event === 'exit') for (const { act } of acts) act();
    }
  };
  process.emit = emitAndAct as typeof process.emit;
}
