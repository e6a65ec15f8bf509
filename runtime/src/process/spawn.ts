import type { Writable } from 'node:stream';
import { shareCode } from '../code.js';
import { AssertionError } from '../errors.js';
import {
  collectUnderway,
  keepAlive,
  layout,
  ownerWord,
  program,
  slotByte,
  slotDouble,
  slotWord,
  type ClaimedSlot,
} from '../memory/index.js';
import { encodeToBuffer } from '../pickle/index.js';
import { binaryFile } from '../platform/index.js';
import { dropBootMessage, writeBootMessage, type BootHeader } from './bootMessage.js';
import { Child, type ExitStatus } from './children.js';
import { self } from './current.js';
import { endWithParent } from './exiting.js';
import { assertCanBoot } from './frozen.js';
import { logSettings } from './hooks.js';
import { holdLifeline } from './orphans.js';
import { launchNode } from './launch.js';
import { relayOutput } from './relay.js';
import { assertGuarded } from './unguarded.js';

const { Slot, SlotKind, SlotState } = layout;

export type ChildStdio = 'inherit' | 'ignore' | 'pipe' | 'prefix' | Writable;

/** What it takes to start a process. */
export interface ChildSpec {
  readonly kind: Exclude<layout.SlotKindName, 'main'>;
  readonly name: string;
  readonly daemon: boolean;
  /** Counting numbers from the main process down; see `nextIdentity`. */
  readonly identity?: readonly number[];
  readonly poolId?: number;
  /** `file:///…#name`, for who reads the process table. */
  readonly target?: string;
  /** `module` is a tag given to `registerEntry`; `payload` is anything that can be pickled, which messages call `root`. */
  readonly boot: { readonly module: string; readonly payload: unknown; readonly root?: string };
  readonly authKey?: Uint8Array | undefined;
  /** stdout and stderr of the child; stdin is never there. */
  readonly stdio?: ChildStdio | undefined;
  readonly execArgv?: readonly string[] | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Called once the end of the process has been recorded. `signal` is null unless a signal killed it. */
  readonly onExit?: ((code: number | null, signal: NodeJS.Signals | null) => void) | undefined;
}

/**
 * Starts a process, synchronously: when this returns it runs and has a pid. Nothing is left behind when it throws.
 *
 * Throws AssertionError in a daemonic process, RuntimeError while a child imports its modules, PicklingError when the
 * payload cannot travel, OSError when the system refuses.
 */
export function spawnChild(spec: ChildSpec): Child {
  assertMayHaveChildren();
  const sites = assertGuarded(self().name);
  assertCanBoot();
  const root = spec.boot.root ?? 'payload';
  const encodePayload = (value: unknown): Buffer => encodeToBuffer(value, { root });
  const { result: payload, references = [] } = collectUnderway('kept', encodePayload, spec.boot.payload);
  const claimed = claimSlotFor(references);
  try {
    // If the process dies before it has read them, the ends of pipes among its arguments die with it.
    for (const reference of references) reference.boundFor(ownerWord(claimed.slot, claimed.generation));
    writeBirth(claimed, spec);
    writeBootMessage(claimed.slot, headerFor(spec, sites), payload);
    holdLifeline();
    const child = startNode(claimed, spec);
    // The child may read them late or never: what it was given stays for as long as it lives.
    child.keep(keepAlive(references));
    if (spec.onExit !== undefined) void child.exited.then(notify(spec.onExit));
    endWithParent();
    shareCode(program().dir, binaryFile() ?? '');
    return child;
  } catch (error) {
    dropBootMessage(claimed.slot);
    for (const reference of references) reference.sent(false);
    Atomics.store(program().table.i32, slotWord(claimed.slot) + Slot.state_W, SlotState.free);
    throw error;
  } finally {
    // The child has it; the lock must go when the child does, not when we do.
    claimed.lock.drop();
  }
}

function claimSlotFor(references: readonly { sent(arrives: boolean): void }[]): ClaimedSlot {
  try {
    return program().claimSlot();
  } catch (error) {
    for (const reference of references) reference.sent(false);
    throw error;
  }
}

const notify =
  (onExit: NonNullable<ChildSpec['onExit']>) =>
  ({ code, signal }: ExitStatus): void =>
    onExit(code, signal);

export function assertMayHaveChildren(): void {
  if (self().daemon) throw new AssertionError('daemonic processes are not allowed to have children');
}

function writeBirth({ slot }: ClaimedSlot, spec: ChildSpec): void {
  const { table, slot: parentSlot, generation: parentGeneration } = program();
  const base = slotWord(slot);
  const at = slotByte(slot);
  table.i32[base + Slot.kind_W] = SlotKind[spec.kind];
  table.i32[base + Slot.parentSlot_W] = parentSlot;
  table.i32[base + Slot.parentGeneration_W] = parentGeneration;
  table.i32[base + Slot.parentPid_W] = process.pid;
  table.i32[base + Slot.daemon_W] = spec.daemon ? 1 : 0;
  table.i32[base + Slot.poolId_W] = spec.poolId ?? 0;
  table.f64[slotDouble(slot) + Slot.startedAt_D] = Date.now();
  layout.writeText(table.u8, at + Slot.name_B, Slot.nameBytes, spec.name);
  layout.writeText(table.u8, at + Slot.target_B, Slot.targetBytes, spec.target ?? '');
}

function headerFor(spec: ChildSpec, sites: readonly string[]): BootHeader {
  const me = self();
  return {
    entry: spec.boot.module,
    name: spec.name,
    daemon: spec.daemon,
    identity: spec.identity ?? me.nextIdentity(),
    authKey: Buffer.from(spec.authKey ?? me.authKey).toString('hex'),
    parentName: me.name,
    argv: process.argv.slice(2),
    logSettings: logSettings(),
    sourceMaps: sourceMapsEnabled(),
    sites,
  };
}

const sourceMapsEnabled = (): boolean =>
  'sourceMapsEnabled' in process && (process as { sourceMapsEnabled?: unknown }).sourceMapsEnabled === true;

function startNode(claimed: ClaimedSlot, spec: ChildSpec): Child {
  const to = spec.stdio ?? 'inherit';
  const isRelayed = typeof to === 'object' || to === 'prefix';
  const started = launchNode(claimed, { ...spec, output: isRelayed ? 'pipe' : to });
  // A pool's workers serve it and nobody else: they never keep the program running, also those that are no daemons.
  const daemon = spec.daemon || spec.kind === 'worker';
  const relays = isRelayed ? relayOutput(started, to, spec.name) : [];
  return new Child(started, started.pid, { ...claimed, daemon, relays });
}
