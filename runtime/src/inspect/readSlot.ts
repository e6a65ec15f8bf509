import os from 'node:os';
import * as layout from '../memory/tableLayout.js';
import { statOf } from './liveness.js';
import type { ProcessKind, ProcessSnapshot, ProcessState } from './types.js';

const { Slot, SlotKind, SlotState, WaitKind } = layout;

/** How long a process may be without a pid before it counts as one whose start has failed. */
const STARTING = 10_000;

const nameOf = <T extends string>(names: Readonly<Record<T, number>>): ReadonlyMap<number, T> =>
  new Map(Object.entries(names).map(([name, number]) => [number as number, name as T]));
const KINDS = nameOf(SlotKind);
const STATES = nameOf(SlotState);
const WAITS = nameOf(WaitKind);
const SIGNAL_NAMES = nameOf(os.constants.signals);

/** The table's bytes, as one reading found them. */
export interface TableBytes {
  readonly dir: string;
  readonly bytes: Buffer;
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  /** What a shared object is called, by its id. */
  readonly objectName: (id: number) => string;
}

/** Whether the slot has a process that has not recorded its end. */
export function isRecordedAlive(words: Int32Array, slot: number): boolean {
  const state = words[((layout.SLOTS_START_B + slot * layout.SLOT_BYTES) >> 2) + Slot.state_W] ?? 0;
  return state > SlotState.free && state !== SlotState.exited && state !== SlotState.died;
}

/** The process in a slot, or undefined when the slot has never had one. */
export function readSlot(table: TableBytes, slot: number, now: number): ProcessSnapshot | undefined {
  const start = layout.SLOTS_START_B + slot * layout.SLOT_BYTES;
  const word = (index: number): number => table.words[(start >> 2) + index] ?? 0;
  const double = (index: number): number => finite(table.doubles[(start >> 3) + index]);
  const text = (at: number, room: number): string =>
    table.bytes[start + at] === 0 && table.bytes[start + at + 1] === 0
      ? ''
      : layout.readText(table.bytes, start + at, room);

  const written = STATES.get(word(Slot.state_W));
  const kind = KINDS.get(word(Slot.kind_W));
  if (written === undefined || written === 'free' || kind === undefined) return undefined;
  const pid = word(Slot.pid_W);
  const startedAt = double(Slot.startedAt_D);
  const recorded = written === 'exited' || written === 'died';
  const stat = recorded ? undefined : statOf({ dir: table.dir, slot, pid, startedAt });
  const alive = !recorded && (stat !== undefined || (pid === 0 && now - startedAt < STARTING));
  const waitKind = WAITS.get(word(Slot.waitKind_W)) ?? 'none';
  const hasExitCode = word(Slot.ended_W) === 1;
  const exitCode = !alive && hasExitCode ? word(Slot.exitCode_W) : null;
  const busySince = alive ? double(Slot.busySince_D) : 0;
  return {
    slot,
    generation: word(Slot.generation_W) & 0xffff,
    pid,
    parentPid: word(Slot.parentPid_W),
    parentSlot: word(Slot.parentSlot_W),
    name: text(Slot.name_B, Slot.nameBytes),
    kind: kind satisfies ProcessKind,
    state: shownState(written, alive, waitKind !== 'none', exitCode),
    daemon: word(Slot.daemon_W) !== 0,
    poolId: word(Slot.poolId_W),
    target: text(Slot.target_B, Slot.targetBytes),
    task: text(Slot.task_B, Slot.taskBytes),
    tasksDone: word(Slot.tasksDone_W),
    tasksFailed: word(Slot.tasksFailed_W),
    busyMs: double(Slot.busyMs_D) + (busySince > 0 ? Math.max(0, now - busySince) : 0),
    waitingFor:
      alive && waitKind !== 'none' ? waitOf(table, waitKind, word(Slot.waitObject_W), double(Slot.waitSince_D)) : null,
    exitCode,
    signal: exitCode !== null && exitCode < 0 ? (SIGNAL_NAMES.get(-exitCode) ?? null) : null,
    inspector: alive ? text(Slot.inspector_B, Slot.inspectorBytes) : '',
    stderrTail: text(Slot.stderr_B, Slot.stderrBytes),
    startedAt,
    endedAt: alive ? null : double(Slot.endedAt_D) || null,
    rssBytes: stat?.rssBytes ?? null,
    cpuMs: stat?.cpuMs ?? null,
  };
}

function shownState(
  written: Exclude<layout.SlotStateName, 'free'>,
  alive: boolean,
  waits: boolean,
  exitCode: number | null,
): ProcessState {
  if (!alive) return written === 'exited' || (written !== 'died' && (exitCode ?? -1) >= 0) ? 'exited' : 'died';
  return waits && (written === 'running' || written === 'busy') ? 'waiting' : written;
}

function waitOf(table: TableBytes, kind: string, object: number, sinceMs: number): ProcessSnapshot['waitingFor'] {
  if (object === 0) return { kind, name: '', sinceMs };
  return { kind, name: kind === 'process' ? processName(table, object) : table.objectName(object), sinceMs };
}

/** Of the process behind an owner word; empty when its slot has gone to another one. */
function processName({ words, bytes }: TableBytes, owner: number): string {
  const start = layout.SLOTS_START_B + ((owner >>> 16) % layout.SLOT_COUNT) * layout.SLOT_BYTES;
  if (((words[(start >> 2) + Slot.generation_W] ?? 0) & 0xffff) !== (owner & 0xffff)) return '';
  return layout.readText(bytes, start + Slot.name_B, Slot.nameBytes);
}

const finite = (value: number | undefined): number => (value !== undefined && Number.isFinite(value) ? value : 0);
