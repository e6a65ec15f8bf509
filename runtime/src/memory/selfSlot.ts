import { hasProgram, program, slotByte, slotDouble, slotWord } from './program.js';
import { Slot, SlotState, WaitKind, writeText, type SlotStateName, type WaitKindName } from './tableLayout.js';

/** This process's own entries in the process table: plain stores, read by anybody, never waited for. */

export function setState(state: SlotStateName): void {
  Atomics.store(program().table.i32, slotWord(program().slot) + Slot.state_W, SlotState[state]);
}

/** Publishes what this process waits for, until `endWait`. `object` is the shared object's id, 0 for none. */
export function beginWait(kind: WaitKindName, object: number): void {
  if (!hasProgram()) return;
  const { table, slot } = program();
  const base = slotWord(slot);
  table.i32[base + Slot.waitObject_W] = object;
  table.f64[slotDouble(slot) + Slot.waitSince_D] = Date.now();
  table.i32[base + Slot.waitKind_W] = WaitKind[kind];
}

export function endWait(): void {
  if (!hasProgram()) return;
  program().table.i32[slotWord(program().slot) + Slot.waitKind_W] = WaitKind.none;
}

export function setText(field: 'name' | 'target' | 'task', text: string): void {
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
