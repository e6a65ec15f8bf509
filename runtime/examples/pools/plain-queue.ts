// Tasks of a pool talk through a queue. Python needs a manager's queue for this; here a queue is a name that can be
// handed to any task.
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, Queue, isMain } from 'manycore';

export async function reader(q: Queue<string>): Promise<void> {
  console.log(`reader starts (${process.pid}), its parent is (${process.ppid})`);
  for (let i = q.qsize(); i > 0; i--) console.log(`reader got from the queue: ${await q.get()}`);
}

export async function writer(q: Queue<string>): Promise<void> {
  console.log(`writer starts (${process.pid}), its parent is (${process.ppid})`);
  for (const letter of 'itcast') await q.put(letter);
}

if (isMain(import.meta)) {
  console.log(`(${process.pid}) start`);
  const q = new Queue<string>();
  const po = new Pool();
  po.applyAsync(writer, [q]);

  await sleep(2000); // the writer first, then the reader

  po.applyAsync(reader, [q]);
  po.close();
  await po.join();
  console.log(`(${process.pid}) End`);
}
