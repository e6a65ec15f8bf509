import { inspect } from 'node:util';
import { os } from '../../lazyNode.js';

const signals = (): Readonly<Record<string, number>> => os().constants.signals;

/** One number for every way to end, as Python has it: the exit code, or minus the number of the signal that killed. */
export function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  if (signal !== null) return -(signals()[signal] ?? 1);
  return code ?? 1;
}

/** `-SIGTERM` for -15, as a process's printed form shows it. */
export function exitText(exitCode: number): string {
  const name = exitCode < 0 ? Object.keys(signals()).find(signal => signals()[signal] === -exitCode) : undefined;
  return name === undefined ? String(exitCode) : `-${name}`;
}

/** How a process ends that throws `SystemExit`: its exit code, and what it says before. */
export function endOfStatus(status: unknown): { readonly exitCode: number; readonly said?: string } {
  if (status === undefined || status === null || status === false) return { exitCode: 0 };
  if (status === true) return { exitCode: 1 };
  if (typeof status === 'bigint') return { exitCode: Number(BigInt.asUintN(8, status)) };
  // Not `& 0xff`, which takes large integers for others.
  if (Number.isInteger(status)) return { exitCode: (((status as number) % 256) + 256) % 256 };
  return { exitCode: 1, said: typeof status === 'string' ? status : inspect(status) };
}
