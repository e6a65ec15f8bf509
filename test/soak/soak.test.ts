import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';
import { Queue } from 'manycore';
import { growth } from './gauge.js';
import { soak } from './soak.js';

const timeout = 240_000;
const round = { tasks: 500, starts: 2, messages: 50 };

test('a program that does the same again and again does not grow', { timeout }, async () => {
  const { readings } = await soak({ rounds: 12, round });
  assert.deepEqual(growth(readings), []);
});

test('what is kept from round to round is found: memory, rows of the table, descriptors', { timeout }, async () => {
  const kept: Queue<Uint8Array>[] = [];
  const open: number[] = [];
  const besides = (): void => {
    const queue = new Queue<Uint8Array>();
    queue.putNowait(new Uint8Array(1e6));
    kept.push(queue);
    for (let i = 0; i < 10; i++) open.push(fs.openSync('/dev/null', 'r'));
  };
  const { readings } = await soak({ rounds: 8, round: { tasks: 10, starts: 0, messages: 1 }, besides });
  for (const descriptor of open) fs.closeSync(descriptor);
  const grown = growth(readings).map(line => line.split(' ')[0]);
  for (const gauge of ['shared', 'rows', 'descriptors']) assert.ok(grown.includes(gauge), `${gauge}: ${grown.join()}`);
});
