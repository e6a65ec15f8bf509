// A child puts, the parent gets.
import { Process, Queue, isMain } from 'manycore';

export async function put(queue: Queue<string>): Promise<void> {
  await queue.put('Queue 用法');
}

if (isMain(import.meta)) {
  const queue = new Queue<string>();
  const pro = new Process({ target: put, args: [queue] });
  pro.start();
  console.log(await queue.get());
  await pro.join();
}
