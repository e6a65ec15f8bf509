import { RuntimeError } from '../../errors.js';
import { allocate, blockAt, free, layout, program, slotWord } from '../../memory/index.js';
import type { PreloadSettings } from '../spares/preload.js';

const { Slot } = layout;

/**
 * What a child is told before it knows anything: read without importing a single module of the user's, so that even
 * an import that fails can be reported under the process's name.
 */
export interface BootHeader {
  /** Which bootstrap entry takes the payload; see entries.ts. */
  readonly entry: string;
  readonly name: string;
  readonly daemon: boolean;
  readonly identity: readonly number[];
  /** Hexadecimal. */
  readonly authKey: string;
  readonly parentName: string;
  /** The arguments after the script that the main process was started with. */
  readonly argv: readonly string[];
  readonly logSettings?: unknown;
  readonly sourceMaps: boolean;
  /** Where it opens its inspector, on any free port; not, if absent. */
  readonly inspectorHost?: string | undefined;
  /** Where the program started this process and its ancestors, innermost first; see unguarded.ts. */
  readonly sites: readonly string[];
  /** Of a process started by the method `'forkserver'`: what such processes import before anything else. */
  readonly preload?: PreloadSettings | undefined;
}

const LENGTHS = 4;

/**
 * Puts the message where the child in `slot` finds it: a block of shared memory whose place the slot names. Layout:
 * the header's length as a 32-bit number, the header as JSON, the payload.
 */
export function writeBootMessage(slot: number, header: BootHeader, payload: Uint8Array): void {
  const head = Buffer.from(JSON.stringify(header));
  const length = LENGTHS + head.length + payload.length;
  const block = allocate(length);
  const bytes = block.segment.u8.subarray(block.offset, block.offset + length);
  bytes.writeUInt32LE(head.length, 0);
  bytes.set(head, LENGTHS);
  bytes.set(payload, LENGTHS + head.length);
  const { i32 } = program().table;
  i32[slotWord(slot) + Slot.bootSegment_W] = block.segmentId;
  i32[slotWord(slot) + Slot.bootOffset_W] = block.offset;
  Atomics.store(i32, slotWord(slot) + Slot.bootLength_W, length);
}

export interface BootMessage {
  readonly header: BootHeader;
  readonly payload: Uint8Array;
}

/** In the child: takes the message out of the slot and gives its memory back. */
export function takeBootMessage(): BootMessage {
  const { slot, table } = program();
  const length = Atomics.load(table.i32, slotWord(slot) + Slot.bootLength_W);
  const block = bootBlock(slot);
  // A copy, so that the block can be given back before anything that may throw.
  const bytes = Buffer.from(block.segment.u8.subarray(block.offset, block.offset + length));
  dropBootMessage(slot);
  return parseBootMessage(bytes);
}

/** Takes a message's bytes apart. Throws RuntimeError for bytes that are none. */
export function parseBootMessage(bytes: Buffer): BootMessage {
  const headLength = bytes.length < LENGTHS ? Infinity : bytes.readUInt32LE(0);
  if (LENGTHS + headLength > bytes.length)
    throw new RuntimeError('what this process was told at its start is cut short');
  const payload = bytes.subarray(LENGTHS + headLength);
  try {
    const header: unknown = JSON.parse(bytes.toString('utf8', LENGTHS, LENGTHS + headLength));
    if (isHeader(header)) return { header, payload };
  } catch {
    // No JSON.
  }
  throw new RuntimeError('what this process was told at its start is no boot message');
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isList = (of: (value: unknown) => boolean) => (value: unknown) => Array.isArray(value) && value.every(of);
const isFlag = (value: unknown): boolean => typeof value === 'boolean';
const FIELDS: Readonly<Partial<Record<keyof BootHeader, (value: unknown) => boolean>>> = {
  entry: isText,
  name: isText,
  authKey: isText,
  parentName: isText,
  inspectorHost: value => value === undefined || isText(value),
  daemon: isFlag,
  sourceMaps: isFlag,
  argv: isList(isText),
  sites: isList(isText),
  identity: isList(Number.isInteger),
};

function isHeader(value: unknown): value is BootHeader {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(FIELDS).every(([name, isRight]) => isRight(Reflect.get(value, name)));
}

/** Whether the message is still there: the child has not taken it. */
export const hasBootMessage = (slot: number): boolean =>
  Atomics.load(program().table.i32, slotWord(slot) + Slot.bootLength_W) > 0;

/** Gives the message's memory back, once: whoever swaps the length out, the child or (if it died first) its parent. */
export function dropBootMessage(slot: number): void {
  const length = Atomics.exchange(program().table.i32, slotWord(slot) + Slot.bootLength_W, 0);
  if (length > 0) free(bootBlock(slot), length);
}

function bootBlock(slot: number): ReturnType<typeof blockAt> {
  const { i32 } = program().table;
  const base = slotWord(slot);
  return blockAt(i32[base + Slot.bootSegment_W] ?? 0, i32[base + Slot.bootOffset_W] ?? 0);
}
