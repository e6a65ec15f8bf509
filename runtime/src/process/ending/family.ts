import { instant } from '../../clock.js';
import { layout, ownerWord, program, slotWord } from '../../memory/index.js';
import { nap } from '../../platform/nap.js';

const { Slot, SlotState } = layout;

export const MAIN_SLOT = 0;

/** How long a process may take to die of SIGTERM before it gets SIGKILL, in milliseconds. */
const PATIENCE = 500;

/** A process of this program, as the table knows it. */
export interface Member {
  readonly slot: number;
  readonly pid: number;
  isAlive(): boolean;
}

/** The processes of this program that live, but for this one. No pid among them can be somebody else's. */
export function* livingProcesses(): Generator<Member> {
  const { table, slot: own } = program();
  for (let slot = 0; slot < layout.SLOT_COUNT; slot++) {
    const base = slotWord(slot);
    const state = Atomics.load(table.i32, base + Slot.state_W);
    if (slot === own || state === SlotState.free || state === SlotState.exited || state === SlotState.died) continue;
    const owner = ownerWord(slot, Atomics.load(table.i32, base + Slot.generation_W));
    const isAlive = (): boolean => !program().isDead(owner);
    // A pid of 0: its parent is just starting it.
    if (isAlive()) yield { slot, pid: Atomics.load(table.i32, base + Slot.pid_W), isAlive };
  }
}

/** Who can be ended: a process, and whether it lives. */
export interface Mortal {
  isAlive(): boolean;
  kill(signal: NodeJS.Signals): unknown;
}

/** Ends processes with SIGTERM, and with SIGKILL those that do not hear it. Blocks until they have ended. */
export function endAll(processes: readonly Mortal[]): void {
  for (const each of processes) each.kill('SIGTERM');
  const deadline = instant() + PATIENCE;
  for (const each of processes) {
    while (each.isAlive() && instant() < deadline) nap(1);
    if (each.isAlive()) each.kill('SIGKILL');
  }
  // Nobody evades that, but it takes a moment; and who still seems to live when this process leaves keeps the program's
  // folder, which nobody would take away then. The bound is for what the system itself cannot end, as in a dead mount.
  const end = instant() + PATIENCE;
  for (const each of processes) while (each.isAlive() && instant() < end) nap(1);
}

/** Ends every other process of this program. */
export function endFamily(): void {
  endAll([...livingProcesses()].flatMap(({ pid, isAlive }) => (pid === 0 ? [] : [{ isAlive, kill: killer(pid) }])));
}

const killer =
  (pid: number) =>
  (signal: NodeJS.Signals): void => {
    try {
      process.kill(pid, signal);
    } catch {
      // It has just ended.
    }
  };
