import path from 'node:path';
import { layout, ownerWord, program, slotWord } from '../memory/index.js';
import { platform, type Doorbell, type Ringer } from '../platform/index.js';

const { Slot } = layout;
const armedWord = (slot: number): number => slotWord(slot) + Slot.armed_W;
const bellPath = (slot: number): string => path.join(program().dir, `bell-${slot}`);

/** Somebody of this process who waits in the event loop. */
export interface Waiter {
  /** Whether a pending wait keeps the process alive. */
  readonly keepsAlive: boolean;
  /**
   * Tries again; true when the wait is over. `force` looks even if nothing seems to have changed; `overdue` also asks
   * whether those who should bring the change are still alive.
   */
  check(force: boolean, overdue: boolean): boolean;
  /** Says at the shared object that this process wants to be rung. */
  register(): void;
}

const FIRST_HEARTBEAT = 50;
const LAST_HEARTBEAT = 250;
const SOMETHING_CHANGED = Buffer.from([1]);
const SOMEBODY_DIED = Buffer.from([2]);

const waiters = new Set<Waiter>();
let bell: Doorbell | undefined;
let heartbeat: NodeJS.Timeout | undefined;
let heartbeatMs = FIRST_HEARTBEAT;
let ownRing = false;
let holdsProcess = false;

/**
 * Adds a waiter and looks after it until its `check` says true or `remove` is called. The order matters: arm the bell,
 * register, look once more. Who finds it registered finds the bell armed (or rung), and who came before is seen.
 */
export function add(waiter: Waiter): void {
  listen();
  waiters.add(waiter);
  arm();
  waiter.register();
  if (waiter.check(true, true)) waiters.delete(waiter);
  settleHandles();
  if (heartbeatMs > FIRST_HEARTBEAT) {
    clearTimeout(heartbeat);
    heartbeat = undefined;
    heartbeatMs = FIRST_HEARTBEAT;
  }
  startHeartbeat();
}

export function remove(waiter: Waiter): void {
  waiters.delete(waiter);
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

/** Bells of others that this process has rung, by slot. */
const ringers = new Map<number, { owner: number; bell: Ringer }>();

function write(slot: number, owner: number, what: Buffer): boolean {
  try {
    let ringer = ringers.get(slot);
    if (ringer !== undefined && ringer.owner !== owner) {
      forget(slot, ringer.bell);
      ringer = undefined;
    }
    if (ringer === undefined) {
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

function arm(): void {
  Atomics.store(program().table.i32, armedWord(program().slot), 1);
}

function checkAll(force: boolean, overdue: boolean): void {
  for (const waiter of waiters) if (waiter.check(force, overdue)) waiters.delete(waiter);
}

function wakeUp(overdue: boolean): void {
  checkAll(overdue, overdue);
  if (waiters.size > 0) {
    arm();
    for (const waiter of waiters) waiter.register();
    // Always look again here: while this process was not registered, changes were made without telling it.
    checkAll(true, false);
  }
  settleHandles();
}

function listen(): void {
  bell ??= platform().listen(bellPath(program().slot), bytes => {
    heartbeatMs = FIRST_HEARTBEAT;
    wakeUp(bytes.includes(SOMEBODY_DIED));
  });
}

/** A bell may be lost with the process that was about to ring it: look by ourselves, ever more rarely. */
function startHeartbeat(): void {
  if (heartbeat !== undefined || waiters.size === 0) return;
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
  for (const waiter of waiters) {
    if (waiter.keepsAlive) {
      wanted = true;
      break;
    }
  }
  if (wanted === holdsProcess) return;
  holdsProcess = wanted;
  if (wanted) bell?.ref();
  else bell?.unref();
}
