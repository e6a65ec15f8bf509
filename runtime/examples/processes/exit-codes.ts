// The exit code tells how a process ended: 0 for fine, above 0 for an error, -N for signal N.
import { setTimeout as sleep } from 'node:timers/promises';
import { Process, isMain } from 'manycore';

export function exitError(): void {
  process.exit(1);
}

export function exitOk(): void {}

// A result goes nowhere: it is not the exit code. Use a queue, or a pool.
export function returnValue(): number {
  return 1;
}

// The error is printed on the child's standard error, under its name.
export function raises(): void {
  throw new Error('There was an error!');
}

export async function terminated(): Promise<void> {
  await sleep(3000);
}

if (isMain(import.meta)) {
  const jobs: Process[] = [];
  for (const f of [exitError, exitOk, returnValue, raises, terminated]) {
    console.log('Starting process for', f.name);
    const j = new Process({ target: f, name: f.name });
    jobs.push(j);
    j.start();
  }

  jobs.at(-1)?.terminate();

  for (const j of jobs) {
    await j.join();
    console.log(`${j.name.padStart(15)}.exitcode = ${j.exitCode}`);
  }
}
