// A name makes a process easy to find in the output and in the process tree; without one it is Process-N.
import { setTimeout as sleep } from 'node:timers/promises';
import { Process, currentProcess, isMain } from 'manycore';

export async function worker(): Promise<void> {
  const { name } = currentProcess();
  console.log(name, 'Starting');
  await sleep(200);
  console.log(name, 'Exiting');
}

export async function myService(): Promise<void> {
  const { name } = currentProcess();
  console.log(name, 'Starting');
  await sleep(300);
  console.log(name, 'Exiting');
}

if (isMain(import.meta)) {
  const service = new Process({ name: 'my service', target: myService });
  const worker1 = new Process({ name: 'worker 1', target: worker });
  const worker2 = new Process({ target: worker });

  worker1.start();
  worker2.start();
  service.start();
}
