// terminate() ends a process that is stuck. It stays alive until the system has ended it: join() to be sure.
import { setTimeout as sleep } from 'node:timers/promises';
import { Process, isMain } from 'manycore';

export async function slowWorker(): Promise<void> {
  console.log('Starting worker');
  await sleep(100);
  console.log('Finished worker');
}

if (isMain(import.meta)) {
  const p = new Process({ target: slowWorker });
  console.log('BEFORE:', p, p.isAlive());

  p.start();
  console.log('DURING:', p, p.isAlive());

  p.terminate();
  console.log('TERMINATED:', p, p.isAlive());

  await p.join();
  console.log('JOINED:', p, p.isAlive());
}
