import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { internals } from './internals.js';

/**
 * A real process of this program that runs one exported function of a fixture, below the layer that has `Process`.
 * The function may `say` things; the test hears them in order, and may `tell` it something.
 */
export interface Child {
  readonly process: ChildProcess;
  readonly pid: number;
  /** The child as the owner of locks. */
  readonly owner: number;
  /** The next thing it says; rejects when it ends before. */
  hear(): Promise<unknown>;
  tell(message: unknown): void;
  /** Resolves when it has ended. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** SIGKILL; resolves when the system has taken it away. */
  kill(): Promise<void>;
}

const boot = fileURLToPath(new URL('./child-boot.js', import.meta.url));

/** Starts `name` of the module at `url` with `args` (plain JSON). */
export function startChild(url: URL, name: string, ...args: unknown[]): Child {
  const { memory } = internals;
  const program = memory.program();
  const claimed = program.claimSlot();
  const process_ = spawn(
    process.execPath,
    [boot, program.dir, String(claimed.slot), url.href, name, JSON.stringify(args)],
    { stdio: ['ignore', 'inherit', 'inherit', claimed.lock.inherited, 'ipc'] },
  );
  if (process_.pid !== undefined) {
    claimed.lock.giveTo(process_.pid);
    const { Slot } = memory.layout;
    Atomics.store(program.table.i32, memory.slotWord(claimed.slot) + Slot.pid_W, process_.pid);
  }
  claimed.lock.drop();
  const said: unknown[] = [];
  let wake = (): void => undefined;
  process_.on('message', message => {
    said.push(message);
    wake();
  });
  let over = false;
  const ended = once(process_, 'close').then(([code, signal]) => {
    over = true;
    wake();
    const { Slot, SlotState } = memory.layout;
    Atomics.store(program.table.i32, memory.slotWord(claimed.slot) + Slot.state_W, SlotState.exited);
    return { code: code as number | null, signal: signal as NodeJS.Signals | null };
  });
  return {
    process: process_,
    pid: process_.pid ?? 0,
    owner: memory.ownerWord(claimed.slot, claimed.generation),
    async hear() {
      while (said.length === 0) {
        if (over) throw new Error(`the child running ${name} ended without a word`);
        await new Promise<void>(resolve => (wake = resolve));
      }
      return said.shift();
    },
    tell: message => void process_.send(message as object),
    ended,
    async kill() {
      process_.kill('SIGKILL');
      await ended;
    },
  };
}
