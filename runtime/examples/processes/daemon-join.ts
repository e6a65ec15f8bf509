// Whoever joins a daemon lets it run to its end.
import { setTimeout as sleep } from 'node:timers/promises';
import { Process, currentProcess, isMain } from 'manycore';

export async function daemon(): Promise<void> {
  const { name } = currentProcess();
  console.log('Starting:', name);
  await sleep(200);
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
  await sleep(100);
  n.start();

  await d.join();
  await n.join();
}
