import { BLOCK_AT } from './code.js';
import { claims, interrupted, NOBODY_DIES, ONE_DIES, type Limits, type Phase } from './claims.js';

const { finds, holds } = claims('LockWord', 'Mutex', 'WaitPoint');

/** The block: a word of the test's own, then the object. */
const VALUE = 0;
const OBJECT = 1;

const underMutex: Phase = ({ Mutex }, at) => {
  const mutex = new Mutex(at.block, OBJECT);
  mutex.lock();
  at.section();
  mutex.unlock();
};

const underMutexTwice = [underMutex, underMutex];

const underLock: Phase = ({ LockWord }, at) => {
  const lock = new LockWord(at.block, OBJECT);
  if (!lock.tryTake()) {
    const wait = {
      subject: { kind: 'lock', object: 0 },
      glance: () => (lock.glance() ? true : undefined),
      attempt: () => (lock.takeOrFlag() ? true : undefined),
      recover: () => lock.recover(),
    } as const;
    lock.freed.waitSync(wait, Infinity);
  }
  at.section();
  lock.free();
};

const underLockTwice = [underLock, underLock];

/** Takes one from the value, or undefined when it is 0. */
const take = (at: Parameters<Phase>[1]) => (): true | undefined => {
  for (;;) {
    const value = at.atomics('load', at.word + VALUE);
    if (value === 0) return undefined;
    if (at.atomics('compareExchange', at.word + VALUE, value, value - 1) === value) return true;
  }
};

const subject = { kind: 'semaphore', object: 0 } as const;

/** Adds one and wakes one, so often. */
const release = (times: number): readonly Phase[] =>
  new Array<Phase>(times).fill(({ WaitPoint }, at) => {
    at.atomics('add', at.word + VALUE, 1);
    new WaitPoint(at.block, OBJECT).wake(1);
  });

const acquireSync: Phase = ({ WaitPoint }, at) => {
  new WaitPoint(at.block, OBJECT).waitSync({ subject, attempt: take(at) }, Infinity);
};

/** The same in the event loop; the test's promise is settled within the bell's listener, so a flag tells. */
const acquire: Phase = ({ WaitPoint }, at) => {
  let done = false;
  const attempt = take(at);
  const point = new WaitPoint(at.block, OBJECT);
  void point.wait({ subject, attempt: () => attempt() && (done = true) }).catch(() => undefined);
  while (!done) at.listen();
};

/** Two tasks of one event loop, of which one tries for both. */
const acquireTwo: Phase = ({ WaitPoint }, at) => {
  let done = 0;
  const attempt = take(at);
  const point = new WaitPoint(at.block, OBJECT);
  for (let task = 0; task < 2; task++) {
    const wait = { subject, attempt: () => attempt() && ((done += 1), true), alike: true } as const;
    void point.wait(wait).catch(() => undefined);
  }
  while (done < 2) at.listen();
};

/** Who was to release may be the one that died: then nothing is there for the others. */
const ONE_DIES_OR_NOTHING: Limits = { ...ONE_DIES, excused: ({ words }) => words[BLOCK_AT] === 0 };

holds('mutex: two processes, twice each', [underMutexTwice, underMutexTwice], NOBODY_DIES);
holds('mutex: three processes', [underMutex, underMutex, underMutex], NOBODY_DIES);
holds('mutex: two processes, any is killed', [underMutex, underMutexTwice], ONE_DIES);
holds('lock: two processes, one of them twice', [underLock, underLockTwice], NOBODY_DIES);
holds('lock: three processes, interrupted', [underLock, underLock, underLock], interrupted(2, NOBODY_DIES));
holds('lock: two processes, any is killed', [underLock, underLockTwice], ONE_DIES);
holds('lock: three processes, interrupted, any is killed', [underLock, underLock, underLock], interrupted(2, ONE_DIES));
holds('thread: waits for a release', [acquireSync, release(1)], NOBODY_DIES);
holds('thread: waits for a release, any is killed', [acquireSync, release(2)], ONE_DIES_OR_NOTHING);
holds(
  'threads: two for two releases, interrupted',
  [acquireSync, acquireSync, release(2)],
  interrupted(2, NOBODY_DIES),
);
holds('event loop: waits for a release', [acquire, release(1)], NOBODY_DIES);
holds('event loop: waits for a release, any is killed', [acquire, release(2)], ONE_DIES_OR_NOTHING);
holds('event loops: two for two releases, interrupted', [acquire, acquire, release(2)], interrupted(2, NOBODY_DIES));
holds('event loop: two tasks wait for two releases', [acquireTwo, release(1), release(1)], NOBODY_DIES);
holds(
  'event loop: two tasks, and a thread, interrupted',
  [acquireTwo, acquireSync, release(3)],
  interrupted(2, NOBODY_DIES),
);
holds('event loop and thread, interrupted', [acquireSync, acquire, release(2)], interrupted(2, NOBODY_DIES));
holds(
  'event loop and thread, interrupted, any is killed',
  [acquireSync, acquire, release(3)],
  interrupted(1, ONE_DIES_OR_NOTHING),
);

