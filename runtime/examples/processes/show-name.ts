// The smallest program: one process, one argument, one join.
import { Process, isMain } from 'manycore';

export function show(name: string): void {
  console.log('Process name is ' + name);
}

if (isMain(import.meta)) {
  const proc = new Process({ target: show, args: ['subprocess'] });
  proc.start();
  await proc.join();
}
