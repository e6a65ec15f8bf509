// apply() gives the result itself, so there is nothing to get() from. TypeScript says so before the program runs.
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

  // @ts-expect-error -- Property 'get' does not exist on type 'string'
  for (const r of poolResult) console.log('return:', r.get());

  p.close();
  await p.join();
}
