import path from 'node:path';
import { instant } from '../clock.js';
import { OSError, RuntimeError } from '../errors.js';
import { platform, type FileLock, type LockProbe } from '../platform/index.js';
import { describedEntry, writeDescription } from './description.js';
import { createProgramDir, removeProgramDir, slotFile, removeHalfMade } from './programDir.js';
import { Segment } from './segment.js';
import { Segments } from './segments.js';
import * as layout from './tableLayout.js';

const { Header, Slot, SlotState, SlotKind } = layout;

/** Which process holds something: its slot and the slot's generation in one word, never 0. */
export type OwnerWord = number;

/** One more than the highest bit an owner word uses; flags of lock words start here. */
export const OWNER_BITS = 26;
export const OWNER_MASK = (1 << OWNER_BITS) - 1;

/** A slot taken for a process that is about to start, with its lock, which the process is to be given. */
export interface ClaimedSlot {
  readonly slot: number;
  readonly generation: number;
  readonly lock: FileLock;
}

/**
 * The program this process belongs to: its folder, its table, and this process's place in it. A program is one main
 * process and everything that is started below it.
 */
export class Program {
  readonly dir: string;
  readonly slot: number;
  readonly generation: number;
  readonly isMain: boolean;
  /** Set at the main process's exit when others go on without it: they still need the folder. */
  isOutlived = false;
  readonly table: Segment;
  /** This process as the owner of locks and the like. */
  readonly me: OwnerWord;
  readonly #segments: Segments;
  readonly #probes = new Map<number, LockProbe>();

  constructor(dir: string, table: Segment, slot: number, isMain: boolean) {
    this.dir = dir;
    this.table = table;
    this.#segments = new Segments(dir, table);
    this.slot = slot;
    this.isMain = isMain;
    this.generation = Atomics.load(table.i32, slotWord(slot) + Slot.generation_W);
    this.me = ownerWord(slot, this.generation);
  }

  /** A shared piece of memory by the number it travels under. */
  segment(id: number): Segment {
    return this.#segments.open(id);
  }

  /** As `segment`, for who wants it only if this process has it mapped already. */
  mappedSegment(id: number): Segment | undefined {
    return this.#segments.mapped(id);
  }

  /** Throws OSError (`ENOSPC`, …). */
  createSegment(byteLength: number): { id: number; segment: Segment } {
    return this.#segments.create(byteLength);
  }

  /** Removes a segment's name, and its memory from this process; nobody may hold a view that still matters. */
  dropSegment(id: number): void {
    this.#segments.drop(id);
  }

  /** Gives a segment's memory back in this process alone; it can be opened again by its number. */
  forgetSegment(id: number): void {
    this.#segments.forget(id);
  }

  /** Gives back all memory, for a process that ends; who looks at it later sees zeros. */
  leave(): void {
    platform().leaveProgram();
    this.table.release();
    this.#segments.release();
  }

  /** A number for a shared object, unique in the program. */
  nextObjectId(): number {
    return Atomics.add(this.table.i32, Header.nextObject, 1) + 1;
  }

  /**
   * Whether the process behind an owner word has died. The system drops the lock of its slot at any death, before the
   * zombie is reaped, and a reused pid cannot fool it. About 2 µs.
   */
  isDead(owner: OwnerWord): boolean {
    const slot = (owner >>> 16) & 0x3ff;
    const generation = owner & 0xffff;
    if ((Atomics.load(this.table.i32, slotWord(slot) + Slot.generation_W) & 0xffff) !== generation) return true;
    if (slot === this.slot) return false;
    let probe = this.#probes.get(slot);
    if (probe === undefined) {
      try {
        probe = platform().probeLock(slotFile(this.dir, slot));
      } catch (error) {
        // No descriptor is left to ask with: whoever asks does so again later, and may take nothing from the living.
        if (isShortOfDescriptors(error)) return false;
        throw error;
      }
      if (probe === undefined) return true;
      this.#probes.set(slot, probe);
    }
    if (probe.isLocked()) return false;
    // Of the dead nobody asks twice: no descriptor is kept for them.
    this.#probes.delete(slot);
    probe.close();
    return true;
  }

  /** Takes a slot for a process about to start: free ones first, then the one whose process ended longest ago. */
  claimSlot(): ClaimedSlot {
    const slot = this.#takeFree() ?? this.#takeOrphan();
    if (slot !== undefined) return this.#occupy(slot);
    throw new RuntimeError(`this program has ${layout.SLOT_COUNT} processes, which is as many as manycore keeps`);
  }

