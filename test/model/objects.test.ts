import { BLOCK_AT, HEADER_WORDS } from './code.js';
import { claims, interrupted, isLong, NOBODY_DIES, ONE_DIES, type Limits, type Machine, type Phase } from './claims.js';
import type { State } from './world.js';

/** The words behind the header of a shared object; the test's own word is the header's first, which nobody reads. */
const OWN = 0;

/** Goes on when the wait that has just begun in the event loop is over. */
function settled(at: Machine): void {
  while (at.isWaiting) at.listen();
}

const word = (state: State, at: number): number => state.words[BLOCK_AT + at] ?? 0;

// --- Event: who waits when it is set is released, though it is cleared at once

const events = claims('Event');

const eventSync: Phase = ({ Event }, at) => void new Event(at.block).waitSync();
const eventInLoop: Phase = ({ Event }, at) => {
  void new Event(at.block).wait().catch(() => undefined);
  settled(at);
};
const setThenClear: Phase = ({ Event }, at) => {
  const event = new Event(at.block);
  event.set();
  event.clear();
};
/** Who came when all was over may wait on: the first thing a waiter does is to read the word. */
const onlyLateComers = (state: State): boolean =>
  state.processes.every(
    ({ status, history: [first = -1] }) => status !== 'asleep' || (first & ~1) === word(state, HEADER_WORDS),
  );
const event = (limits: Limits): Limits => ({ ...limits, mayRest: onlyLateComers, excused: onlyLateComers });

events.holds('event: a thread, set and cleared', [eventSync, setThenClear], event(ONE_DIES));
events.holds('event: an event loop, set and cleared', [eventInLoop, setThenClear], event(ONE_DIES));
events.holds(
  'event: a thread and an event loop, set and cleared, interrupted',
  [eventSync, eventInLoop, setThenClear],
  event(interrupted(1, ONE_DIES)),
);

// --- Semaphore

const semaphores = claims('Semaphore');

const acquireSync: Phase = ({ Semaphore }, at) => void new Semaphore(0, at.block).acquireSync();
const acquireInLoop: Phase = ({ Semaphore }, at) => {
  void new Semaphore(0, at.block).acquire().catch(() => undefined);
  settled(at);
};
const release: Phase = ({ Semaphore }, at) => {
  new Semaphore(0, at.block).release();
};
const empty = (state: State): boolean => word(state, HEADER_WORDS) === 0;
semaphores.holds(
  'semaphore: a thread, an event loop, two releases, interrupted',
  [acquireSync, acquireInLoop, [release, release]],
  interrupted(1, { ...ONE_DIES, excused: empty }),
);

// --- The waiter list of Condition, under a mutex in place of its lock; the own word is what the waiters wait for

const conditions = claims('Mutex', 'WaiterList');

const LOCK = 2;
const LIST = 3;
const LIST_WORDS = 9;

const waitFor =
  (givesUp: boolean): Phase =>
  ({ Mutex, WaiterList }, at) => {
    const lock = new Mutex(at.block, LOCK);
    const list = new WaiterList(at.block, LIST);
    lock.lock();
    while (at.atomics('load', at.word + OWN) === 0) {
      const cell = list.enter(true);
      lock.unlock();
      const notified = cell.waitSync(givesUp ? 0 : Infinity);
      at.note(notified ? 1 : 0);
      if (!notified) return;
      lock.lock();
    }
    at.atomics('sub', at.word + OWN, 1);
    lock.unlock();
  };

/** The same in the event loop, but for the taking: that would come after an await. */
const waitInLoop: Phase = ({ Mutex, WaiterList }, at) => {
  const lock = new Mutex(at.block, LOCK);
  const list = new WaiterList(at.block, LIST);
  lock.lock();
  const isThere = at.atomics('load', at.word + OWN) > 0;
  const cell = isThere ? undefined : list.enter(false);
  lock.unlock();
  void cell?.wait({ kind: 'condition', object: 0 }, Infinity, undefined).catch(() => undefined);
  settled(at);
};

const notifyOne: Phase = ({ Mutex, WaiterList }, at) => {
  const lock = new Mutex(at.block, LOCK);
  lock.lock();
  at.atomics('add', at.word + OWN, 1);
  new WaiterList(at.block, LIST).notify(1);
  lock.unlock();
};

/** Nothing is there to be taken, or it goes with the dead: the last process notifies, the others may have been told. */
function nothingIsMissed(state: State): boolean {
  if (word(state, OWN) === 0 || state.processes.at(-1)?.status === 'dead') return true;
  return state.processes.some(({ status, notes }) => status === 'dead' && notes.includes(1));
}
const condition = (limits: Limits): Limits => ({
  ...limits,
  blockWords: LIST + LIST_WORDS + 8,
  excused: nothingIsMissed,
});

const nothingThere = (state: State): boolean => word(state, OWN) === 0;

conditions.holds('condition: a thread waits', [waitFor(false), notifyOne], condition(ONE_DIES));
conditions.holds('condition: an event loop waits', [waitInLoop, notifyOne], condition(ONE_DIES));
conditions.holds(
  'condition: two threads, two notifications, interrupted',
  [waitFor(false), waitFor(false), [notifyOne, notifyOne]],
  condition(interrupted(1, ONE_DIES)),
);
conditions.holds('condition: two threads, one notification, interrupted', [waitFor(false), waitFor(false), notifyOne], {
  ...condition(interrupted(1, ONE_DIES)),
  mayRest: nothingThere,
});
conditions.holds(
  'condition: who gives up takes no notification with it, interrupted',
  [waitFor(false), waitFor(true), notifyOne],
  { ...condition(interrupted(2, NOBODY_DIES)), mayRest: nothingThere },
);

