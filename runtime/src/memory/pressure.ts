import { v8, vm } from '../lazyNode.js';

/** Shared memory this process may hold before it is worth a look whether all of it is still reachable, in bytes. */
const LEAST = 24 * 1024 * 1024;
/** Turns of the event loop until the finalisers of what has been collected have run. */
const TURNS = 4;

let held = 0;
let limit = LEAST;
let planned = false;

/**
 * Says that shared objects of so many bytes (negative: fewer) are held through JavaScript objects. V8 does not know
 * that a small object has much behind it, and may put off collecting it for ever; so when much more is held than
 * after the last time, it is asked to collect, in a turn of the event loop of its own.
 */
export function weigh(bytes: number): void {
  held += bytes;
  if (held <= limit || planned) return;
  planned = true;
  setImmediate(collect).unref();
}

function collect(): void {
  garbageCollector()();
  afterTurns(TURNS, settle);
}

function afterTurns(turns: number, act: () => void): void {
  if (turns === 0) act();
  else setImmediate(afterTurns, turns - 1, act).unref();
}

function settle(): void {
  planned = false;
  // Twice what is really needed: the work of collecting is then at most in proportion to what is made.
  limit = Math.max(LEAST, held * 2);
}

let collector: (() => void) | undefined;

function garbageCollector(): () => void {
  if (collector !== undefined) return collector;
  try {
    v8().setFlagsFromString('--expose-gc');
    collector = vm().runInNewContext('gc') as () => void;
  } catch {
    // Not to be had here: what is unreachable is collected when V8 thinks so.
    collector = () => undefined;
  }
  return collector;
}
