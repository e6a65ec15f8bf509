// A semaphore is a lock for several: at most two of the five work at a time.
import { setTimeout as sleep } from 'node:timers/promises';
import { Process, Semaphore, currentProcess, isMain } from 'manycore';

export async function worker(s: Semaphore, i: number): Promise<void> {
  await s.acquire();
  console.log(currentProcess().name + ' acquire');
  await sleep(i);
  console.log(currentProcess().name + ' release');
  s.release();
}

if (isMain(import.meta)) {
  const s = new Semaphore(2);
  for (let i = 0; i < 5; i++) {
    const p = new Process({ target: worker, args: [s, i * 200] });
    p.start();
  }
}