// --- Barrier

const barriers = claims('Barrier', 'BarrierPhase');

/** Behind the timeout and the wait point. */
const PARTIES_AT = HEADER_WORDS + 2 + 4;
const PHASE_AT = PARTIES_AT + 1;
const BROKEN = 1;

const meet: Phase = ({ Barrier }, at) => {
  try {
    at.note(new Barrier(0, {}, at.block).waitSync());
  } catch (error) {
    if ((error as Error).name !== 'BrokenBarrierError') throw error;
    at.note(-1);
  }
};

/** Everybody who has come sleeps, and others have not come. */
function onlyMissing(state: State): boolean {
  const phase = word(state, PHASE_AT);
  const asleep = state.processes.filter(({ status }) => status === 'asleep').length;
  return (phase & BROKEN) === 0 && ((phase >>> 2) & 0x3fff) === asleep;
}

const reset: Phase = ({ Barrier }, at) => {
  new Barrier(0, {}, at.block).reset();
};
/** Of two parties one comes, and the barrier is reset. */
const resetMeanwhile = (limits: Limits): Limits => ({
  ...barrier(2, 1, limits),
  mayRest: onlyMissing,
  invariant: ({ processes }) =>
    processes.some(({ notes }) => notes.some(index => index >= 0)) ? 'a party passes alone' : undefined,
});

const barrier = (parties: number, rounds: number, limits: Limits): Limits => ({
  ...limits,
  blockWords: PARTIES_AT + 4 + parties,
  prepare: ({ BarrierPhase }, at) => {
    BarrierPhase.create(at.block, PARTIES_AT, parties);
  },
  invariant: ({ processes }, isOver) => {
    const living = processes.filter(({ status }) => status !== 'dead');
    const passed = living.map(({ notes }) => notes.length);
    if (Math.max(...passed) - Math.min(...passed) > 1 && !living.some(({ notes }) => notes.includes(-1))) {
      return 'a party laps another';
    }
    if (!isOver || living.length < parties) return undefined;
    for (let round = 0; round < rounds; round++) {
      const indexes = living.map(({ notes }) => notes[round] ?? -1).sort();
      if (indexes.some((index, party) => index !== party)) return `round ${round} gives ${indexes.join(', ')}`;
    }
    return undefined;
  },
  // A party that died before it came is missing, and nobody can tell.
  excused: onlyMissing,
});

barriers.holds(
  'barrier: two parties, two rounds',
  [
    [meet, meet],
    [meet, meet],
  ],
  barrier(2, 2, isLong ? ONE_DIES : interrupted(3, ONE_DIES)),
);
barriers.holds('barrier: two parties, any is killed', [meet, meet], barrier(2, 1, ONE_DIES));
barriers.holds(
  'barrier: three parties, interrupted, any is killed',
  [meet, meet, meet],
  barrier(3, 1, interrupted(1, ONE_DIES)),
);

// --- Seeded bugs

const LOST = /everybody sleeps/;
events.finds('an event that forgets that it was set', [eventSync, setThenClear], event(NOBODY_DIES), LOST, {
  file: 'sync/event.ts',
  edits: [['(state & SET) !== 0 || state !== before', '(state & SET) !== 0']],
});
events.finds('a set that wakes before it sets', [eventSync, setThenClear], event(NOBODY_DIES), LOST, {
  file: 'sync/event.ts',
  edits: [
    ['    this.#changed.wake(Infinity);', ''],
    ['  set(): void {', '  set(): void {\n    this.#changed.wake(Infinity);'],
  ],
});
conditions.finds(
  'a notification lost with the dead',
  [waitFor(false), waitFor(false), notifyOne],
  { ...condition(interrupted(2, ONE_DIES)), mayRest: nothingThere },
  /after a death/,
  { file: 'sync/waiterList.ts', edits: [['state, 0) === state) this.notify(1);', 'state, 0) === state) continue;']] },
);
conditions.finds(
  'a notification lost with who gives up',
  [waitFor(false), waitFor(true), notifyOne],
  { ...condition(interrupted(2, NOBODY_DIES)), mayRest: nothingThere },
  LOST,
  {
    file: 'sync/waiterList.ts',
    edits: [['    Atomics.store(i32, at, 0);\n    return true;', '    Atomics.store(i32, at, 0);\n    return false;']],
  },
);
barriers.finds('a barrier that opens in silence', [meet, meet], barrier(2, 1, NOBODY_DIES), LOST, {
  file: 'sync/barrier.ts',
  edits: [[`if (arrival?.as === 'released') this.#changed.wake(Infinity);`, '']],
});
barriers.finds(
  'a barrier that waits for the dead',
  [meet, meet],
  { ...barrier(3, 1, ONE_DIES), mayRest: onlyMissing },
  /after a death/,
  { file: 'sync/barrierPhase.ts', edits: [['if (owner !== last && program().isDead(owner)) return true;', '']] },
);
barriers.finds(
  'a barrier whose round moves on before its history',
  [meet, reset],
  resetMeanwhile(NOBODY_DIES),
  /passes alone/,
  {
    file: 'sync/barrierPhase.ts',
    edits: [
      ['    this.#publish((round(phase) + 1) << ROUND_SHIFT);\n', ''],
      [
        '    if (broken) Atomics.or',
        '    this.#publish((round(phase) + 1) << ROUND_SHIFT);\n    if (broken) Atomics.or',
      ],
    ],
  },
);
