import assert from 'node:assert/strict';
import test from 'node:test';
import { inspect } from 'node:util';
import { startChild } from '../children.js';
import { internals } from '../internals.js';

const { Event } = internals;
const fixture = new URL('./fixtures/sync.js', import.meta.url);
const timeout = 30_000;

test('test_event: clear at first, set for every process, cleared again', { timeout }, async () => {
  const event = new Event();
  assert.equal(event.isSet(), false);
  assert.equal(await event.wait({ timeout: 0 }), false);
  assert.equal(event.waitSync({ timeout: 20 }), false);
  event.set();
  assert.equal(event.isSet(), true);
  assert.equal(await event.wait(), true);
  assert.equal(event.waitSync({ timeout: 0 }), true);
  event.clear();
  assert.equal(event.isSet(), false);
  const child = startChild(fixture, 'setEvent', event.handle);
  assert.equal(await event.wait(), true);
  await child.ended;
});

for (const form of ['sync', 'async'] as const) {
  test(`D8: set() then clear() at once releases everybody who waits (${form})`, { timeout }, async () => {
    const event = new Event();
    const children = [1, 2, 3].map(() => startChild(fixture, 'waitForEvent', event.handle, form, 20_000));
    await Promise.all(children.map(child => child.hear()));
    await untilWaiting(children.length);
    event.set();
    event.clear();
    for (const child of children) assert.equal(await child.hear(), true);
    assert.equal(event.isSet(), false);
    assert.equal(await event.wait({ timeout: 0 }), false);
    await Promise.all(children.map(child => child.ended));
  });
}

test('D8 within one process: tasks that wait are released by set() then clear()', async () => {
  const event = new Event();
  const waits = [event.wait({ timeout: 10_000 }), event.wait()];
  event.set();
  event.clear();
  assert.deepEqual(await Promise.all(waits), [true, true]);
});

test('an aborted wait rejects with the reason', async () => {
  const event = new Event();
  await assert.rejects(event.wait({ signal: AbortSignal.timeout(5) }), { name: 'TimeoutError' });
});

test('test_repr: the text says set or unset', () => {
  const event = new Event();
  assert.match(inspect(event), /^<Event at \d+:\d+ unset>$/);
  event.set();
  assert.match(inspect(event), /^<Event at \d+:\d+ set>$/);
});

/** Until the process table shows that many others waiting: a child says 'waiting' just before it waits. */
async function untilWaiting(count: number): Promise<void> {
  const { layout, program, slotWord } = internals.memory;
  const { i32 } = program().table;
  for (;;) {
    let waiting = 0;
    for (let slot = 1; slot < layout.SLOT_COUNT; slot++) {
      const at = slotWord(slot);
      if (i32[at + layout.Slot.state_W] === layout.SlotState.exited) continue;
      if (i32[at + layout.Slot.waitKind_W] === layout.WaitKind.event) waiting++;
    }
    if (waiting === count) return;
    await new Promise(resolve => setImmediate(resolve));
  }
}
