// The same log; its level is set on the logger. Children take the level of their parent.
import { Process, getLogger, isMain, logToStderr } from 'manycore';

export function worker(): void {
  console.log('Doing some work');
}

if (isMain(import.meta)) {
  logToStderr();
  const logger = getLogger();
  logger.setLevel('info');
  const p = new Process({ target: worker });
  p.start();
  await p.join();
}
