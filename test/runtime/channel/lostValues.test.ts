import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Queue } from 'manycore';

interface Inside {
  readonly _ring: { tryWrite(...args: unknown[]): boolean };
}

test('a kept value for which there is no memory later is not lost in silence', { timeout: 20_000 }, async () => {
  const queue = new Queue<string>();
  const { _ring: ring } = queue as unknown as Inside;
  const { tryWrite } = ring;
  let looks = 0;
  ring.tryWrite = () => {
    if (++looks <= 2) return false; // no room, so it is kept
    throw Object.assign(new Error('cannot reserve 1 byte of shared memory'), { code: 'ENOSPC' });
  };
  const warned = once(process, 'warning');
  queue.putNowait('kept');
  const [warning] = (await warned) as [NodeJS.ErrnoException];
  assert.equal(warning.code, 'MANYCORE_LOST_VALUE');
  assert.match(warning.message, /is lost: cannot reserve/);
  ring.tryWrite = tryWrite;
  assert.equal(queue.qsize(), 0);
  queue.putNowait('next');
  assert.equal(await queue.get(), 'next');
});
