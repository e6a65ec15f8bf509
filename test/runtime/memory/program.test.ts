import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';
import { startChild } from '../children.js';
import { internals } from '../internals.js';

const { memory } = internals;
const tasks = new URL('./fixtures/tasks.js', import.meta.url);
const timeout = 30_000;

test('a process is dead from the moment it is killed, before anybody has reaped it', { timeout }, async () => {
  const child = startChild(tasks, 'stay');
  await child.hear();
  assert.equal(memory.program().isDead(child.owner), false);
  process.kill(child.pid, 'SIGKILL');
  // No turn of the event loop, so nobody reaps: the zombie is still there when this ends.
  const deadline = performance.now() + 10_000;
  while (!memory.program().isDead(child.owner)) assert.ok(performance.now() < deadline);
  assert.ok(fs.existsSync(`/proc/${child.pid}`));
  await child.ended;
  assert.equal(memory.program().isDead(memory.program().me), false);
});

test('an owner word is dead when another process has its slot', { timeout }, async () => {
  const program = memory.program();
  const claimed = program.claimSlot();
  const before = memory.ownerWord(claimed.slot, claimed.generation);
  assert.equal(program.isDead(before), false);
  claimed.lock.drop();
  assert.equal(program.isDead(before), true);
  const { Slot, SlotState } = memory.layout;
  const generationAt = memory.slotWord(claimed.slot) + Slot.generation_W;
  Atomics.store(program.table.i32, memory.slotWord(claimed.slot) + Slot.state_W, SlotState.free);
  const again = program.claimSlot();
  assert.equal(again.slot, claimed.slot);
  assert.equal(Atomics.load(program.table.i32, generationAt), claimed.generation + 1);
  assert.equal(program.isDead(before), true);
  again.lock.drop();
  Atomics.store(program.table.i32, memory.slotWord(claimed.slot) + Slot.state_W, SlotState.exited);
});

test("a slot whose lock file cannot be made is given back, and the error is the system's", { timeout }, () => {
  const program = memory.program();
  const claimed = program.claimSlot();
  const next = `${program.dir}/slot-${claimed.slot + 1}`;
  fs.mkdirSync(next); // in the way
  const { Slot, SlotState } = memory.layout;
  const stateOf = (slot: number): number => Atomics.load(program.table.i32, memory.slotWord(slot) + Slot.state_W);
  assert.throws(() => program.claimSlot(), { name: 'OSError', code: 'EISDIR' });
  assert.equal(stateOf(claimed.slot + 1), SlotState.free);
  fs.rmdirSync(next);
  claimed.lock.drop();
  Atomics.store(program.table.i32, memory.slotWord(claimed.slot) + Slot.state_W, SlotState.free);
});

test('when no slot is free, those of processes that died after their parents are taken', { timeout }, () => {
  const program = memory.program();
  const { Slot, SlotState, SLOT_COUNT } = memory.layout;
  const at = (slot: number): number => memory.slotWord(slot) + Slot.state_W;
  const before = Array.from({ length: SLOT_COUNT }, (_, slot) => Atomics.load(program.table.i32, at(slot)));
  for (let slot = 0; slot < SLOT_COUNT; slot++) Atomics.store(program.table.i32, at(slot), SlotState.running);
  const claimed = program.claimSlot();
  assert.notEqual(claimed.slot, program.slot);
  claimed.lock.drop();
  before.forEach((state, slot) => Atomics.store(program.table.i32, at(slot), state));
});

