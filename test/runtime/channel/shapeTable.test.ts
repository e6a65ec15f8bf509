import assert from 'node:assert/strict';
import { test } from 'node:test';
import { internals } from '../internals.js';

const { channel, SharedShapes } = internals;

test('a table of keys that is full takes no more, and goes on telling what is in it', async () => {
  const lists = Array.from({ length: 5000 }, (_, i) => [`a${i % 100}`, `b${Math.floor(i / 100)}`]);
  const table = new SharedShapes();
  const ids = lists.map(list => table.idOf(list));
  const taken = ids.filter(id => id >= 0);
  assert.ok(taken.length > 4000 && taken.length <= 4096, `${taken.length} lists were taken`);
  assert.equal(new Set(taken).size, taken.length);
  assert.equal(ids.at(-1), -1);
  const other = new SharedShapes();
  ids.forEach((id, i) => {
    if (id >= 0) assert.deepEqual(other.keysOf(id), lists[i]);
  });
  const queue = new channel.Queue<object>();
  for (let i = 0; i < 3; i++) {
    await queue.put({ a99: i, c: i });
    assert.deepEqual(await queue.get(), { a99: i, c: i });
  }
});
