import path from 'node:path';
import { layout, ownerWord, program, slotWord } from '../memory/index.js';
import { platform, type Doorbell, type Ringer } from '../platform/index.js';
import type { LoopPlace, Waiter } from './loopPlace.js';

const { Slot } = layout;
const armedWord = (slot: number): number => slotWord(slot) + Slot.armed_W;
const bellPath = (slot: number): string => path.join(program().dir, `bell-${slot}`);

const FIRST_HEARTBEAT = 50;
const LAST_HEARTBEAT = 250;
const SOMETHING_CHANGED = Buffer.from([1]);
const SOMEBODY_DIED = Buffer.from([2]);

/** Where somebody of this process waits in the event loop. */
const places = new Set<LoopPlace>();
let bell: Doorbell | undefined;
let heartbeat: NodeJS.Timeout | undefined;
let heartbeatMs = FIRST_HEARTBEAT;
let ownRing = false;
let holdsProcess = false;

/**
 * Adds a waiter to its place and looks after it until it is over or `remove` is called. The order matters: arm the
 * bell, register, try. Who finds it registered finds the bell armed (or rung), and who came before is seen.
 */
export function add(place: LoopPlace, waiter: Waiter): void {
  listen();
  place.add(waiter);
  places.add(place);
  arm();
  place.register();
  if (waiter.attempt(true) !== 'waiting') remove(place, waiter);
  settleHandles();
  if (heartbeatMs > FIRST_HEARTBEAT) {
    clearTimeout(heartbeat);
    heartbeat = undefined;
    heartbeatMs = FIRST_HEARTBEAT;
  }
  startHeartbeat();
}

export function remove(place: LoopPlace, waiter: Waiter): void {
  place.remove(waiter);
  if (place.isEmpty) places.delete(place);
  settleHandles();
}

/**
 * Wakes the event loop of the process in `slot`. False when that process is dead; true when it has been rung, or is
 * awake and will look by itself before it sleeps.
 */
export function ring(slot: number): boolean {
  const { i32 } = program().table;
  const owner = ownerWord(slot, Atomics.load(i32, slotWord(slot) + Slot.generation_W));
  if (Atomics.exchange(i32, armedWord(slot), 0) !== 1) return !program().isDead(owner);
  if (slot !== program().slot) return write(slot, owner, SOMETHING_CHANGED);
  if (!ownRing) {
    ownRing = true;
    setImmediate(() => {
      ownRing = false;
      wakeUp(false);
    });
  }
  return true;
}

/** For who has seen a process die: everybody who waits in an event loop looks at once whether it waits for the dead. */
export function announceDeath(): void {
  const { table, slot: own } = program();
  for (let slot = 0; slot < layout.SLOT_COUNT; slot++) {
    if (slot === own || Atomics.exchange(table.i32, armedWord(slot), 0) !== 1) continue;
    write(slot, ownerWord(slot, Atomics.load(table.i32, slotWord(slot) + Slot.generation_W)), SOMEBODY_DIED);
  }
  wakeUp(true);
}

/** Bells of others that this process has rung, by slot. Each is a descriptor. */
const ringers = new Map<number, { owner: number; bell: Ringer }>();
const FEW_RINGERS = 16;
let mostRingers = FEW_RINGERS;

function write(slot: number, owner: number, what: Buffer): boolean {
  try {
    let ringer = ringers.get(slot);
    if (ringer !== undefined && ringer.owner !== owner) {
      forget(slot, ringer.bell);
      ringer = undefined;
    }
    if (ringer === undefined) {
      if (ringers.size >= mostRingers) forgetTheDead();
      ringer = { owner, bell: platform().openRinger(bellPath(slot)) };
      ringers.set(slot, ringer);
    }
    ringer.bell.ring(what);
    return true;
  } catch {
    // Nobody listens any more.
    const ringer = ringers.get(slot);
    if (ringer !== undefined) forget(slot, ringer.bell);
    return !program().isDead(owner);
  }
}

function forget(slot: number, ringer: Ringer): void {
  ringers.delete(slot);
  ringer.close();
}

/** So rarely that asking after the living costs next to nothing, and so often that the dead are never the most. */
function forgetTheDead(): void {
  for (const [slot, { owner, bell }] of ringers) if (program().isDead(owner)) forget(slot, bell);
  mostRingers = Math.max(FEW_RINGERS, 2 * ringers.size);
}

function arm(): void {
  Atomics.store(program().table.i32, armedWord(program().slot), 1);
}

function wakeUp(overdue: boolean): void {
  look(place => {
    place.look(overdue, overdue);
  });
  if (places.size > 0) {
    arm();
    look(place => {
      place.look(place.register(), false);
    });
  }
  settleHandles();
}

function look(at: (place: LoopPlace) => void): void {
  for (const place of places) {
    at(place);
    if (place.isEmpty) places.delete(place);
  }
}

function listen(): void {
  bell ??= platform().listen(bellPath(program().slot), bytes => {
    heartbeatMs = FIRST_HEARTBEAT;
    wakeUp(bytes.includes(SOMEBODY_DIED));
  });
}

/** A bell may be lost with the process that was about to ring it: look by ourselves, ever more rarely. */
function startHeartbeat(): void {
  if (heartbeat !== undefined || places.size === 0) return;
  heartbeat = setTimeout(() => {
    heartbeat = undefined;
    heartbeatMs = Math.min(heartbeatMs * 1.5, LAST_HEARTBEAT);
    wakeUp(true);
    startHeartbeat();
  }, heartbeatMs).unref();
}

/** The bell holds the process exactly while somebody waits who asked for it. */
function settleHandles(): void {
  let wanted = false;
  for (const place of places) {
    if (place.holdsProcess) {
      wanted = true;
      break;
    }
  }
  if (wanted === holdsProcess) return;
  holdsProcess = wanted;
  if (wanted) bell?.ref();
  else bell?.unref();
}
