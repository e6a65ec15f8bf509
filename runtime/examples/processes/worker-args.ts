// Arguments travel to the child; TypeScript checks them against the target's parameters.
import { Process, isMain } from 'manycore';

export function worker(num: number): void {
  console.log('Worker:', num);
}

if (isMain(import.meta)) {
  for (let i = 0; i < 5; i++) {
    const p = new Process({ target: worker, args: [i] });
    p.start();
  }
}
