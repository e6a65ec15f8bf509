// The program that is seen at work in the picture: a pool of four and a process beside it.
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, Process, isMain } from 'manycore';

export function compress(file) {
  const end = Date.now() + 1500 + (Number(file.at(-5)) % 5) * 500;
  let sum = 0;
  while (Date.now() < end) sum = (sum * 31 + 7) % 1_000_003;
  return sum;
}

export async function watchFolder() {
  await sleep(3_600_000);
}

if (isMain(import.meta)) {
  const watcher = new Process({ target: watchFolder, name: 'Watcher', daemon: true });
  watcher.start();
  const pool = new Pool({ processes: 4, name: 'Compressors' });
  const files = Array.from({ length: 500 }, (_, index) => `photos/${2020 + (index % 5)}/${index}.raw`);
  for await (const size of pool.imapUnordered(compress, files)) console.log(size);
}
