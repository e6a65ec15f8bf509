import { sameEach } from './work.mjs';

const CHUNKS_A_WORKER = 4;

/** A pool of threads, which has no map of its own: chunked by hand, as its users do. */
export async function start(workers) {
  const { Piscina } = await import('piscina');
  const filename = new URL('./work.mjs', import.meta.url).href;
  const pool = new Piscina({ filename, minThreads: workers, maxThreads: workers, maxQueue: 1e6 });
  return {
    name: 'piscina',
    async burst(n) {
      const answers = new Array(n);
      for (let i = 0; i < n; i++) answers[i] = pool.run(i);
      await Promise.all(answers);
    },
    one: i => pool.run(i),
    async map(xs) {
      const size = Math.ceil(xs.length / (workers * CHUNKS_A_WORKER));
      const chunks = [];
      for (let from = 0; from < xs.length; from += size) {
        chunks.push(pool.run(xs.slice(from, from + size), { name: sameEach.name }));
      }
      const [first, ...rest] = await Promise.all(chunks);
      return first.concat(...rest);
    },
    stop: () => pool.destroy(),
  };
}
