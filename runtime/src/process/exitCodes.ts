import os from 'node:os';

const SIGNALS: Readonly<Record<string, number>> = os.constants.signals;

/** One number for every way to end, as Python has it: the exit code, or minus the number of the signal that killed. */
export function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  if (signal !== null) return -(SIGNALS[signal] ?? 1);
  return code ?? 1;
}

/** `-SIGTERM` for -15, as a process's printed form shows it. */
export function exitText(exitCode: number): string {
  const name = exitCode < 0 ? Object.keys(SIGNALS).find(signal => SIGNALS[signal] === -exitCode) : undefined;
  return name === undefined ? String(exitCode) : `-${name}`;
}
