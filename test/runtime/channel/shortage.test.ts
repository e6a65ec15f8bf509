import assert from 'node:assert/strict';
import { test } from 'node:test';
import { internals } from '../internals.js';

const { channel, memory } = internals;

test('with no room for the table of keys, objects travel as long as there is room for them', async t => {
  const queue = new channel.Queue<object>();
  const throughTheQueue = async (key: string, times = 20): Promise<void> => {
    for (let i = 0; i < times; i++) {
      await queue.put({ [key]: i, next: { [`${key}2`]: i } });
      assert.deepEqual(await queue.get(), { [key]: i, next: { [`${key}2`]: i } });
    }
  };
  for (const code of ['ENOSPC', 'EMFILE']) {
    const create = t.mock.method(memory.program(), 'createSegment', () => {
      throw Object.assign(new Error('no room'), { code });
    });
    await throughTheQueue(code);
    assert.ok(create.mock.callCount() > 0, 'the table was not even asked for');
    create.mock.restore();
  }
  await throughTheQueue('room');
});
