// Consumers take tasks from a joinable queue. A task is an object that knows how to run itself; null is the poison pill
// that ends a consumer. join() on the queue waits until taskDone() was called for everything that was put.
import { setTimeout as sleep } from 'node:timers/promises';
import { JoinableQueue, Process, Queue, cpuCount, isMain } from 'manycore';

export class Consumer extends Process {
  taskQueue: JoinableQueue<Task | null>;
  resultQueue: Queue<string>;

  constructor(taskQueue: JoinableQueue<Task | null>, resultQueue: Queue<string>) {
    super();
    this.taskQueue = taskQueue;
    this.resultQueue = resultQueue;
  }

  override async run(): Promise<void> {
    for (;;) {
      const nextTask = await this.taskQueue.get();
      if (nextTask === null) {
        console.log(`${this.name}: Exiting`);
        this.taskQueue.taskDone();
        return;
      }
      console.log(`${this.name}: ${nextTask}`);
      const answer = await nextTask.call();
      this.taskQueue.taskDone();
      await this.resultQueue.put(answer);
    }
  }
}

export class Task {
  a: number;
  b: number;

  constructor(a: number, b: number) {
    this.a = a;
    this.b = b;
  }

  async call(): Promise<string> {
    await sleep(100); // as if it were hard work
    return `${this.a} * ${this.b} = ${this.a * this.b}`;
  }

  toString(): string {
    return `${this.a} * ${this.b}`;
  }
}

if (isMain(import.meta)) {
  const tasks = new JoinableQueue<Task | null>();
  const results = new Queue<string>();

  const numConsumers = cpuCount() * 2;
  console.log(`Creating ${numConsumers} consumers`);
  const consumers = Array.from({ length: numConsumers }, () => new Consumer(tasks, results));
  for (const w of consumers) w.start();

  const numJobs = 10;
  for (let i = 0; i < numJobs; i++) await tasks.put(new Task(i, i));
  for (let i = 0; i < numConsumers; i++) await tasks.put(null);

  await tasks.join();

  for (let i = 0; i < numJobs; i++) console.log('Result:', await results.get());
}
