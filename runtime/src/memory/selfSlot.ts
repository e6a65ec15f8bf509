import { hasProgram, program, slotByte, slotDouble, slotWord } from './program.js';
import { Slot, SlotState, WaitKind, writeText, type SlotStateName, type WaitKindName } from './tableLayout.js';

/** This process's own entries in the process table: plain stores, read by anybody, never waited for. */

export function setState(state: SlotStateName): void {
  Atomics.store(program().table.i32, slotWord(program().slot) + Slot.state_W, SlotState[state]);
}

interface PublishedWait {
  readonly kind: WaitKindName;
  readonly object: number;
  /** Epoch ms. */
  readonly since: number;
}

/** Everything this process waits for now; the table shows the longest wait. */
const waits = new Set<PublishedWait>();

/**
 * Publishes what this process waits for, until `endWait` is called with the result. `object` is the shared object's
 * id, 0 for none; of a process its owner word.
 */
export function beginWait(kind: WaitKindName, object: number): PublishedWait | undefined {
  if (!hasProgram()) return undefined;
  const wait = { kind, object, since: Date.now() };
  waits.add(wait);
  if (waits.size === 1) publish(wait);
  return wait;
}

export function endWait(wait: PublishedWait | undefined): void {
  if (wait === undefined) return;
  const wasLongest = waits.values().next().value === wait;
  waits.delete(wait);
  if (!wasLongest) return;
  const next = waits.values().next().value;
  if (next !== undefined) publish(next);
  else program().table.i32[slotWord(program().slot) + Slot.waitKind_W] = WaitKind.none;
}

function publish(wait: PublishedWait): void {
  const { table, slot } = program();
  const base = slotWord(slot);
  table.i32[base + Slot.waitObject_W] = wait.object;
  table.f64[slotDouble(slot) + Slot.waitSince_D] = wait.since;
  table.i32[base + Slot.waitKind_W] = WaitKind[wait.kind];
}

export function setText(field: 'name' | 'target' | 'task' | 'inspector', text: string): void {
  const { table, slot } = program();
  writeText(table.u8, slotByte(slot) + Slot[`${field}_B`], Slot[`${field}Bytes`], text);
}

/** Keeps the last of what this process wrote to stderr, for who looks at it after its death. */
export function appendStderr(text: string): void {
  stderrTail = (stderrTail + text).slice(-Slot.stderrBytes);
  while (Buffer.byteLength(stderrTail) > Slot.stderrBytes - 2) stderrTail = stderrTail.slice(64);
  const { table, slot } = program();
  writeText(table.u8, slotByte(slot) + Slot.stderr_B, Slot.stderrBytes, stderrTail);
}

let stderrTail = '';
