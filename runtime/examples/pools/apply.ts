// apply() resolves to the task's result. Awaited in a loop it keeps four workers as busy as one: the next task is not
// submitted before the last has ended.
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, isMain } from 'manycore';

export async function worker(msg: string): Promise<string> {
  console.log(process.pid);
  await sleep(100);
  console.log(msg);
  return msg;
}

if (isMain(import.meta)) {
  const p = new Pool({ processes: 4 });
  const poolResult: string[] = [];
  for (let i = 0; i < 10; i++) poolResult.push(await p.apply(worker, [`hello-${i}`]));

  for (const r of poolResult) console.log('return:', r);

  p.close();
  await p.join();
}
