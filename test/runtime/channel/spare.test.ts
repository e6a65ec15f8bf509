import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, test } from 'node:test';
import { internals } from '../internals.js';

const { channel, memory } = internals;
const BYTES = 300_000;

/** Bytes of shared memory that this program takes. */
function taken(): number {
  const { dir } = memory.program();
  return fs.readdirSync(dir).reduce((sum, name) => {
    return sum + (name.startsWith('seg-') ? fs.statSync(`${dir}/${name}`).size : 0);
  }, 0);
}

describe('where memory is short, what is kept for large messages to come', () => {
  test('of queues and pipes that nothing is put into just then is given up', async () => {
    const queue = new channel.Queue<Uint8Array>();
    const [near, far] = channel.Pipe<Uint8Array>();
    const large = new Uint8Array(BYTES).fill(7);
    await queue.put(large);
    await queue.get();
    const sent = near.send(large);
    await far.recv();
    await sent;
    const before = taken();
    assert.equal(memory.giveUpReserves(), true);
    assert.ok(taken() <= before - 2 * BYTES, `${before} bytes before, ${taken()} after`);
    await queue.put(large);
    assert.deepEqual(await queue.get(), large);
  });

  test('of a message that waits, or is borrowed, stays', async () => {
    const queue = new channel.Queue<Uint8Array>();
    const large = new Uint8Array(BYTES).fill(8);
    await queue.put(large);
    await queue.put(large);
    using borrowed = await queue.getBorrowed();
    memory.giveUpReserves();
    assert.deepEqual(new Uint8Array(borrowed.value), large);
    assert.deepEqual(await queue.get(), large);
  });

  test('of a queue that is closed is left alone: its memory may be another queue by then', async () => {
    const closed = new channel.Queue<Uint8Array>();
    await closed.put(new Uint8Array(BYTES));
    await closed.get();
    closed.close();
    const next = new channel.Queue<Uint8Array>();
    await next.put(new Uint8Array(BYTES).fill(9));
    memory.giveUpReserves();
    assert.deepEqual(await next.get(), new Uint8Array(BYTES).fill(9));
    assert.equal(closed.qsize(), 0);
  });
});
