import { setTimeout as sleep } from 'node:timers/promises';
import { readProgram } from '../inspect/readProgram.js';
import type { ProcessSnapshot, ProgramSnapshot } from '../inspect/types.js';
import type { KillSignal } from './arguments.js';
import { find, lives, title } from './find.js';
import { parentOf } from './view.js';

/** How long the signalled ones have to go. */
const PATIENCE = 2000;
const LOOK_EVERY = 25;

export interface KillOptions {
  readonly pid: number;
  readonly tree: boolean;
  readonly signal: KillSignal;
}

/**
 * Signals one process, with `tree` all it started as well, and waits until they are gone. The parent goes first: it is
 * the one that would start a new worker for each that dies.
 */
export async function kill({ pid, tree, signal }: KillOptions): Promise<number> {
  const found = find(pid);
  if (typeof found === 'string') {
    process.stderr.write(`manycore: ${found}\n`);
    return 1;
  }
  const { program } = found;
  const signalled = new Map<string, ProcessSnapshot>();
  const refused = new Map<string, string>();
  const strike = (target: ProcessSnapshot, from: ProgramSnapshot): void => {
    if (signalled.has(key(target)) || !lives(from, target)) return;
    signalled.set(key(target), target);
    try {
      process.kill(target.pid, signal);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (code !== 'ESRCH')
        refused.set(key(target), `${title(target)} could not be signalled: ${code || String(error)}`);
    }
  };

  strike(found.process, program);
  const deadline = Date.now() + PATIENCE;
  // What the last reading knew; the folder goes with the last process of a program.
  let last = program;
  let left: ProcessSnapshot[];
  for (;;) {
    const now = readProgram(program.dir);
    last = now ?? last;
    // Read again each time: until the parent has gone it may have started more.
    if (tree) for (const child of descendants(found.process, last.processes)) strike(child, last);
    left = [...signalled.values()].filter(one => lives(last, one));
    if (left.length === 0 || Date.now() > deadline) break;
    await sleep(LOOK_EVERY);
  }
  for (const target of signalled.values()) {
    const stays = left.includes(target);
    const line = refused.get(key(target)) ?? `${signal} to ${title(target)}: ${stays ? 'still there' : 'gone'}`;
    (stays ? process.stderr : process.stdout).write(`${stays ? 'manycore: ' : ''}${line}\n`);
  }
  if (left.length === 0) return 0;
  const hint = signal === 'SIGKILL' ? '' : '; --signal SIGKILL ends what does not listen';
  process.stderr.write(`manycore: ${left.length} still there after ${PATIENCE / 1000} s${hint}\n`);
  return 1;
}

/** (slot, generation) names a process for ever. */
const key = ({ slot, generation }: ProcessSnapshot): string => `${slot} ${generation}`;

/** All that a process started, and they: parents before their children. The dead count, for their children may live. */
function descendants(of: ProcessSnapshot, processes: readonly ProcessSnapshot[]): ProcessSnapshot[] {
  const found = [of];
  const keys = new Set([key(of)]);
  for (let at = 0; at < found.length; at++) {
    const parent = found[at];
    for (const process of processes) {
      const above = parentOf(process, processes);
      if (above === undefined || parent === undefined || key(above) !== key(parent) || keys.has(key(process))) continue;
      keys.add(key(process));
      found.push(process);
    }
  }
  return found.slice(1);
}
