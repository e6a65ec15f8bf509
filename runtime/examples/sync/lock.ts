// Two processes append to one file, each while it holds the lock. `using` gives the lock back at the end of the block,
// whatever happens in it; try/finally does the same by hand. It prints nothing, as in Python: look at file.txt.
import fs from 'node:fs/promises';
import { Lock, Process, isMain } from 'manycore';

export async function workerUsing(lock: Lock, file: string): Promise<void> {
  using _held = await lock.acquire();
  await fs.appendFile(file, 'Lock acquired via with\n');
}

export async function workerTryFinally(lock: Lock, file: string): Promise<void> {
  await lock.acquire();
  try {
    await fs.appendFile(file, 'Lock acquired directly\n');
  } finally {
    lock.release();
  }
}

if (isMain(import.meta)) {
  const file = 'file.txt';
  const lock = new Lock();
  const w = new Process({ target: workerUsing, args: [lock, file] });
  const nw = new Process({ target: workerTryFinally, args: [lock, file] });
  w.start();
  nw.start();
  await w.join();
  await nw.join();
}
