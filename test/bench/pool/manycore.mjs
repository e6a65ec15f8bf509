import { Pool } from 'manycore';
import { busy, same } from './work.mjs';

export function startOurs(workers) {
  const pool = new Pool(workers);
  return {
    name: 'manycore',
    one: i => pool.apply(same, [i]),
    async burst(n) {
      const answers = new Array(n);
      for (let i = 0; i < n; i++) answers[i] = pool.apply(same, [i]);
      await Promise.all(answers);
    },
    map: xs => pool.map(same, xs),
    compute: rounds => pool.map(busy, rounds, { chunkSize: 1 }),
    async stop() {
      pool.close();
      await pool.join();
    },
  };
}
