import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkLarge, largeMessage } from './fixtures/ringTasks.js';
import { startChild, type Child } from '../children.js';
import { internals } from '../internals.js';

const { Ring } = internals;
const TASKS = new URL('./fixtures/ringTasks.js', import.meta.url);
const DEADLINE = 120_000;
const CELLS = 16;
const subject = { kind: 'connection', object: 0 } as const;
type Ring = ReturnType<typeof Ring.create>;

const write = (ring: Ring, number: number): boolean => {
  const { bytes, part } = largeMessage(9, number);
  return ring.tryWrite(bytes, 0, bytes.length, Infinity, [part]);
};
const read = (ring: Ring): [number, number] | undefined =>
  ring.tryRead((bytes, start, end, large) => checkLarge(bytes, start, end, large?.copy(0) ?? assert.fail('not large')));

/** Every cell can be used again: what nobody took out is still there, what the dead held is not. */
function fillsAndEmpties(ring: Ring): void {
  let last = performance.now();
  let written = 0;
  while (ring.depth < CELLS) {
    if (write(ring, written)) [written, last] = [written + 1, performance.now()];
    else assert.ok(performance.now() - last < 2000, `only ${ring.depth} of ${CELLS} cells came back`);
  }
  assert.equal(write(ring, 0), false);
  for (let number = 0; number < CELLS; number++) assert.ok(read(ring));
  assert.equal(ring.isEmpty, true);
}

describe('a death with a large message in hand', { timeout: DEADLINE * 2 }, () => {
  for (const [task, waits] of [
    ['dieFilling', 0],
    ['dieCopying', 1],
    ['dieBorrowing', 1],
  ] as const) {
    test(`gives the memory back: ${task}`, async () => {
      const ring = Ring.create(64 * 1024);
      // More often than there are cells, while messages that are waiting have to stay what they are.
      for (let round = 0; round < CELLS + 2; round++) {
        while (ring.depth < 3 + waits) assert.ok(write(ring, round));
        const { signal } = await startChild(TASKS, task, ring.handle).ended;
        assert.equal(signal, 'SIGKILL');
        assert.equal(ring.depth, 3);
        assert.ok(read(ring));
      }
      fillsAndEmpties(ring);
      ring.destroy();
    });
  }

  test('leaves every other message whole, at random moments', async t => {
    const goal = Number(process.env['MANYCORE_KILLS'] ?? 30);
    const [first, second] = [Ring.create(64 * 1024), Ring.create(64 * 1024)];
    const children = new Map<number, Child>();
    let [writers, kills, messages, longestStall, over] = [0, 0, 0, 0, false];
    const keepKilling = async (place: number): Promise<void> => {
      while (!over) {
        const child =
          place % 2 === 0
            ? startChild(TASKS, 'relayLarge', first.handle, second.handle)
            : startChild(TASKS, 'produceLarge', first.handle, ++writers);
        children.set(place, child);
        await child.hear().catch(() => assert.ok(over, 'a process ended by itself'));
        await sleep(Math.random() * 60);
        kills++;
        await child.kill();
        assert.equal((await child.ended).signal, 'SIGKILL');
      }
    };
    const places = [0, 1, 2, 3].map(keepKilling);
    const seen = new Set<string>();
    try {
      for (let last = performance.now(); kills < goal; last = performance.now()) {
        const got = await second.readable.wait({ subject, attempt: () => read(second) }, { timeout: DEADLINE });
        assert.ok(got, 'nothing arrives any more');
        longestStall = Math.max(longestStall, performance.now() - last);
        assert.ok(!seen.has(got.join()), `message ${got[1]} of ${got[0]} arrived twice`);
        seen.add(got.join());
        if (++messages % 20 === 0) await new Promise(resolve => setImmediate(resolve));
      }
    } finally {
      over = true;
      await Promise.all([...children.values()].map(child => child.kill()));
      await Promise.allSettled(places);
    }
    t.diagnostic(`${messages} messages, ${kills} kills, longest stall ${Math.round(longestStall)} ms`);
    for (const ring of [first, second]) {
      while (read(ring) !== undefined);
      fillsAndEmpties(ring);
      ring.destroy();
    }
  });
});