const LOST = /everybody sleeps/;
finds('a thread that does not look again before it sleeps', [acquireSync, release(1)], NOBODY_DIES, LOST, {
  file: 'sync/sleepers.ts',
  edits: [
    ['if (result !== undefined) return result;', 'if (result !== undefined && slice > FIRST_SLICE) return result;'],
  ],
});
finds('a thread that sleeps on a sequence read too late', [acquireSync, release(1)], NOBODY_DIES, LOST, {
  file: 'sync/sleepers.ts',
  edits: [
    [
      'platform().waitOnWord(this.#address, seen,',
      'platform().waitOnWord(this.#address, Atomics.load(i32, this.#at + SEQUENCE),',
    ],
  ],
});
finds('a thread that looks at the round before the sequence', [underLock, underLockTwice], NOBODY_DIES, LOST, {
  file: 'sync/sleepers.ts',
  edits: [
    [
      'const seen = Atomics.load(i32, this.#at + SEQUENCE);',
      `if (this.counted() >> ROUND_SHIFT !== round) round = this.#join();
       const seen = Atomics.load(i32, this.#at + SEQUENCE);
       if (round === round) { const result = wait.attempt(); if (result !== undefined) return result;
         platform().waitOnWord(this.#address, seen, slice); continue; }`,
    ],
  ],
});
finds('a bell that is armed after the bit is set', [acquire, acquire, release(2)], interrupted(2, NOBODY_DIES), LOST, {
  file: 'sync/doorbell.ts',
  edits: [['  arm();\n  place.register();', '  place.register();\n  arm();']],
});
finds('an event loop that does not look again after it has registered', [acquire, release(1)], NOBODY_DIES, LOST, {
  file: 'sync/doorbell.ts',
  edits: [["if (waiter.attempt(true) !== 'waiting')", 'if (false)']],
});
finds(
  'tasks of which none looks again when others were registered for them',
  [acquireTwo, release(2)],
  NOBODY_DIES,
  LOST,
  {
    file: 'sync/doorbell.ts',
    edits: [['place.look(place.register(), false);', 'place.register();']],
  },
);
finds('a ring that is not passed on', [acquire, acquire, release(2)], interrupted(3, NOBODY_DIES), LOST, {
  file: 'sync/waitPoint.ts',
  edits: [['!this.#registered.remove() && !shutsOthersOut', '!this.#registered.remove() && false']],
});
finds('a mutex whose next holder forgets the others', [underMutex, underMutex, underMutex], NOBODY_DIES, LOST, {
  file: 'sync/mutex.ts',
  edits: [
    ['Atomics.compareExchange(i32, at, 0, this.#me | WAITED_FOR)', 'Atomics.compareExchange(i32, at, 0, this.#me)'],
  ],
});
finds('a lock taken from the living', [underLock, underLock], NOBODY_DIES, /in the section at once|everybody sleeps/, {
  file: 'sync/lockWord.ts',
  edits: [
    [
      'Atomics.compareExchange(this.#i32, this.#at, seen, next) !== seen',
      'Atomics.exchange(this.#i32, this.#at, next) !== seen',
    ],
  ],
});
finds('a dead holder that is never recovered', [underLock, underLock], ONE_DIES, /after a death/, {
  file: 'sync/lockWord.ts',
  edits: [['if (seen === 0 || !program().isDead(seen & OWNER_MASK)) return;', 'return;']],
});
