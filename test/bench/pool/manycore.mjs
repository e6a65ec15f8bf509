import { Pool } from 'manycore';
import { same } from './work.mjs';

export async function start(workers) {
  const pool = new Pool(workers);
  return {
    name: 'manycore',
    async burst(n) {
      const answers = new Array(n);
      for (let i = 0; i < n; i++) answers[i] = pool.apply(same, [i]);
      await Promise.all(answers);
    },
    one: i => pool.apply(same, [i]),
    map: xs => pool.map(same, xs),
    async stop() {
      pool.close();
      await pool.join();
    },
  };
}
