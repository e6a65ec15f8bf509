import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { floodStorm } from './pools/masses.js';
import { POOL_STORMS } from './pools/index.js';

/** All of them together: `npm run chaos` goes on for as long as asked. */
const SECONDS = Number(process.env['CHAOS_SECONDS'] ?? 7);
/** On a machine that is busy with other tests. */
const PATIENCE = 20_000;
/** Two hundred processes, a million calls: those have tests of their own, and their storm only when asked for. */
const LARGE = ['pool-crowd', 'pool-flood'];

describe('pools in a storm', { timeout: 240_000 + SECONDS * 1000 }, () => {
  const seed = Number(process.env['SEED'] ?? Date.now() & 0xffff);
  const small = [...POOL_STORMS].filter(([name]) => !LARGE.includes(name));
  for (const [name, storm] of small) {
    test(`${name}: every call has its one answer, nothing runs twice, nothing hangs`, async t => {
      const until = performance.now() + (SECONDS * 1000) / small.length;
      const { figures, failures, kills } = await storm({ seed, kills: 100, until, patience: PATIENCE });
      t.diagnostic(`seed ${seed}: ${figures}`);
      assert.deepEqual(failures, [], `seed ${seed}`);
      assert.ok(kills > 0, 'nothing was harmed');
    });
  }

  test('100,000 queued calls while workers are killed', async t => {
    const options = { seed, kills: 10, until: performance.now(), patience: PATIENCE };
    const { figures, failures } = await floodStorm(options, 100_000);
    t.diagnostic(`seed ${seed}: ${figures}`);
    assert.deepEqual(failures, [], `seed ${seed}`);
  });
});
