import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('fixtures/descriptors.js', import.meta.url));

test('a put that finds no descriptor left is no failed put: the value is there, and comes once', t => {
  if (process.platform === 'win32') {
    t.skip('there is no such limit');
    return;
  }
  const { stdout, stderr } = spawnSync('sh', ['-c', 'ulimit -n 64 && exec "$0" "$1"', process.execPath, program], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(stderr, '');
  assert.deepEqual(JSON.parse(stdout), { put: 'put', answer: 2 });
});
