// A subclass with a constructor of its own. What it stores in `this` is there again in the child's run().
import { setTimeout as sleep } from 'node:timers/promises';
import { Process, isMain } from 'manycore';

export class MyProcess extends Process {
  constructor(name: string) {
    super();
    this.name = name;
  }

  override async run(): Promise<void> {
    console.log('process name :' + this.name);
    await sleep(100);
  }
}

if (isMain(import.meta)) {
  const started: MyProcess[] = [];
  for (let i = 0; i < 3; i++) {
    const p = new MyProcess(String(i));
    p.start();
    started.push(p);
  }
  for (const p of started) await p.join();
}
