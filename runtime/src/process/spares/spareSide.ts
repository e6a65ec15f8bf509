import { layout, program, slotByte, slotWord } from '../../memory/index.js';
import { decodeAsync } from '../../pickle/index.js';
import { LoopPlace } from '../../sync/loopPlace.js';
import { waitInLoop } from '../../sync/loopWait.js';
import { holdOutput } from '../output/heldOutput.js';
import { importAll, messageOf } from './importing.js';
import { dieWithParent, outliveParent } from '../ending/orphans.js';
import { parentProcess } from '../parent.js';
import type { PreloadSettings } from './preload.js';
import type { SpareReport } from './spareReport.js';
import { unguardedStart, whileImporting } from '../unguarded.js';

const { Slot, SlotState } = layout;

/** How often a spare that is still importing looks for its parent, in milliseconds, where the system does not. */
const LOOK = 1000;
/** What it waits for is nobody's object. */
const NOTHING = { kind: 'none', object: 0 } as const;
/** So that its report fits into its slot, in bytes before they are made JSON. */
const LONGEST = 500;

/**
 * The life of a spare: imports, and waits until its slot holds a boot message. Resolves when it does, with what lets go
 * of the output of all that; ends the process when something cannot be imported, or when its parent has died. Nothing
 * may be started meanwhile: whatever does so is code of modules that are only being imported.
 */
export async function waitToBeNeeded(
  preload: PreloadSettings,
  rehearsal: Uint8Array,
  evaluated: Promise<unknown> | undefined,
): Promise<() => void> {
  dieWithParent();
  endIfOrphaned();
  const watch = setInterval(endIfOrphaned, LOOK).unref();
  const speak = holdOutput(() => process.exit(1));
  await whileImporting(async () => {
    await importEverything(preload, rehearsal, evaluated);
    clearInterval(watch);
    // It may be needed from now on, by a parent that it then outlives; until then it asks for its parent itself.
    outliveParent();
    endIfOrphaned();
    const { i32 } = program().table;
    const state = slotWord(program().slot) + Slot.state_W;
    Atomics.store(i32, state, SlotState.spare);
    // Modules have timers, which may fail or exit at any time: nobody shall take one that is about to end.
    const withdraw = (): void => void Atomics.compareExchange(i32, state, SlotState.spare, SlotState.starting);
    const failing = (): void => {
      // The one is the bootstrap's; a handler of a module's own decides otherwise.
      if (process.listenerCount('uncaughtException') === 1) withdraw();
    };
    process.on('uncaughtExceptionMonitor', failing).prependListener('exit', withdraw);
    await message();
    process.off('uncaughtExceptionMonitor', failing).off('exit', withdraw);
  });
  return speak;
}

async function importEverything(
  preload: PreloadSettings,
  rehearsal: Uint8Array,
  evaluated: Promise<unknown> | undefined,
): Promise<void> {
  const failure = await importAll(preload);
  if (failure !== undefined) giveUp(failure.index, failure.error);
  try {
    await evaluated;
    await decodeAsync(rehearsal);
  } catch (error) {
    giveUp(-1, error);
  }
  if (unguardedStart() !== undefined) giveUp(-1, unguardedStart());
}

const isOrphaned = (): boolean => parentProcess()?.isAlive() === false;

function endIfOrphaned(): void {
  if (isOrphaned()) process.exit(1);
}

/** Resolves when the slot has a boot message. */
async function message(): Promise<void> {
  const { table, slot } = program();
  const length = slotWord(slot) + Slot.bootLength_W;
  // Who writes the message rings, whether somebody has asked for it or not.
  const place = new LoopPlace({ register: () => true, changed: () => true });
  const attempt = (): true | undefined => Atomics.load(table.i32, length) > 0 || undefined;
  // A parent that leaves at once may have written the message before.
  const recover = (): void => {
    if (isOrphaned() && attempt() === undefined) process.exit(1);
  };
  await waitInLoop(place, { subject: NOTHING, attempt, recover }, Infinity, undefined);
}

function giveUp(index: number, error: unknown): never {
  const unguarded = unguardedStart() !== undefined;
  const report: SpareReport = { index, unguarded, why: cut(messageOf(error)) };
  const at = slotByte(program().slot) + Slot.stderr_B;
  layout.writeText(program().table.u8, at, Slot.stderrBytes, JSON.stringify(report));
  process.exit(1);
}

const cut = (text: string): string => Buffer.from(text).subarray(0, LONGEST).toString();
