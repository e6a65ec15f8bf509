import type { Readable } from 'node:stream';
import { inspect } from 'node:util';
import { instant, LONGEST_TIMER } from '../clock.js';
import { RuntimeError, ValueError } from '../errors.js';
import { selfSlot } from '../memory/index.js';
import { whenAborted } from '../sync/aborted.js';
import { breathe } from '../sync/breathing.js';
import { deadlineOf, type WaitOptions } from '../sync/waitOptions.js';
import { flushOutboxes } from './flushing.js';
import { streamReadiness } from './streamReadiness.js';
import { WAITABLE, type Readiness, type Waitable } from './waitable.js';

/**
 * Those of the objects that are ready, in the order of the list, as soon as there are any (Python:
 * `multiprocessing.connection.wait`); none after `timeout` milliseconds (0 or less: looks once), and none at once for an
 * empty list. A connection is ready when a receive would not wait, also at its end; a listener when an accept would not; a
 * sentinel when its process has ended; a stream (a `net.Socket`, say) when it has data or its end is known. Nothing is
 * taken from any of them.
 *
 * Rejects with the signal's reason; with OSError (`EBADF`) for a connection that is closed, before or meanwhile; with
 * ValueError when an object is in the list twice, and TypeError when it is nothing that can be waited for. The pending
 * wait keeps the process alive.
 */
export async function wait<T extends Waitable | Readable>(
  objects: Iterable<T>,
  options: Omit<WaitOptions, 'block'> = {},
): Promise<T[]> {
  const [list, readinesses] = readinessesOf(objects);
  const ready = await untilReady(readinesses, options);
  for (const index of ready) await readinesses[index]?.arrived?.();
  return ready.map(index => list[index] as T);
}

/** Where several are waited for, each is looked at that often at first, and less and less often while nothing happens. */
const SHORTEST_LOOK = 1;
const LONGEST_LOOK = 20;

/**
 * As `wait`, blocking the thread: for ends of pipes and for sentinels. Throws RuntimeError for what only an event loop can
 * hear of: connections over sockets, listeners, streams.
 */
export function waitSync<T extends Waitable>(
  objects: Iterable<T>,
  options: Omit<WaitOptions, 'block' | 'signal'> = {},
): T[] {
  const [list, readinesses] = readinessesOf(objects);
  const deadline = deadlineOf(options);
  const waits = readinesses.map(({ waitSync, what }, index) => {
    if (waitSync !== undefined) return waitSync;
    throw new RuntimeError(
      `objects[${index}], ${what}, cannot be waited for while the thread is blocked: ` +
        'its news comes through the event loop. Await wait(objects) instead, or use a Pipe.',
    );
  });
  let slice = waits.length === 1 ? Infinity : SHORTEST_LOOK;
  for (;;) {
    flushOutboxes();
    const ready = readyOnes(readinesses);
    const now = instant();
    if (ready.length > 0 || waits.length === 0 || deadline <= now) return ready.map(index => list[index] as T);
    // One is waited for, and the others are looked at when it has been quiet for a moment.
    waits[0]?.(Math.min(deadline, now + slice));
    slice = Math.min(slice * 1.5, LONGEST_LOOK);
  }
}

/** Waits until some of them are ready; answers their indexes, none at the deadline. */
export function untilReady(list: readonly Readiness[], options: Omit<WaitOptions, 'block'>): Promise<number[]> {
  try {
    const { signal } = options;
    signal?.throwIfAborted();
    const deadline = deadlineOf(options);
    const ready = readyOnes(list);
    const mayBeHeard = list.some(({ needsLoop }, index) => needsLoop && !ready.includes(index));
    if (!mayBeHeard && (ready.length > 0 || deadline === 0 || list.length === 0)) return breathe(ready);
    return watchAll(list, deadline, signal, mayBeHeard);
  } catch (error) {
    return Promise.reject(error as Error);
  }
}

function watchAll(
  list: readonly Readiness[],
  deadline: number,
  signal: AbortSignal | undefined,
  mayBeHeard: boolean,
): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const stops: (() => void)[] = [];
    let timer: NodeJS.Timeout | undefined;
    let isListening = false;
    let isOver = false;
    const published = publish(list);
    const leave = (): void => {
      isOver = true;
      selfSlot.endWait(published);
      clearTimeout(timer);
      ignoreSignal();
      for (const stop of stops) stop();
    };
    const fail = (error: Error): void => {
      if (isOver) return;
      leave();
      reject(error);
    };
    const onAbort = (): void => fail(signal?.reason as Error);
    const look = (isLast = false): void => {
      if (isOver || !isListening) return;
      try {
        const ready = readyOnes(list);
        if (ready.length === 0 && !isLast) return;
        leave();
        resolve(ready);
      } catch (error) {
        fail(error as Error);
      }
    };
    const changed = (): void => look();
    const watch = (wanted: (readiness: Readiness) => boolean): void => {
      try {
        for (const readiness of list) if (!isOver && wanted(readiness)) stops.push(readiness.watch(changed, fail));
      } catch (error) {
        fail(error as Error);
      }
      if (isOver) for (const stop of stops) stop();
    };
    const onTimeout = (): void => {
      if (instant() < deadline) startTimer();
      else look(true);
    };
    const startTimer = (): void => {
      timer = setTimeout(onTimeout, Math.min(Math.ceil(deadline - instant()), LONGEST_TIMER));
    };
    const listen = (): void => {
      if (isOver) return;
      isListening = true;
      look(deadline === 0);
      if (isOver) return;
      if (deadline !== Infinity) startTimer();
      watch(({ needsLoop }) => !needsLoop || !mayBeHeard);
      look();
    };
    const ignoreSignal = whenAborted(signal, onAbort);
    if (!mayBeHeard) {
      listen();
      return;
    }
    // What the system has for us already, the event loop tells in its next turn: between the two.
    watch(({ needsLoop }) => needsLoop);
    setImmediate(() => setImmediate(listen));
  });
}

/** For the process table: which of several it is that does not come, nobody can tell. */
const publish = (list: readonly Readiness[]): ReturnType<typeof selfSlot.beginWait> =>
  selfSlot.beginWait(list.every(({ what }) => what === 'a sentinel') ? 'process' : 'connection', 0);

function readyOnes(list: readonly Readiness[]): number[] {
  const ready: number[] = [];
  for (const [index, readiness] of list.entries()) if (readiness.isReady()) ready.push(index);
  return ready;
}

function readinessesOf<T extends Waitable | Readable>(objects: Iterable<T>): [T[], Readiness[]] {
  const list = [...objects];
  if (new Set(list).size < list.length) {
    const twice = list.findIndex((object, index) => list.indexOf(object) < index);
    throw new ValueError(`objects[${twice}] is in the list twice`);
  }
  return [list, list.map(readinessOf)];
}

function readinessOf(object: Waitable | Readable, index: number): Readiness {
  if (typeof object === 'object' && (object as object | null) !== null) {
    if (WAITABLE in object) return object[WAITABLE]();
    if (typeof object.on === 'function' && typeof object.readableLength === 'number') return streamReadiness(object);
  }
  const what = inspect(object, { depth: 0, breakLength: Infinity });
  throw new TypeError(
    `objects[${index}] cannot be waited for: ${what} is no connection, sentinel, listener or readable stream`,
  );
}
