// Five processes run the same function at the same time.
import { Process, isMain } from 'manycore';

export function worker(): void {
  console.log('Worker');
}

// A child imports this file to find `worker`. The guard keeps the child from starting children of its own.
// Node's forms do as well: `if (import.meta.main)` since Node 24.2, `if (require.main === module)` in CommonJS.
if (isMain(import.meta)) {
  const jobs: Process[] = [];
  for (let i = 0; i < 5; i++) {
    const p = new Process({ target: worker });
    jobs.push(p);
    p.start();
  }
  // Nobody joins here: a program ends when its last process that is no daemon has ended.
}
