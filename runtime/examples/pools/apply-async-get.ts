// get() waits for the result behind the handle: the tasks run four at a time, the results come in the order asked for.
import { setTimeout as sleep } from 'node:timers/promises';
import { type AsyncResult, Pool, isMain } from 'manycore';

export async function worker(msg: string): Promise<string> {
  console.log(process.pid);
  await sleep(200);
  console.log(msg);
  return msg;
}

if (isMain(import.meta)) {
  const p = new Pool({ processes: 4 });
  const poolResult: AsyncResult<string>[] = [];
  for (let i = 0; i < 10; i++) poolResult.push(p.applyAsync(worker, [`hello-${i}`]));

  for (const r of poolResult) console.log('return:', await r.get());

  p.close();
  await p.join();
}
