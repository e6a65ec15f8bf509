// A join with a timeout (in milliseconds) resolves to false when the process outlives it; the process goes on.
import { setTimeout as sleep } from 'node:timers/promises';
import { Process, currentProcess, isMain } from 'manycore';

export async function daemon(): Promise<void> {
  const { name } = currentProcess();
  console.log('Starting:', name);
  await sleep(4000);
  console.log('Exiting :', name);
}

export function nonDaemon(): void {
  const { name } = currentProcess();
  console.log('Starting:', name);
  console.log('Exiting :', name);
}

if (isMain(import.meta)) {
  const d = new Process({ name: 'daemon', target: daemon, daemon: true });
  const n = new Process({ name: 'non-daemon', target: nonDaemon });

  d.start();
  n.start();

  await d.join({ timeout: 1000 });
  console.log('d.isAlive()', d.isAlive());
  await n.join();
}
