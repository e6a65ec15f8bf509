import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkLarge, largeMessage } from './fixtures/ringTasks.js';
import { startChild } from '../children.js';
import { internals } from '../internals.js';

const { memory, Ring } = internals;
const TASKS = new URL('./fixtures/ringTasks.js', import.meta.url);
const CELLS = 16;
type Ring = ReturnType<typeof Ring.create>;

const write = (ring: Ring, number: number): boolean => {
  const { bytes, part } = largeMessage(9, number);
  return ring.tryWrite(bytes, 0, bytes.length, Infinity, [part]);
};
const read = (ring: Ring): [number, number] | undefined =>
  ring.tryRead((bytes, start, end, large) => checkLarge(bytes, start, end, large?.copy(0) ?? assert.fail('not large')));

describe('side segments', { timeout: 60_000 }, () => {
  test('that another process has removed stop nobody who had mapped them', async () => {
    const [first, second] = [Ring.create(64 * 1024), Ring.create(64 * 1024)];
    const child = startChild(TASKS, 'writeLargeThenDestroy', first.handle);
    await child.hear();
    assert.deepEqual(read(first), [1, 0]);
    child.tell('now');
    await child.hear();
    // Who makes a file gives up what has no name any more, before anything else finds out.
    const { hrtime } = process;
    process.hrtime = Object.assign(() => [hrtime()[0] + 10, 0] as [number, number], { bigint: hrtime.bigint }); // it looks for them once a second
    const { id } = memory.program().createSegment(4096);
    process.hrtime = hrtime;
    assert.equal(write(second, 3), true);
    assert.deepEqual(read(second), [9, 3]);
    await child.kill();
    memory.program().dropSegment(id);
    first.destroy();
    second.destroy();
  });

  test('that cannot be mapped now can be used by the next message', () => {
    const ring = Ring.create(64 * 1024);
    assert.ok(write(ring, 0));
    assert.deepEqual(read(ring), [9, 0]);
    const program = memory.program();
    const { segment } = program;
    program.segment = () => {
      throw Object.assign(new Error('no descriptor is left'), { code: 'EMFILE' });
    };
    try {
      assert.throws(() => write(ring, 0), { code: 'EMFILE' });
    } finally {
      program.segment = segment;
    }
    for (let number = 0; number < CELLS; number++) assert.ok(write(ring, number), `only ${number} cells are left`);
    for (let number = 0; number < CELLS; number++) assert.deepEqual(read(ring), [9, number]);
    ring.destroy();
  });
});
