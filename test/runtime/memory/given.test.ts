import assert from 'node:assert/strict';
import test from 'node:test';
import v8 from 'node:v8';
import vm from 'node:vm';
import { Lock, Pipe, Pool, Process, Queue, SimpleQueue, type Connection } from 'manycore';
import * as tasks from './fixtures/given.js';

const timeout = 60_000;
v8.setFlagsFromString('--expose-gc');
const gc = vm.runInNewContext('gc') as () => void;

/** Everything that nobody here refers to is collected, and has been let go. */
async function collect(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    gc();
    await new Promise(resolve => setImmediate(resolve));
  }
}

test(
  'an argument of a process lives until that has read it, closed and dropped by its parent',
  { timeout },
  async () => {
    const start = new SimpleQueue<string>();
    const answers = new Queue<string>();
    const run = async (): Promise<Process> => {
      const given = new Queue<string>();
      await given.put('still there');
      const p = new Process({ target: tasks.readGiven, args: [start, given, answers] }) as unknown as Process;
      p.start();
      given.close();
      return p;
    };
    const p = await run();
    await collect();
    await start.put('look');
    assert.equal(await answers.get({ timeout: 30_000 }), 'still there');
    await p.join();
  },
);

test("a pool's tasks, results and initArgs keep what they name", { timeout }, async () => {
  await using pool = new Pool({ processes: 2, initializer: tasks.inherit, initArgs: [new Lock()] });
  const sent = [300, 0, 0, 0].map(pause => pool.apply(tasks.takeLock, [pause, new Lock()]));
  await collect();
  assert.deepEqual(await Promise.all(sent), [true, true, true, true]);

  const made = await pool.apply(tasks.makeQueue, ['made in a worker']);
  assert.equal(await made.get({ timeout: 10_000 }), 'made in a worker');

  // A worker that takes a dead one's place reads the same arguments again.
  await assert.rejects(pool.apply(tasks.die), { name: 'WorkerLostError' });
  await collect();
  const uses = await Promise.all([1, 2, 3, 4].map(() => pool.apply(tasks.useInherited)));
  assert.deepEqual(uses, [true, true, true, true]);
});

test('an end of a pipe that is sent through another lives on when all other ends are gone', { timeout }, async () => {
  const [near, far] = Pipe<Connection<string>>();
  const send = async (): Promise<void> => {
    const [a, b] = Pipe<string>();
    await a.send('before it was closed');
    await near.send(b as Connection<string>);
    a.close();
    b.close();
  };
  await send();
  await collect();
  const arrived = await far.recv();
  assert.equal(await arrived.recv(), 'before it was closed');
  await assert.rejects(arrived.recv(), { name: 'EOFError' });
});
