// Many producers, one queue: what is put first is got first, and nobody knows what that will be.
import { setTimeout as sleep } from 'node:timers/promises';
import { Process, Queue, isMain } from 'manycore';

type Item = [answer: number, producer: number, round: number];

export async function f(q: Queue<Item>, i: number): Promise<void> {
  const rounds = 1 + Math.floor(Math.random() * 4);
  for (let x = 0; x < rounds; x++) {
    await sleep(x * 100);
    await q.put([42, i, x]);
  }
}

if (isMain(import.meta)) {
  const q = new Queue<Item>();
  const started: Process<[Queue<Item>, number]>[] = [];
  for (let i = 0; i < 5; i++) {
    const p = new Process({ target: f, args: [q, i] });
    // run() is what the child calls. Called here it does the same work once more, in this process; rarely what one wants.
    // Only before the start: that hands target and arguments over.
    await p.run();
    p.start();
    started.push(p);
  }
  for (let i = 0; i < 5; i++) console.log(`[${(await q.get()).join(', ')}]`);
  for (const p of started) await p.join();
}
