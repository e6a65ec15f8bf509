// Instead of giving a target, a subclass says in run() what its process does.
import { Process, isMain } from 'manycore';

export class Worker extends Process {
  override run(): void {
    console.log(`In ${this.name}`);
  }
}

if (isMain(import.meta)) {
  const jobs: Worker[] = [];
  for (let i = 0; i < 5; i++) {
    const p = new Worker();
    jobs.push(p);
    p.start();
  }
  for (const j of jobs) await j.join();
}
