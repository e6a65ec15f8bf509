import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JoinableQueue, Pipe } from 'manycore';

/** What the test reaches for: the ring, and what a process says while it keeps values. */
interface Inside {
  readonly _ring: { readonly written: number };
  _holding(holds: boolean): void;
}

test('join waits for a value that was kept by its process when the last one was dealt with', async () => {
  const queue = new JoinableQueue<string>();
  const inside = queue as unknown as Inside;
  // As a process does that has put a value for which there was no room.
  inside._holding(true);
  const { _ring: ring } = inside;
  let isWritten = false;
  const { get } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(ring), 'written') as { get: () => number };
  // Right behind the look at the ring, the value is written, and nothing is kept any more.
  Object.defineProperty(ring, 'written', {
    configurable: true,
    get() {
      const written = get.call(ring);
      if (!isWritten) {
        isWritten = true;
        queue.putNowait('kept');
        inside._holding(false);
      }
      return written;
    },
  });
  try {
    assert.equal(await queue.join({ timeout: 0 }), false);
    assert.equal(queue.joinSync({ timeout: 0 }), false);
  } finally {
    Reflect.deleteProperty(ring, 'written');
  }
  if (!isWritten) {
    queue.putNowait('kept');
    inside._holding(false);
  }
  assert.equal(await queue.get(), 'kept');
  queue.taskDone();
  assert.equal(await queue.join({ timeout: 0 }), true);
});

test('join waits for what one of two objects of the same queue in a process keeps', async () => {
  const queue = new JoinableQueue<number>();
  const [receiver, sender] = Pipe<JoinableQueue<number>>({ duplex: false });
  await sender.send(queue);
  const same = await receiver.recv();
  assert.notEqual(same, queue);
  const [one, two] = [queue, same] as unknown as [Inside, Inside];
  one._holding(true);
  two._holding(true);
  two._holding(false);
  assert.equal(await queue.join({ timeout: 0 }), false);
  one._holding(false);
  assert.equal(await same.join({ timeout: 0 }), true);
});