test(
  'a slot that was being taken, or whose process was being started, by who died then, is taken',
  { timeout },
  async () => {
    const program = memory.program();
    const { Slot, SlotState, SLOT_COUNT } = memory.layout;
    const { i32 } = program.table;
    const child = startChild(tasks, 'stay');
    await child.hear();
    await child.kill();
    const field = (slot: number, word: number): number => memory.slotWord(slot) + word;
    const saved = Array.from({ length: SLOT_COUNT }, (_, slot) =>
      [Slot.state_W, Slot.parentSlot_W, Slot.parentGeneration_W].map(word => i32[field(slot, word)] ?? 0),
    );
    const livingOnes = (): void => {
      // Of a parent that lives, and that has not got as far as the lock.
      for (let slot = 0; slot < SLOT_COUNT; slot++) {
        Atomics.store(i32, field(slot, Slot.state_W), slot % 2 === 0 ? SlotState.starting : -program.me);
        i32[field(slot, Slot.parentSlot_W)] = program.slot;
        i32[field(slot, Slot.parentGeneration_W)] = program.generation;
      }
    };
    const abandoned = 700;
    livingOnes();
    assert.throws(() => program.claimSlot(), { name: 'RuntimeError', message: /1024 processes/ });
    Atomics.store(i32, field(abandoned, Slot.state_W), -child.owner);
    const first = program.claimSlot();
    assert.equal(first.slot, abandoned);
    first.lock.drop();
    livingOnes();
    i32[field(abandoned, Slot.parentSlot_W)] = child.owner >>> 16;
    i32[field(abandoned, Slot.parentGeneration_W)] = child.owner & 0xffff;
    const second = program.claimSlot();
    assert.deepEqual([second.slot, second.generation], [abandoned, first.generation + 1]);
    // Its end is written once, and only into the slot that it had.
    assert.equal(program.takeEnded(abandoned, first.generation), false);
    assert.equal(program.takeEnded(abandoned, second.generation), true);
    assert.equal(program.takeEnded(abandoned, second.generation), false);
    second.lock.drop();
    saved.forEach(([state = 0, parentSlot = 0, parentGeneration = 0], slot) => {
      i32[field(slot, Slot.parentSlot_W)] = parentSlot;
      i32[field(slot, Slot.parentGeneration_W)] = parentGeneration;
      Atomics.store(i32, field(slot, Slot.state_W), state);
    });
  },
);

test('asking about the dead keeps no descriptor', { timeout }, async () => {
  const open = (): number => fs.readdirSync('/proc/self/fd').length;
  const child = startChild(tasks, 'stay');
  await child.hear();
  process.kill(child.pid, 'SIGKILL');
  await child.ended;
  const before = open();
  for (let i = 0; i < 5; i++) assert.equal(memory.program().isDead(child.owner), true);
  assert.equal(open(), before);
});

test('blocks are zeroed, apart, and aligned, whoever cuts and gives back at the same time', { timeout }, async () => {
  const children = [1, 2, 3].map(me => startChild(tasks, 'churn', me, 12_000));
  for (const child of children) assert.equal(await child.hear(), 'done');
  await Promise.all(children.map(child => child.ended));
});

test('a block above the largest class is a segment of its own, used again when it is freed', () => {
  const block = memory.allocate(100_000);
  assert.equal(block.offset, 0);
  assert.ok(block.segment.byteLength >= 100_000);
  block.segment.i32.fill(7);
  memory.free(block, 100_000);
  const again = memory.allocate(99_000);
  assert.equal(again.segmentId, block.segmentId);
  assert.ok(again.segment.i32.every(word => word === 0));
  memory.free(again, 99_000);
});

test('memory given back is taken again: a long life does not grow', () => {
  const segments = (): number => fs.readdirSync(memory.program().dir).filter(name => name.startsWith('seg-')).length;
  memory.free(memory.allocate(64), 64);
  const before = segments();
  for (let i = 0; i < 100_000; i++) memory.free(memory.allocate(4096), 4096);
  assert.equal(segments(), before);
});

test('memory given back to an arena that was full is taken again', () => {
  const segments = (): number => fs.readdirSync(memory.program().dir).filter(name => name.startsWith('seg-')).length;
  const fill = (): void => {
    const blocks = Array.from({ length: 600 }, () => memory.allocate(8192));
    for (const block of blocks) memory.free(block, 8192);
  };
  fill();
  const before = segments();
  for (let i = 0; i < 10; i++) fill();
  assert.equal(segments(), before);
});

test('a text keeps whole characters, and its length', () => {
  const { readText, writeText } = memory.layout;
  const bytes = Buffer.alloc(16);
  writeText(bytes, 0, 16, 'äöüäöüäöüäöü');
  assert.equal(readText(bytes, 0, 16), 'äöüäöüä');
});