  /**
   * Has the slot of a process that has ended to itself, to write its end; false if somebody has done so, or the slot has
   * gone to another process. It is given back by storing the state.
   */
  takeEnded(slot: number, generation: number): boolean {
    const state = this.#word(slot, Slot.state_W);
    return state > 0 && !isReusable(state) && this.#take(slot, state, generation);
  }

  /**
   * Nobody else touches a slot whose state is minus the owner word of a living process; see `SlotState`. The exchange
   * alone would not do: the slot may have become another process meanwhile, whose state is the same.
   */
  #take(slot: number, state: number, generation: number): boolean {
    const { i32 } = this.table;
    const at = slotWord(slot) + Slot.state_W;
    if (Atomics.compareExchange(i32, at, state, -this.me) !== state) return false;
    if (this.#word(slot, Slot.generation_W) === generation) return true;
    Atomics.compareExchange(i32, at, -this.me, state);
    return false;
  }

  #word(slot: number, field: number): number {
    return Atomics.load(this.table.i32, slotWord(slot) + field);
  }

  #occupy(slot: number): ClaimedSlot {
    const base = slotWord(slot);
    const generation = nextGeneration(Atomics.load(this.table.i32, base + Slot.generation_W));
    for (const act of beforeReuse) act(slot);
    this.table.i32.fill(0, base + Slot.generation_W + 1, base + Slot.journal_W);
    this.table.i32.fill(0, base + Slot.journal_W + 1, base + layout.SLOT_BYTES / 4);
    this.table.i32[base + Slot.parentSlot_W] = this.slot;
    this.table.i32[base + Slot.parentGeneration_W] = this.generation;
    Atomics.store(this.table.i32, base + Slot.generation_W, generation);
    try {
      for (;;) {
        // Somebody who asks whether the last user of the slot is dead may hold the lock for a moment.
        const lock = platform().lockFile(slotFile(this.dir, slot));
        if (lock === undefined) continue;
        Atomics.store(this.table.i32, base + Slot.state_W, SlotState.starting);
        return { slot, generation, lock };
      }
    } catch (error) {
      Atomics.store(this.table.i32, base + Slot.state_W, SlotState.free);
      const code = (error as NodeJS.ErrnoException).code ?? 'EIO';
      throw new OSError(code, `there is no room for one more process: ${code}`, { cause: error });
    }
  }

  #takeFree(): number | undefined {
    for (;;) {
      const slot = this.#findSlot();
      if (slot === undefined) return undefined;
      const generation = this.#word(slot, Slot.generation_W);
      const state = this.#word(slot, Slot.state_W);
      if (isReusable(state) && this.#take(slot, state, generation)) return slot;
    }
  }

  /** A slot whose process died after its parent, so that nobody has written its end. Asked for as a last resort. */
  #takeOrphan(): number | undefined {
    for (let slot = 0; slot < layout.SLOT_COUNT; slot++) {
      const generation = this.#word(slot, Slot.generation_W);
      const state = this.#word(slot, Slot.state_W);
      if (this.#isAbandoned(slot, state, generation) && this.#take(slot, state, generation)) return slot;
    }
    return undefined;
  }

  #isAbandoned(slot: number, state: number, generation: number): boolean {
    // Somebody was taking it, or writing an end into it.
    if (state < 0) return this.isDead(-state);
    if (isReusable(state) || !this.isDead(ownerWord(slot, generation))) return false;
    // Who is starting may not have its lock yet, but then its parent has.
    const parent = ownerWord(this.#word(slot, Slot.parentSlot_W), this.#word(slot, Slot.parentGeneration_W));
    return state !== SlotState.starting || this.isDead(parent);
  }

  #findSlot(): number | undefined {
    let oldest: number | undefined;
    let oldestEnd = Infinity;
    for (let slot = 0; slot < layout.SLOT_COUNT; slot++) {
      const state = Atomics.load(this.table.i32, slotWord(slot) + Slot.state_W);
      if (state === SlotState.free) return slot;
      if (!isReusable(state)) continue;
      const end = this.table.f64[slotDouble(slot) + Slot.endedAt_D] ?? 0;
      if (end < oldestEnd) [oldest, oldestEnd] = [slot, end];
    }
    return oldest;
  }
}

function isShortOfDescriptors(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EMFILE' || code === 'ENFILE';
}

const beforeReuse: ((slot: number) => void)[] = [];

