// A daemon does not keep the program alive: it is ended when the main process and all others are done,
// so 'Exiting : daemon' is never printed.
import { setTimeout as sleep } from 'node:timers/promises';
import { Process, currentProcess, isMain } from 'manycore';

export async function daemon(): Promise<void> {
  const p = currentProcess();
  console.log('Starting:', p.name, p.pid);
  await sleep(4000);
  console.log('Exiting :', p.name, p.pid);
}

export function nonDaemon(): void {
  const p = currentProcess();
  console.log('Starting:', p.name, p.pid);
  console.log('Exiting :', p.name, p.pid);
}

if (isMain(import.meta)) {
  const d = new Process({ name: 'daemon', target: daemon });
  d.daemon = true;
  const n = new Process({ name: 'non-daemon', target: nonDaemon, daemon: false });

  d.start();
  await sleep(1000);
  n.start();
}
