import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type * as Internals from '../../../runtime/src/internals.js';

/** The inner layers, from their own bundle: nothing here needs the Process class. */
export const internals = createRequire(import.meta.url)('../../../../runtime/dist/internals.cjs') as typeof Internals;
const { memory } = internals;

const CHILD = fileURLToPath(new URL('./fixtures/child.js', import.meta.url));

export interface Child {
  readonly process: ChildProcess;
  readonly pid: number;
  /** The exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
  /** Everything it wrote to stdout, once it has ended. */
  readonly output: Promise<string>;
  kill(signal?: NodeJS.Signals): void;
}

/** Starts a process of this program that runs `task(...args)` of `fixtures/tasks.ts`; the arguments travel as JSON. */
export function start(task: string, ...args: readonly unknown[]): Child {
  const { slot, lockFd } = memory.program().claimSlot();
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', CHILD, memory.program().dir, String(slot), task, JSON.stringify(args)],
    { stdio: ['ignore', 'pipe', 'inherit', lockFd] },
  );
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<number | string>(resolve =>
    child.once('close', (code, signal) => {
      const { Slot, SlotState } = memory.layout;
      Atomics.store(memory.program().table.i32, memory.slotWord(slot) + Slot.state_W, SlotState.exited);
      resolve(signal ?? code ?? -1);
    }),
  );
  internals.platform.platform().closeOnExec(lockFd);
  closeSync(lockFd);
  running.add(child);
  child.once('exit', () => running.delete(child));
  return {
    process: child,
    pid: child.pid ?? -1,
    ended,
    output: ended.then(() => text),
    kill: (signal = 'SIGKILL') => void child.kill(signal),
  };
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Rejects when `promise` takes longer than `ms`: a deadline, not a pace. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
