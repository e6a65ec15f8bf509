import assert from 'node:assert/strict';
import test from 'node:test';
import { startChild } from '../children.js';
import { internals } from '../internals.js';

const { memory } = internals;
const fixture = new URL('./fixtures/arena.js', import.meta.url);
const timeout = 60_000;
const CLASSES = [64, 128, 256, 512, 1024, 2048, 4096, 8192];

type Block = ReturnType<typeof memory.allocate>;
type Extent = readonly [segmentId: number, offset: number, bytes: number];

/** Every block in a list of freed ones, of all arenas. Fails when one is there twice, or lies where none can. */
function freed(): Extent[] {
  const { program, layout } = memory;
  const found: Extent[] = [];
  for (let id = Atomics.load(program().table.i32, layout.Header.arenaSegment); id !== 0;) {
    const { i32 } = program().segment(id);
    CLASSES.forEach((bytes, nth) => {
      for (let unit = i32[2 + nth * 2] ?? 0; unit !== 0; unit = i32[unit * 16] ?? 0) {
        assert.ok(unit * 64 + bytes <= (i32[0] ?? 0), 'a freed block behind the end of what was cut');
        found.push([id, unit * 64, bytes]);
        assert.ok(found.length < 100_000, 'a list that never ends');
      }
    });
    id = i32[1] ?? 0;
  }
  return found;
}

/** Bytes that have been cut off, in all arenas. */
function cut(): number {
  let bytes = 0;
  for (let id = Atomics.load(memory.program().table.i32, memory.layout.Header.arenaSegment); id !== 0;) {
    const { i32 } = memory.program().segment(id);
    bytes += i32[0] ?? 0;
    id = i32[1] ?? 0;
  }
  return bytes;
}

function assertApart(extents: readonly Extent[]): void {
  const sorted = [...extents].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  sorted.reduce((before, each) => {
    assert.ok(before[0] !== each[0] || before[1] + before[2] <= each[1], `${each.join(':')} is in two places`);
    return each;
  });
}

class Death extends Error {}

/** Runs `act` and lets it die, as far as shared memory is concerned, the `nth` time it comes to a step. */
function dieAtStep(nth: number, act: () => void): boolean {
  let left = nth;
  memory.setFailpoint(() => {
    if (--left === 0) throw new Death();
  });
  try {
    act();
    return false;
  } catch (error) {
    assert.ok(error instanceof Death);
    return true;
  } finally {
    memory.setFailpoint(undefined);
  }
}

test('a death at any step of a cut or a free leaks one block at most, and keeps the lists whole', () => {
  const warm = Array.from({ length: 5 }, () => memory.allocate(512));
  for (const block of warm) memory.free(block, 512);
  for (const act of ['cut', 'free'] as const) {
    let steps = 0;
    for (let died = true; died;) {
      const held = Array.from({ length: 3 }, () => memory.allocate(512));
      const before = freed().length;
      const cutBefore = cut();
      const victim = memory.allocate(512);
      if (act === 'free') died = dieAtStep(++steps, () => memory.free(victim, 512));
      else {
        memory.free(victim, 512);
        died = dieAtStep(++steps, () => void memory.allocate(512));
      }
      assertApart([...freed(), ...held.map(({ segmentId, offset }): Extent => [segmentId, offset, 512])]);
      assert.ok(freed().length >= before - 1 - (cut() > cutBefore ? 0 : 1));
      for (const block of held) memory.free(block, 512);
    }
    assert.ok(steps > 1, `${act} has no steps`);
  }
});

test('a process that was stopped between two steps is not fooled by 65,536 changes meanwhile', () => {
  const [a, b, c, d] = [1, 2, 3, 4].map(() => memory.allocate(1024)) as [Block, Block, Block, Block];
  for (const block of [c, b, a]) memory.free(block, 1024);
  // It has read that behind the head, `a`, comes `b`. While it is stopped, both are taken, and `a` comes back to the
  // head after as many changes as a count of 16 bits cannot tell from none.
  let stopped = false;
  let taken: Block[] = [];
  memory.setFailpoint(step => {
    if (step !== 'read' || stopped) return;
    stopped = true;
    taken = [memory.allocate(1024), memory.allocate(1024)];
    assert.deepEqual(
      taken.map(block => block.offset),
      [a.offset, b.offset],
    );
    let changes = 2;
    for (; changes < 65_534; changes += 2) memory.free(memory.allocate(1024), 1024);
    memory.free(d, 1024);
    memory.free(a, 1024);
    assert.equal(changes + 2, 65_536);
  });
  const resumed = memory.allocate(1024);
  memory.setFailpoint(undefined);
  assert.ok(stopped);
  const next = memory.allocate(1024);
  const all = [resumed, next, ...taken.slice(1)].map(({ segmentId, offset }): Extent => [segmentId, offset, 1024]);
  assertApart([...all, ...freed()]);
});

test('who takes and gives at every step of another loses nothing and gets nothing twice', () => {
  // Every interleaving of one operation with one whole other at each of its steps.
  for (const outer of ['cut', 'free'] as const) {
    for (const inner of ['cut', 'free', 'cut and free', 'cut two and free the first'] as const) {
      for (let at = 1, steps = Infinity; at <= steps; at++) {
        const held = Array.from({ length: 4 }, () => memory.allocate(256));
        const spare = Array.from({ length: 3 }, () => memory.allocate(256));
        for (const block of spare) memory.free(block, 256);
        let step = 0;
        let inside = false;
        memory.setFailpoint(() => {
          if (inside || ++step !== at) return;
          inside = true;
          if (inner === 'free') memory.free(held.pop() ?? assert.fail(), 256);
          else {
            const got = memory.allocate(256);
            if (inner === 'cut two and free the first') held.push(memory.allocate(256));
            if (inner === 'cut') held.push(got);
            else memory.free(got, 256);
          }
          inside = false;
        });
        if (outer === 'cut') held.push(memory.allocate(256));
        else memory.free(held.shift() ?? assert.fail(), 256);
        memory.setFailpoint(undefined);
        if (step < at) steps = step;
        assertApart([...freed(), ...held.map(({ segmentId, offset }): Extent => [segmentId, offset, 256])]);
        const before = freed().length;
        for (const block of held) memory.free(block, 256);
        assert.equal(freed().length, before + held.length);
      }
    }
  }
});

test(
  'processes that are killed while they cut and give back leak what they hold, and nothing else',
  { timeout },
  async () => {
    const seconds = Number(process.env['MANYCORE_KILL_SECONDS'] ?? 2);
    const steady = [3, 5].map(me => startChild(fixture, 'hammer', me));
    for (const child of steady) assert.equal(await child.hear(), 'running');
    let kills = 0;
    for (const until = performance.now() + seconds * 1000; performance.now() < until; kills++) {
      const child = startChild(fixture, 'hammer', 7);
      await child.hear();
      await new Promise(resolve => setTimeout(resolve, Math.random() * 60));
      await child.kill();
    }
    const held: Extent[] = [];
    for (const child of steady) {
      child.tell('enough');
      held.push(...((await child.hear()) as Extent[]));
      assert.equal((await child.ended).code, 0);
    }
    const free = freed();
    assertApart([...free, ...held]);
    assert.ok(kills > 0);
  },
);
