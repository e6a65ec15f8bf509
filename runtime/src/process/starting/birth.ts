import { layout, program, slotByte, slotDouble, slotWord } from '../../memory/index.js';
import { dropBootMessage, type BootHeader } from './bootMessage.js';
import { self } from '../current.js';
import { sourceMapsEnabled } from '../ending/mapStack.js';
import { inspectorHost } from './debugging.js';
import { logSettings } from '../hooks.js';
import type { PreloadSettings } from '../spares/preload.js';

const { Slot, SlotKind, SlotState } = layout;

/** Who a new process is, for readers of the process table. */
export interface Birth {
  readonly kind: Exclude<layout.SlotKindName, 'main'>;
  readonly name: string;
  readonly daemon: boolean;
  readonly poolId?: number | undefined;
  /** `file:///…#name`. */
  readonly target?: string | undefined;
}

/** Writes who the process is into the slot that was claimed for it, before it runs. */
export function writeBirth(slot: number, birth: Birth): void {
  const { table, slot: parentSlot, generation: parentGeneration } = program();
  const base = slotWord(slot);
  const at = slotByte(slot);
  table.i32[base + Slot.kind_W] = SlotKind[birth.kind];
  table.i32[base + Slot.parentSlot_W] = parentSlot;
  table.i32[base + Slot.parentGeneration_W] = parentGeneration;
  table.i32[base + Slot.parentPid_W] = process.pid;
  table.i32[base + Slot.daemon_W] = birth.daemon ? 1 : 0;
  table.i32[base + Slot.poolId_W] = birth.poolId ?? 0;
  table.f64[slotDouble(slot) + Slot.startedAt_D] = Date.now();
  layout.writeText(table.u8, at + Slot.name_B, Slot.nameBytes, birth.name);
  layout.writeText(table.u8, at + Slot.target_B, Slot.targetBytes, birth.target ?? '');
}

/** Takes it back, and the boot message with it, when the process could not be started. */
export function takeBirthBack(slot: number): void {
  dropBootMessage(slot);
  Atomics.store(program().table.i32, slotWord(slot) + Slot.state_W, SlotState.free);
}

/** What differs from one boot message of this process to the next. */
export interface Told {
  readonly entry: string;
  readonly name: string;
  readonly daemon: boolean;
  /** What it imports ahead; only under the method `'forkserver'`. */
  readonly preload?: PreloadSettings | undefined;
  readonly identity?: readonly number[] | undefined;
  readonly authKey?: Uint8Array | undefined;
  readonly sites: readonly string[];
}

/** The head of a boot message: that, and what a child takes from this process as it is now. */
export function headerFor({ entry, name, daemon, identity, authKey, preload, sites }: Told): BootHeader {
  const me = self();
  return {
    ...{ entry, name, daemon, preload, sites },
    identity: identity ?? me.nextIdentity(),
    authKey: Buffer.from(authKey ?? me.authKey).toString('hex'),
    parentName: me.name,
    argv: process.argv.slice(2),
    logSettings: logSettings(),
    sourceMaps: sourceMapsEnabled(),
    inspectorHost: inspectorHost(),
  };
}
