/**
 * The process table: one file a program, fixed places, so that a reader needs nothing but the bytes. This module is
 * shared by the writers (memory/, process/, pool/) and by the reader (inspect/), and knows no operating system.
 *
 * Offsets with the suffix `_W` count 32-bit words from the start of the slot (or of the file, for the header), `_D`
 * count 64-bit floats from the start of the slot, `_B` count bytes.
 */
export const TABLE_FILE = 'table';
export const MAGIC = 0x4d43_5442; // 'MCTB'
export const LAYOUT_VERSION = 2;

export const SLOT_COUNT = 1024;
export const SLOT_BYTES = 2048;
export const SLOTS_START_B = 64 * 1024;
export const TABLE_BYTES = SLOTS_START_B + SLOT_COUNT * SLOT_BYTES;

/** Words of the header. */
export const Header = {
  magic: 0,
  layoutVersion: 1,
  slotCount: 2,
  slotBytes: 3,
  /** Counts segments, so that names never repeat. */
  nextSegment: 4,
  /** The segment from which small objects are cut now. */
  arenaSegment: 5,
  /** Counts shared objects (pools, queues, locks), so that a reader can name them. */
  nextObject: 6,
  /** The segment of the lists that messages name by a number; 0 until somebody needs it. */
  shapeSegment: 7,
  /** Counts segments that were removed, so that others know when to look what they have mapped in vain. */
  removals: 8,
  /** Segments given back and kept for later, as many pairs of words: size in pages and number. See recycled.ts. */
  recycledCell0: 64,
  recycledCells: 448,
} as const;

/** Rows for pools and queues follow the header: fixed count, fixed size, claimed by compare-and-exchange on word 0. */
export const POOLS_START_B = 4096;
export const POOL_ROWS = 128;
export const QUEUES_START_B = POOLS_START_B + 128 * 128;
export const QUEUE_ROWS = 256;
export const ROW_BYTES = 128;

/** Words of a pool's or a queue's row; `name` is a text field in bytes. */
export const Row = {
  /** The object's id; 0 means the row is free. */
  id_W: 0,
  ownerSlot_W: 1,
  ownerGeneration_W: 2,
  state_W: 3,
  size_W: 4,
  workers_W: 5,
  /** For a queue: its depth. */
  queued_W: 6,
  running_W: 7,
  submitted_W: 8,
  done_W: 9,
  failed_W: 10,
  /** Of a pool's running calls that say how many inputs they have: answered, and in all; see `UNKNOWN_TOTAL`. */
  progressDone_W: 11,
  progressTotal_W: 12,
  name_B: 64,
  nameBytes: 64,
} as const;

/** In the place of a total that nobody knows yet; 0 when no such call is running. */
export const UNKNOWN_TOTAL = -1;

export const PoolRowState = { running: 1, closed: 2, terminated: 3 } as const;

/** Words, floats and texts of a process's slot. */
export const Slot = {
  /** Claimed by compare-and-exchange; see `SlotState`. */
  state_W: 0,
  /** One more at each claim: (slot, generation) names one process for ever. 16 bits are used. */
  generation_W: 1,
  kind_W: 2,
  pid_W: 3,
  parentSlot_W: 4,
  parentGeneration_W: 5,
  parentPid_W: 6,
  daemon_W: 7,
  poolId_W: 8,
  /** 0 while it runs, 1 once `exitCode_W` holds. */
  ended_W: 9,
  exitCode_W: 10,
  /** 1 while the process sleeps in its event loop and wants its doorbell rung. */
  armed_W: 11,
  /** 0 when it waits for nothing, else see `WaitKind`. */
  waitKind_W: 12,
  waitObject_W: 13,
  tasksDone_W: 14,
  tasksFailed_W: 15,
  /** The boot message for a child: segment and length in bytes; its offset is `bootOffset_W`. */
  bootSegment_W: 16,
  bootLength_W: 17,
  /** For whoever owns the process: words for the pool's book-keeping (the task it holds, and the like). */
  pool0_W: 18,
  pool1_W: 19,
  startedAt_D: 10,
  endedAt_D: 11,
  waitSince_D: 12,
  busyMs_D: 13,
  /** Epoch ms since when it works on the current task; 0 when idle. */
  busySince_D: 14,
  bootOffset_W: 30,
  /** The segment of the journal of what its processes hold: it goes from one to the next. See journal.ts. */
  journal_W: 31,
  name_B: 128,
  nameBytes: 128,
  target_B: 256,
  targetBytes: 384,
  task_B: 640,
  taskBytes: 256,
  stderr_B: 896,
  stderrBytes: 1024,
  /** Where a debugger finds the process, `ws://…`; empty when its inspector is closed. */
  inspector_B: 1920,
  inspectorBytes: 96,
  /** 1 once the system ends the process with the main one, and until then a signal must not tell it otherwise. */
  tied_W: 504,
} as const;

/** Negative: minus the owner word of a process that is just taking the slot, or writing the end of its process into it. */
export const SlotState = {
  free: 0,
  starting: 1,
  running: 2,
  idle: 3,
  busy: 4,
  waiting: 5,
  exited: 6,
  died: 7,
  /** Booted ahead of time, and waits to be needed; see process/spares/stock.ts. */
  spare: 8,
} as const;
export type SlotStateName = keyof typeof SlotState;

export const SlotKind = { main: 1, process: 2, worker: 3, manager: 4 } as const;
export type SlotKindName = keyof typeof SlotKind;

export const WaitKind = {
  none: 0,
  lock: 1,
  semaphore: 2,
  condition: 3,
  event: 4,
  barrier: 5,
  queueGet: 6,
  queuePut: 7,
  connection: 8,
  process: 9,
  task: 10,
  queueJoin: 11,
} as const;
export type WaitKindName = keyof typeof WaitKind;

/** Texts are UTF-8 behind a 16-bit length; a longer text loses its end (a stderr tail: its beginning). */
export function writeText(bytes: Buffer, at: number, room: number, text: string): void {
  const written = bytes.write(text, at + 2, room - 2, 'utf8');
  bytes.writeUInt16LE(written, at);
}

export function readText(bytes: Buffer, at: number, room: number): string {
  const length = Math.min(bytes.readUInt16LE(at), room - 2);
  return bytes.toString('utf8', at + 2, at + 2 + length);
}
