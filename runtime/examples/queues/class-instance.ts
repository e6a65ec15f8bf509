// An instance of a class that goes through a queue arrives as an instance: its methods are there.
import { Process, Queue, currentProcess, isMain } from 'manycore';

export class MyFancyClass {
  name: string;

  constructor(name: string) {
    this.name = name;
  }

  doSomething(): void {
    console.log(`Doing something fancy in ${currentProcess().name} for ${this.name}!`);
  }
}

export async function worker(q: Queue<MyFancyClass>): Promise<void> {
  const obj = await q.get();
  obj.doSomething();
}

if (isMain(import.meta)) {
  const queue = new Queue<MyFancyClass>();

  const p = new Process({ target: worker, args: [queue] });
  p.start();

  await queue.put(new MyFancyClass('Fancy Dan'));

  // This process puts no more; wait until all it has put is on its way, then for the worker.
  queue.close();
  await queue.joinThread();
  await p.join();
}
