import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isIntact, takeSync } from './fixtures/ringTasks.js';
import { startChild, type Child } from '../children.js';
import { internals } from '../internals.js';

const { Ring, memory } = internals;
const TASKS = new URL('./fixtures/ringTasks.js', import.meta.url);
const DEADLINE = 60_000;
const subject = { kind: 'connection', object: 0 } as const;
type Ring = ReturnType<typeof Ring.create>;

/** Small, reproducible, and good enough in its low bits. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const copy = (bytes: Buffer, start: number, end: number): Buffer => Buffer.from(bytes.subarray(start, end));

describe('a ring in one process', { timeout: DEADLINE }, () => {
  const source = Buffer.alloc(400_000);
  for (let i = 0; i < source.length; i++) source[i] = (i * 31) ^ (i >> 8);

  function compareWithArray(ring: Ring, steps: number): void {
    const expected: Buffer[] = [];
    const below = random(20);
    let refused = 0;
    for (let i = 0; i < steps; i++) {
      if (below(2) === 0) {
        const start = below(5);
        const end = start + (below(50) === 0 ? below(300_000) : below(300));
        if (ring.tryWrite(source, start, end)) expected.push(source.subarray(start, end));
        else refused++;
      } else {
        const got = ring.tryRead(copy);
        const wanted = expected.shift();
        assert.ok(wanted === undefined ? got === undefined : got?.equals(wanted));
      }
      assert.equal(ring.depth, expected.length);
      assert.equal(ring.isEmpty, expected.length === 0);
    }
    assert.ok(refused > 0, 'the ring was full now and then');
  }

  test('gives messages of any size back whole and in order', () => {
    const ring = Ring.create(4096);
    compareWithArray(ring, 50_000);
    ring.destroy();
  });

  test('goes on when its 32-bit positions wrap', () => {
    const ring = Ring.create(4096);
    const { segment, word } = memory.blockAt(...ring.handle);
    const nearEnd = -64 * 1024;
    // TAIL, what writers saw of HEAD, the position of TAIL's count; and the same for the readers.
    for (const at of [16, 17, 18, 32, 33, 34]) segment.i32[word + at] = nearEnd;
    compareWithArray(ring, 20_000);
    assert.ok(ring.position > 0, 'the positions have passed zero');
    ring.destroy();
  });

  test('refuses a message beyond the depth asked for', () => {
    const ring = Ring.create(4096);
    assert.equal(ring.tryWrite(source, 0, 10, 1), true);
    assert.equal(ring.tryWrite(source, 0, 10, 1), false);
    assert.equal(ring.tryWrite(source, 0, 300_000, 1), false);
    ring.tryRead(copy);
    assert.equal(ring.tryWrite(source, 0, 10, 1), true);
    ring.destroy();
  });

  test('lets the code that decodes a message read the ring itself', () => {
    const ring = Ring.create(4096);
    for (let i = 0; i < 3; i++) ring.tryWrite(source, i, i + 8);
    const seen: number[] = [];
    const use = (bytes: Buffer, start: number): void => {
      ring.tryRead(use);
      seen.push(bytes[start] ?? -1);
    };
    ring.tryRead(use);
    assert.deepEqual(seen, [source[2], source[1], source[0]]);
    ring.destroy();
  });

  test('has lost a message whose decoding failed, and nothing else', () => {
    const ring = Ring.create(4096);
    for (let i = 0; i < 2; i++) ring.tryWrite(source, i, i + 8);
    assert.throws(() => ring.tryRead(() => assert.fail('cannot decode')), /cannot decode/);
    assert.equal(
      ring.tryRead((bytes, start) => bytes[start]),
      source[1],
    );
    ring.destroy();
  });

  test('says that it is damaged instead of reading what is no message', () => {
    const below = random(7);
    for (let round = 0; round < 300; round++) {
      const ring = Ring.create(4096);
      for (let i = 0; i < 20; i++) ring.tryWrite(source, 0, 8 + below(100));
      const { segment, offset } = memory.blockAt(...ring.handle);
      for (let i = 0; i < 8; i++) segment.u8[offset + 1024 + below(1000)] = below(256);
      try {
        for (let i = 0; i < 30; i++) ring.tryRead(copy);
      } catch (error) {
        assert.match(String(error), /damaged|no such file|out of range|ENOENT/);
      }
      memory.free(memory.blockAt(...ring.handle), 1024 + 4096);
    }
  });

  test('removes every file of its large messages when it is destroyed', async () => {
    const { readdirSync } = await import('node:fs');
    const segments = (): number => readdirSync(memory.program().dir).filter(name => name.startsWith('seg-')).length;
    const ring = Ring.create(64 * 1024);
    const before = segments();
    for (let round = 0; round < 3; round++) {
      let written = 0;
      while (ring.tryWrite(source, 0, source.length)) written++;
      assert.equal(written, 16);
      assert.equal(ring.depth, 16);
      while (ring.tryRead((_, start, end) => assert.equal(end - start, source.length) ?? true));
    }
    assert.equal(segments(), before + 16, 'the same ones are used again');
    ring.destroy();
    assert.equal(segments(), before, 'the ring itself is kept for the next');
  });
});

describe('a ring between processes', { timeout: DEADLINE * 4 }, () => {
  /** Checks what arrives: whole, once, and in the order in which each writer wrote. */
  class Inspector {
    readonly #next = new Map<number, number>();
    count = 0;
    check(bytes: Buffer): void {
      const [writer, number] = [bytes.readInt32LE(0), bytes.readInt32LE(4)];
      assert.ok(isIntact(bytes), `message ${number} of writer ${writer} is damaged`);
      assert.equal(number, this.#next.get(writer) ?? 0, `writer ${writer} is out of order`);
      this.#next.set(writer, number + 1);
      this.count++;
    }
  }

  for (const task of ['produce', 'produceAsync']) {
    test(`carries every message of three writers once and in order (${task})`, async t => {
      const ring = Ring.create(16 * 1024);
      const children = [1, 2, 3].map(writer => startChild(TASKS, task, ring.handle, writer, 4000));
      // Writers of a ring that nobody reads any more would hold this process for ever.
      t.after(() => children.forEach(child => child.process.kill('SIGKILL')));
      const inspector = new Inspector();
      while (inspector.count < 12_000) {
        const bytes = await ring.readable.wait({ subject, attempt: () => ring.tryRead(copy) }, { timeout: 60_000 });
        inspector.check(bytes ?? assert.fail('no message'));
      }
      for (const child of children) assert.equal((await child.ended).code, 0);
      assert.equal(ring.isEmpty, true);
      ring.destroy();
    });
  }

  test('stays whole while writers and readers are killed at random', async t => {
    const seconds = Number(process.env['MANYCORE_KILL_SECONDS'] ?? 5);
    const seed = Number(process.env['MANYCORE_SEED'] ?? (Date.now() % 1e9) | 1);
    const below = random(seed);
    const [first, second] = [Ring.create(64 * 1024), Ring.create(64 * 1024)];
    const kinds = ['produceForEver', 'produceForEver', 'relayForEver', 'relayForEver'];
    const children = new Map<number, Child>();
    let over = false;
    let [writers, kills, messages, longestStall] = [0, 0, 0, 0];
    /** Keeps one place filled: starts a process, lets it work for a moment, kills it, starts the next. */
    const keepKilling = async (place: number): Promise<void> => {
      while (!over) {
        const child =
          kinds[place] === 'relayForEver'
            ? startChild(TASKS, 'relayForEver', first.handle, second.handle)
            : startChild(TASKS, 'produceForEver', first.handle, ++writers);
        children.set(place, child);
        await child.hear().catch(() => assert.ok(over, 'a process ended by itself'));
        await sleep(below(120));
        kills++;
        await child.kill();
        assert.equal((await child.ended).signal, 'SIGKILL');
      }
    };
    const places = kinds.map((_, place) => keepKilling(place));

    const seen = new Map<number, Set<number>>();
    const end = performance.now() + seconds * 1000;
    let last = performance.now();
    try {
      while (performance.now() < end) {
        const bytes = await second.readable.wait(
          { subject, attempt: () => second.tryRead(copy) },
          { timeout: DEADLINE },
        );
        assert.ok(bytes, `nothing arrives any more (seed ${seed})`);
        longestStall = Math.max(longestStall, performance.now() - last);
        last = performance.now();
        assert.ok(isIntact(bytes), `a damaged message (seed ${seed})`);
        const [writer, number] = [bytes.readInt32LE(0), bytes.readInt32LE(4)];
        const numbers = seen.get(writer) ?? new Set();
        assert.ok(!numbers.has(number), `message ${number} of ${writer} arrived twice (seed ${seed})`);
        seen.set(writer, numbers.add(number));
        if (++messages % 500 === 0) await new Promise(resolve => setImmediate(resolve));
      }
    } finally {
      over = true;
      await Promise.all([...children.values()].map(child => child.kill()));
      await Promise.allSettled(places);
    }
    t.diagnostic(`seed ${seed}: ${messages} messages, ${kills} kills, longest stall ${Math.round(longestStall)} ms`);
    // Every message in a dead hand is lost, no other: a relay and a producer hold at most one each.
    let lost = 0;
    for (const numbers of seen.values()) lost += Math.max(...numbers) + 1 - numbers.size;
    assert.ok(lost <= kills + children.size, `${lost} messages lost by ${kills} kills`);
    // The ring is empty of life now, and still works.
    while (second.tryRead(copy) !== undefined);
    assert.equal(second.tryWrite(Buffer.from('after'), 0, 5), true);
    assert.equal(takeSync(second).toString(), 'after');
    first.destroy();
    second.destroy();
  });
});
