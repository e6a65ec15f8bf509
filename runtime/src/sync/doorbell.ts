import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { layout, ownerWord, program, slotWord } from '../memory/index.js';
import { platform } from '../platform/index.js';

const { Slot } = layout;
const armedWord = (slot: number): number => slotWord(slot) + Slot.armed_W;
const bellPath = (slot: number): string => path.join(program().dir, `bell-${slot}`);

/** Somebody of this process who waits in the event loop. */
export interface Waiter {
  /** Whether a pending wait keeps the process alive. */
  readonly keepsAlive: boolean;
  /** Tries again; true when the wait is over. `force` looks even if nothing seems to have changed. */
  check(force: boolean): boolean;
  /** Says at the shared object that this process wants to be rung. */
  register(): void;
}

const FIRST_HEARTBEAT = 50;
const LAST_HEARTBEAT = 1000;
const ONE_BYTE = Buffer.from([1]);

const waiters = new Set<Waiter>();
let socket: net.Socket | undefined;
let heartbeat: NodeJS.Timeout | undefined;
let heartbeatMs = FIRST_HEARTBEAT;

/**
 * Adds a waiter and looks after it until its `check` says true or `remove` is called. The order matters: register,
 * arm the bell, look once more. Whoever changes the state between two of these steps is seen or rings.
 */
export function add(waiter: Waiter): void {
  waiters.add(waiter);
  listen();
  waiter.register();
  arm();
  if (waiter.check(true)) waiters.delete(waiter);
  settleHandles();
  heartbeatMs = FIRST_HEARTBEAT;
  startHeartbeat();
}

export function remove(waiter: Waiter): void {
  waiters.delete(waiter);
  settleHandles();
}

/** Wakes the event loop of the process in `slot` if it asked for it. */
export function ring(slot: number): void {
  const { i32 } = program().table;
  if (Atomics.exchange(i32, armedWord(slot), 0) !== 1) return;
  const generation = Atomics.load(i32, slotWord(slot) + Slot.generation_W);
  const key = ownerWord(slot, generation);
  try {
    let fd = ringers.get(key);
    if (fd === undefined) {
      fd = platform().openDoorbell(bellPath(slot));
      ringers.set(key, fd);
    }
    fs.writeSync(fd, ONE_BYTE);
  } catch {
    // Full: it has been rung already. Gone: it is dead, or about to look by itself at its next heartbeat.
  }
}

const ringers = new Map<number, number>();

function arm(): void {
  Atomics.store(program().table.i32, armedWord(program().slot), 1);
}

function checkAll(force: boolean): void {
  for (const waiter of waiters) if (waiter.check(force)) waiters.delete(waiter);
}

function wakeUp(force: boolean): void {
  checkAll(force);
  if (waiters.size > 0) {
    for (const waiter of waiters) waiter.register();
    arm();
    checkAll(force);
  }
  settleHandles();
}

function listen(): void {
  if (socket !== undefined) return;
  const ownPath = bellPath(program().slot);
  fs.rmSync(ownPath, { force: true }); // left by whoever had this slot before and was killed
  socket = new net.Socket({ fd: platform().createDoorbell(ownPath), readable: true, writable: false });
  socket.on('data', () => {
    heartbeatMs = FIRST_HEARTBEAT;
    wakeUp(false);
  });
  socket.unref();
  process.on('exit', () => fs.rmSync(ownPath, { force: true }));
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

function settleHandles(): void {
  if (socket === undefined) return;
  let keepsAlive = false;
  for (const waiter of waiters) {
    if (waiter.keepsAlive) {
      keepsAlive = true;
      break;
    }
  }
  if (keepsAlive) socket.ref();
  else socket.unref();
}
