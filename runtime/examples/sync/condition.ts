// A condition lets processes wait until another one says that something has changed. It belongs to a lock: who waits
// gives the lock up meanwhile and has it again when it wakes.
import { setTimeout as sleep } from 'node:timers/promises';
import { Condition, Process, currentProcess, isMain } from 'manycore';

export async function stage1(cond: Condition): Promise<void> {
  const { name } = currentProcess();
  console.log('Starting', name);
  using _held = await cond.acquire();
  console.log(`${name} done and ready for stage 2`);
  cond.notifyAll();
}

export async function stage2(cond: Condition): Promise<void> {
  const { name } = currentProcess();
  console.log('Starting', name);
  using _held = await cond.acquire();
  await cond.wait();
  console.log(`${name} running`);
}

if (isMain(import.meta)) {
  const condition = new Condition();
  const s1 = new Process({ name: 's1', target: stage1, args: [condition] });
  const s2Clients = [1, 2].map(i => new Process({ name: `stage_2[${i}]`, target: stage2, args: [condition] }));

  for (const c of s2Clients) {
    c.start();
    await sleep(1000); // until it waits: a notification is not kept for those who come later
  }
  s1.start();

  await s1.join();
  for (const c of s2Clients) await c.join();
}
