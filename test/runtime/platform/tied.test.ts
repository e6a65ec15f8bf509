import assert from 'node:assert/strict';
import test from 'node:test';
import { startChild } from '../children.js';

const fixture = new URL('./fixtures/tied.js', import.meta.url);

for (const daemon of [true, false]) {
  const who = daemon ? 'a daemon' : 'a worker that is none';
  test(
    `where the system does not kill a child with its parent, ${who} ends by itself`,
    { timeout: 30_000 },
    async () => {
      const parent = startChild(fixture, 'stay');
      await parent.hear();
      const child = startChild(fixture, 'tiedTo', parent.owner, daemon);
      assert.equal(await child.hear(), 'watching');
      await parent.kill();
      assert.deepEqual(await child.ended, { code: 1, signal: null });
    },
  );

  test(`${who} whose parent died before it looked ends, too`, { timeout: 30_000 }, async () => {
    const parent = startChild(fixture, 'stay');
    await parent.hear();
    await parent.kill();
    const child = startChild(fixture, 'tiedTo', parent.owner, daemon);
    assert.deepEqual(await child.ended, { code: 1, signal: null });
  });
}
