// A pool of one of the variants, in a process of its own (two libraries in one process would be one): told what to do by
// messages, answers how many ms it took.
import { same } from './work.mjs';

const [library, workers] = process.argv.slice(2);
// A worker imports this file for `same`, and gets here too.
if (process.send !== undefined && library !== undefined) {
  const { Pool } = await import(library);
  const pool = new Pool(Number(workers));
  const numbers = Array.from({ length: 1_000_000 }, (_, i) => i);
  process.on('message', async ({ burst, map }) => {
    const start = performance.now();
    if (map !== undefined) await pool.map(same, numbers.slice(0, map));
    else await Promise.all(Array.from({ length: burst }, (_, i) => pool.apply(same, [i])));
    process.send(performance.now() - start);
  });
  process.once('disconnect', () => pool.terminate());
}
