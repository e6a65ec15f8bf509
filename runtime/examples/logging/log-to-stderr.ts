// The library's own log on standard error, with every detail: what is started, run and ended, by which process.
import { Process, isMain, logToStderr } from 'manycore';

export function worker(): void {
  console.log('Doing some work');
}

if (isMain(import.meta)) {
  logToStderr('debug');
  const p = new Process({ target: worker });
  p.start();
  await p.join();
}