/** Calls back before a slot goes to a new process, while it still says what the last one left. */
export function whenSlotIsReused(act: (slot: number) => void): void {
  beforeReuse.push(act);
}

const isReusable = (state: number): boolean =>
  state === SlotState.free || state === SlotState.exited || state === SlotState.died;

/** 16 bits, skipping 0, so that an owner word is never 0. */
const nextGeneration = (generation: number): number => (generation + 1) & 0xffff || 1;

export const slotWord = (slot: number): number => (layout.SLOTS_START_B + slot * layout.SLOT_BYTES) >> 2;
export const slotDouble = (slot: number): number => (layout.SLOTS_START_B + slot * layout.SLOT_BYTES) >> 3;
export const slotByte = (slot: number): number => layout.SLOTS_START_B + slot * layout.SLOT_BYTES;
export const ownerWord = (slot: number, generation: number): OwnerWord => (slot << 16) | (generation & 0xffff);

let current: Program | undefined;

/** The program of this process; the first call in a main process founds it. Throws OSError, PlatformError. */
export function program(): Program {
  return current ?? enter(found());
}

/** Whether this process has a program already, without founding one. */
export const hasProgram = (): boolean => current !== undefined;

/** The file that the program was started with, as it was given; empty where there is none, as with `node -e`. */
export function programEntry(): string {
  return current === undefined || current.isMain ? (process.argv[1] ?? '') : describedEntry(current.dir);
}

/**
 * For the child's bootstrap: this process is `slot` of the program in `dir`. Its lock was taken by its parent, and has
 * come as the descriptor `lockFd`, or comes by itself; see `FileLock`. Throws OSError `ENOENT` when the program is gone,
 * `ESRCH` when the parent died before it could hand the lock over.
 */
export function joinProgram(dir: string, slot: number, lockFd: number): Program {
  const table = Segment.open(path.join(dir, layout.TABLE_FILE));
  const joined = new Program(dir, table, slot, false);
  const word = (field: number): number => Atomics.load(table.i32, slotWord(slot) + field);
  const parent = ownerWord(word(Slot.parentSlot_W), word(Slot.parentGeneration_W));
  const isReceived = platform().receiveLock(slotFile(dir, slot), lockFd, {
    // The parent writes the pid after it has handed the lock over.
    isGiven: () => word(Slot.pid_W) === process.pid,
    isGiverDead: () => joined.isDead(parent),
  });
  if (!isReceived) throw new OSError('ESRCH', 'the process that started this one died meanwhile');
  return enter(joined);
}

/** Calls back as soon as this process belongs to a program: at once, when it is founded, or when it is joined. */
export function whenInProgram(act: () => void): void {
  if (current === undefined) whenEntered.push(act);
  else act();
}

const whenEntered: (() => void)[] = [];

function enter(entered: Program): Program {
  platform().joinProgram(entered.dir, entered.slot);
  current = entered;
  for (const act of whenEntered.splice(0)) act();
  return entered;
}

function found(): Program {
  const { dir, lock } = createProgramDir();
  try {
    const table = Segment.create(path.join(dir, layout.TABLE_FILE), layout.TABLE_BYTES);
    const base = slotWord(0);
    table.i32[Header.layoutVersion] = layout.LAYOUT_VERSION;
    table.i32[Header.slotCount] = layout.SLOT_COUNT;
    table.i32[Header.slotBytes] = layout.SLOT_BYTES;
    table.i32[base + Slot.generation_W] = 1;
    table.i32[base + Slot.kind_W] = SlotKind.main;
    table.i32[base + Slot.pid_W] = process.pid;
    table.i32[base + Slot.parentPid_W] = process.ppid;
    table.f64[slotDouble(0) + Slot.startedAt_D] = Date.now() - instant();
    layout.writeText(table.u8, slotByte(0) + Slot.name_B, Slot.nameBytes, 'MainProcess');
    Atomics.store(table.i32, base + Slot.state_W, SlotState.running);
    writeDescription(dir);
    Atomics.store(table.i32, Header.magic, layout.MAGIC);
    const founded = new Program(dir, table, 0, true);
    process.on('exit', () => {
      if (founded.isOutlived) return;
      try {
        if (platform().pinsFiles) founded.leave();
        lock?.drop();
        removeProgramDir(dir);
      } catch {
        // No descriptor left to do it with, or in use: the next program clears it away, and this one's exit code stays.
      }
    });
    return founded;
  } catch (error) {
    // Its descriptor is what removing the folder may take.
    lock?.drop();
    removeHalfMade(dir);
    throw error;
  }
}
