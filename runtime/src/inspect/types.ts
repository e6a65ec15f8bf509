/** What a reader of the process table sees. Times are epoch milliseconds, sizes bytes. */

export type ProcessKind = 'main' | 'process' | 'worker' | 'manager';

/** `spare`: started ahead of time by the method `forkserver`, and waits to be needed. */
export type ProcessState = 'starting' | 'spare' | 'running' | 'idle' | 'busy' | 'waiting' | 'exited' | 'died';

export interface ProcessSnapshot {
  readonly slot: number;
  /** Counts the users of the slot: (slot, generation) names one process for ever. */
  readonly generation: number;
  readonly pid: number;
  readonly parentPid: number;
  readonly parentSlot: number;
  readonly name: string;
  readonly kind: ProcessKind;
  readonly state: ProcessState;
  readonly daemon: boolean;
  /** The pool this worker serves; 0 for none. */
  readonly poolId: number;
  /** Module URL and export of what the process runs, as `file:///…/work.js#resize`; empty when unknown. */
  readonly target: string;
  /** What it runs right now, as text; empty when nothing. */
  readonly task: string;
  readonly tasksDone: number;
  readonly tasksFailed: number;
  readonly busyMs: number;
  readonly waitingFor: { readonly kind: string; readonly name: string; readonly sinceMs: number } | null;
  /** Null while it runs; negative for a signal. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Where a debugger finds it, `ws://…`; empty unless its inspector is open. Known of children alone. */
  readonly inspector: string;
  readonly stderrTail: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** From the operating system; null when it does not say. */
  readonly rssBytes: number | null;
  readonly cpuMs: number | null;
}

export interface PoolSnapshot {
  readonly id: number;
  readonly name: string;
  readonly ownerSlot: number;
  readonly size: number;
  readonly workers: number;
  readonly queued: number;
  readonly running: number;
  readonly submitted: number;
  readonly done: number;
  readonly failed: number;
  /**
   * Of the maps and imaps that are running: how many of their inputs have an answer, and how many there are in all (null
   * while an input does not say). Null when none is running.
   */
  readonly progress: { readonly done: number; readonly total: number | null } | null;
  readonly state: 'running' | 'closed' | 'terminated';
}

export interface QueueSnapshot {
  readonly id: number;
  readonly name: string;
  readonly ownerSlot: number;
  readonly depth: number;
}

export interface ProgramSnapshot {
  readonly id: string;
  readonly dir: string;
  readonly mainPid: number;
  /** Whether any of its processes lives. */
  readonly alive: boolean;
  readonly entry: string;
  readonly cwd: string;
  readonly argv: readonly string[];
  readonly nodeVersion: string;
  readonly version: string;
  readonly startedAt: number;
  readonly processes: readonly ProcessSnapshot[];
  readonly pools: readonly PoolSnapshot[];
  readonly queues: readonly QueueSnapshot[];
}
