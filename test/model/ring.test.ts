import { compile, type Code } from './code.js';
import { claims, interrupted, isLong, NOBODY_DIES, ONE_DIES, type Limits, type Machine, type Phase } from './claims.js';
import { message, read, ringWatch } from './ringWatch.js';

/** Room for one message of three words, the bytes to skip behind it, and a second one. */
const CAPACITY = 64;
/** Where the positions start, so that the second message needs a skip and the counters wrap during the test. */
const START = -40;
const subject = { kind: 'queueGet', object: 0 } as const;

const { finds, holds } = claims('Ring');
const { ringLayout: layout } = (await compile(['ringLayout']))(0).code;
const watch = ringWatch(layout, CAPACITY);

/** An empty ring. */
const place: Phase = ({ Ring }, at) => {
  Ring.place(at.block, CAPACITY);
  for (const word of [layout.TAIL, layout.SEEN_HEAD, layout.TAIL_COUNTS]) store(at, word);
  for (const word of [layout.HEAD, layout.SEEN_TAIL, layout.HEAD_COUNTS]) store(at, word);
};
/** A ring with a message in it, the first one of writer 1: one more is all that it has room for. */
const placeFilled: Phase = (code, at) => {
  place(code, at);
  const bytes = message(1, 0);
  attach(code).tryWrite(bytes, 0, bytes.length);
};
const store = (at: Machine, word: number): void => void at.atomics('store', at.word + word, START);

const attach = ({ Ring }: Code): ReturnType<Code['Ring']['attach']> => Ring.attach(0, 0);

/** Writes the `number`th message of `writer`, waiting for room, as an outbox does. */
const put =
  (writer: number, number: number, maxDepth = Infinity): Phase =>
  code => {
    const ring = attach(code);
    const bytes = message(writer, number);
    const attempt = (): true | undefined => ring.tryWrite(bytes, 0, bytes.length, maxDepth) || undefined;
    ring.writable.waitSync({ subject, attempt }, Infinity);
  };

/** Takes a message, waiting for one, and tells which. */
const get: Phase = (code, at) => {
  const ring = attach(code);
  const taken = ring.readable.waitSync({ subject, attempt: () => ring.tryRead(read) }, Infinity);
  at.note(taken ?? 0);
};

/** The same in the event loop. */
const getInLoop: Phase = (code, at) => {
  const ring = attach(code);
  let taken: number | undefined;
  void ring.readable.wait({ subject, attempt: () => (taken = ring.tryRead(read)) }).catch(() => undefined);
  while (taken === undefined) at.listen();
  at.note(taken);
};

const putInLoop =
  (writer: number, number: number): Phase =>
  (code, at) => {
    const ring = attach(code);
    const bytes = message(writer, number);
    let written = false;
    const attempt = (): true | undefined => (written = ring.tryWrite(bytes, 0, bytes.length)) || undefined;
    void ring.writable.wait({ subject, attempt }).catch(() => undefined);
    while (!written) at.listen();
  };

const gets = (count: number): Phase[] => new Array<Phase>(count).fill(get);

const ring = (limits: Limits, readers: readonly number[], maxDepth?: number): Limits => ({
  prepare: placeFilled,
  ...limits,
  blockWords: layout.HEADER_WORDS + CAPACITY / 4,
  invariant: watch.invariant(readers, maxDepth),
  excused: watch.excused(readers, maxDepth),
});
const EMPTY = { ...ONE_DIES, prepare: place };
const EVERY_LOAD = { ...ONE_DIES, loads: true };

holds('ring: 1 writer, 1 reader: full, skipping, wrapping', [[put(1, 1), put(1, 2)], gets(2)], ring(ONE_DIES, [1]));
holds('ring: 1 writer, 1 reader, a bound of one', [put(1, 1, 1), gets(2)], ring(ONE_DIES, [1], 1));
holds('ring: 2 writers, 1 reader', [[put(1, 1)], [put(2, 0)], gets(2)], ring(interrupted(1, ONE_DIES), [2]));
holds('ring: 1 writer, 2 readers', [[put(1, 1), put(1, 2)], get, get], ring(interrupted(1, ONE_DIES), [1, 2]));
holds(
  'ring: 1 writer, 2 readers, at first empty',
  [[put(1, 0), put(1, 1)], get, get],
  ring(interrupted(1, EMPTY), [1, 2]),
);
holds(
  'ring: 1 writer, 1 reader, each plain load a step',
  [[put(1, 1), put(1, 2)], gets(2)],
  ring(interrupted(1, EVERY_LOAD), [1]),
);
holds(
  'ring: event loops, 1 writer, 1 reader',
  [
    [putInLoop(1, 1), putInLoop(1, 2)],
    [getInLoop, getInLoop],
  ],
  ring(interrupted(1, ONE_DIES), [1]),
);
if (isLong) {
  holds('ring: 1 writer, 1 reader, three messages', [[put(1, 0), put(1, 1), put(1, 2)], gets(3)], ring(EMPTY, [1]));
  holds(
    'ring: 2 writers, 1 reader, three messages',
    [[put(1, 1), put(1, 2)], put(2, 0), gets(3)],
    ring(interrupted(1, ONE_DIES), [2]),
  );
  holds(
    'ring: 1 writer, 2 readers, three messages',
    [[put(1, 1), put(1, 2), put(1, 3)], gets(2), get],
    ring(interrupted(1, ONE_DIES), [1, 2]),
  );
}

