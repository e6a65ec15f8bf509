import type { ChildProcess } from 'node:child_process';
import { instant } from '../../clock.js';
import { layout, ownerWord, program, slotByte, slotWord, sweepSlot } from '../../memory/index.js';
import { encodeToBuffer } from '../../pickle/index.js';
import { nap } from '../../platform/nap.js';
import { processStat } from '../../platform/processStat.js';
import { announceDeath, ring } from '../../sync/doorbell.js';
import { headerFor, takeBirthBack, writeBirth } from '../starting/birth.js';
import { writeBootMessage } from '../starting/bootMessage.js';
import { launchNode } from '../starting/launch.js';
import type { ProcessPayload } from '../payload.js';
import type { Target } from '../options.js';
import type { PreloadSettings } from './preload.js';
import { SPARE_ENTRY, type SpareReport } from './spareReport.js';

const { Slot, SlotState } = layout;

/** A function whose module a spare has imported. */
export type Callable = (...args: never[]) => unknown;

/** How a spare ended that was never needed. */
export interface SpareEnd {
  /** By a signal, this process's own or somebody else's. */
  readonly isKilled: boolean;
  /** What it could not import, if that is why. */
  readonly report: SpareReport | undefined;
}

/**
 * A process that was started ahead of time, as seen by its parent: it has a slot and its lock as any child has, boots,
 * imports, writes `spare` into its slot and waits. `take` makes it a child; until then it keeps nothing alive.
 */
export class Spare {
  readonly process: ChildProcess & { pid: number };
  readonly slot: number;
  readonly generation: number;
  /** The module it has imported beside those of the settings; '' for none. */
  readonly flavour: string;
  #isTaken = false;

  /** Throws OSError when the system refuses a process, or the program has no room for one. */
  constructor(flavour: string, like: Callable | undefined, preload: PreloadSettings, onEnd: (end: SpareEnd) => void) {
    this.flavour = flavour;
    const claimed = program().claimSlot();
    this.slot = claimed.slot;
    this.generation = claimed.generation;
    const name = 'Spare';
    try {
      const birth = { kind: 'process', name, daemon: true } as const;
      writeBirth(claimed.slot, birth);
      // To itself it is none: whatever its modules start is to be refused as what it is, for want of a guard.
      const header = headerFor({ name, daemon: false, entry: SPARE_ENTRY, identity: [], preload, sites: [] });
      writeBootMessage(claimed.slot, header, encodeToBuffer(rehearsal(like)));
      this.process = launchNode(claimed, { name, output: 'inherit' });
    } catch (error) {
      takeBirthBack(claimed.slot);
      throw error;
    } finally {
      claimed.lock.drop();
    }
    this.process.unref();
    this.process.once('exit', (code, signal) => {
      if (this.#isTaken) return; // it is a `Child` now
      const report = code === null ? undefined : this.#report();
      this.#vacate();
      announceDeath();
      onEnd({ isKilled: signal !== null, report });
    });
  }

  /** Whether it has got as far as waiting to be needed. */
  get isReady(): boolean {
    return this.#state === SlotState.spare;
  }

  get isDead(): boolean {
    return program().isDead(ownerWord(this.slot, this.generation));
  }

  /**
   * Makes it the caller's, who writes who it is into its slot and then calls `wake`. False if it is not ready, dead, or
   * was stopped by somebody (SIGSTOP): who starts a process wants it to run.
   */
  take(): boolean {
    if (!this.isReady || this.isDead || isHeldUp(this.process.pid)) return false;
    const { i32 } = program().table;
    const word = slotWord(this.slot) + Slot.state_W;
    this.#isTaken = Atomics.compareExchange(i32, word, SlotState.spare, SlotState.starting) === SlotState.spare;
    return this.#isTaken;
  }

  /** It finds its boot message, and is no spare from now on. */
  wake(): void {
    ring(this.slot);
  }

  /** Instead of `wake`, when it could not be told who it is. */
  giveUp(): void {
    this.#isTaken = false;
    this.kill();
  }

  kill(): void {
    this.process.kill('SIGKILL');
  }

  /** After `kill`, for a process that ends and will hear of nothing any more. */
  forget(deadline: number): void {
    while (!this.isDead && instant() < deadline) nap(1);
    if (this.isDead) this.#vacate();
  }

  get #state(): number {
    return Atomics.load(program().table.i32, slotWord(this.slot) + Slot.state_W);
  }

  #report(): SpareReport | undefined {
    const { table } = program();
    const text = layout.readText(table.u8, slotByte(this.slot) + Slot.stderr_B, Slot.stderrBytes);
    try {
      return text === '' ? undefined : (JSON.parse(text) as SpareReport);
    } catch {
      return undefined; // words of its own
    }
  }

  /** Nobody was ever in it: the slot is free again, and shows no dead process. */
  #vacate(): void {
    if (!program().takeEnded(this.slot, this.generation)) return;
    sweepSlot(this.slot);
    takeBirthBack(this.slot);
  }
}

/** As the message of a process that has that target: reading this makes reading that one quick. */
const rehearsal = (like: Callable | undefined): ProcessPayload => ({
  Class: undefined,
  fields: {},
  target: like as Target<unknown[]> | undefined,
  args: [],
});

/**
 * Whether it was stopped, or is on its way out: the lock of one that was killed goes with its last thread. Where /proc
 * tells; elsewhere it is not known.
 */
function isHeldUp(pid: number): boolean {
  const state = processStat(pid)?.[0];
  return state !== undefined && 'TtZX'.includes(state);
}