const both = [[put(1, 1), put(1, 2)], gets(3)];
const RING = 'channel/ring.ts';
const RECORDS = 'channel/records.ts';
const COPY_OUT = 'copyWords(scratch, 0, this.#memory, at + RECORD_HEADER, length);';
const LOST = /everybody sleeps/;
finds('TAIL stored before the message', both, ring(NOBODY_DIES, [1]), /torn|no message|failed|twice/, {
  file: RING,
  edits: [
    [
      `      copyIn(this.#memory, at + RECORD_HEADER, bytes, start, end);
      this.#tail.move(this.#records.next);`,
      `      this.#tail.move(this.#records.next);
      copyIn(this.#memory, at + RECORD_HEADER, bytes, start, end);`,
    ],
  ],
});
finds('a skip published without its message', both, ring(NOBODY_DIES, [1]), /skip without a message/, {
  file: RECORDS,
  edits: [
    [
      'this.memory.i32[(at >> 2) + 1] = RecordKind.skip;',
      `this.memory.i32[(at >> 2) + 1] = RecordKind.skip;
       Atomics.store(i32, this.#at + layout.TAIL, (tail + toEnd) | 0);`,
    ],
  ],
});
finds('a count written after its position', both, ring(NOBODY_DIES, [1]), /has no count|the depth is/, {
  file: 'channel/cursor.ts',
  edits: [
    [
      `    i32[other] = next;
    Atomics.store(i32, this.#position, next);`,
      `    Atomics.store(i32, this.#position, next);
    i32[other] = next;`,
    ],
  ],
});
finds('a count changed in place', both, ring(NOBODY_DIES, [1]), /has no count|the depth is/, {
  file: 'channel/cursor.ts',
  edits: [
    [
      'i32[other + 1] = ((i32[current + 1] ?? 0) + 1) | 0;',
      'i32[current + 1] = i32[other + 1] = ((i32[current + 1] ?? 0) + 1) | 0;',
    ],
  ],
});
finds(
  'room given back before the message is copied',
  both,
  ring({ ...interrupted(2, NOBODY_DIES), loads: true }, [1]),
  /torn/,
  {
    file: RING,
    edits: [
      ['      this.#head.move(this.#records.next);\n', ''],
      [COPY_OUT, `this.#head.move(this.#records.next);\n${COPY_OUT}`],
    ],
  },
);
finds(
  'a reader without the lock',
  [[put(1, 1)], get, get],
  ring(interrupted(2, NOBODY_DIES), [1, 2]),
  /twice|the depth is/,
  {
    file: RING,
    edits: [['    this.#readers.lock();\n    try {\n      const at', '    try {\n      const at']],
  },
);
finds('a reader that sleeps without having looked again', both, ring(NOBODY_DIES, [1]), LOST, {
  file: 'sync/sleepers.ts',
  edits: [['const result = wait.attempt();', 'const result = slice > FIRST_SLICE ? wait.attempt() : undefined;']],
});
finds('a look at what TAIL was, not at TAIL', both, ring(NOBODY_DIES, [1]), LOST, {
  file: RECORDS,
  edits: [[' && this.tail.load() === head;', ';']],
});
finds('a writer that wakes first and publishes then', both, ring(NOBODY_DIES, [1]), LOST, {
  file: RING,
  edits: [
    ['    this.readable.wake(1);\n    return true;', '    return true;'],
    [
      '      this.#tail.move(this.#records.next);',
      '      this.readable.wake(1);\n      this.#tail.move(this.#records.next);',
    ],
  ],
});
finds('a reader that gives room back without a word', both, ring(NOBODY_DIES, [1]), LOST, {
  file: RING,
  edits: [['    this.writable.wake(1);\n    try {\n      return use', '    try {\n      return use']],
});
finds('a lock of the dead that nobody takes over', [put(1, 0), put(2, 0)], ring(EMPTY, []), /after a death/, {
  file: 'sync/mutex.ts',
  edits: [['!program().isDead(flagged & OWNER_MASK)', 'true']],
});
