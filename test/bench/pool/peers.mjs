// The pools of the npm registry, each in the way its documentation shows: what runs one task, and what runs a chunk.
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { same, sameEach } from './work.mjs';

const at = name => new URL(name, import.meta.url);

async function piscina(workers) {
  const { Piscina } = await import('piscina');
  const pool = new Piscina({ filename: at('work.mjs').href, minThreads: workers, maxThreads: workers, maxQueue: 1e7 });
  return {
    task: x => pool.run(x),
    chunk: xs => pool.run(xs, { name: sameEach.name }),
    stop: () => pool.destroy(),
  };
}

const tinypool = runtime => async workers => {
  const { Tinypool } = await import('tinypool');
  const pool = new Tinypool({ filename: at('work.mjs').href, runtime, minThreads: workers, maxThreads: workers });
  return {
    task: x => pool.run(x),
    chunk: xs => pool.run(xs, { name: sameEach.name }),
    stop: () => pool.destroy(),
  };
};

const workerpool = workerType => async workers => {
  const { default: library } = await import('workerpool');
  const script = fileURLToPath(at('workerpool-worker.mjs'));
  const pool = library.pool(script, { workerType, minWorkers: workers, maxWorkers: workers });
  return {
    task: x => pool.exec(same.name, [x]),
    chunk: xs => pool.exec(sameEach.name, [xs]),
    stop: () => pool.terminate(),
  };
};

const poolifier = (kind, script) => async workers => {
  const library = await import('poolifier');
  const pool = new library[kind](workers, fileURLToPath(at(script)));
  return {
    task: x => pool.execute(x, same.name),
    chunk: xs => pool.execute(xs, sameEach.name),
    stop: () => pool.destroy(),
  };
};

export const THREADS = {
  piscina,
  'tinypool threads': tinypool('worker_threads'),
  'workerpool threads': workerpool('thread'),
  'poolifier threads': poolifier('FixedThreadPool', 'poolifier-thread.mjs'),
};

export const PROCESSES = {
  'tinypool processes': tinypool('child_process'),
  'workerpool processes': workerpool('process'),
  'poolifier processes': poolifier('FixedClusterPool', 'poolifier-cluster.cjs'),
};

const CHUNKS_A_WORKER = 4;

/** None of them has a map with chunks: chunked by hand, as their users do. */
export async function startPeer(name, start, workers = os.availableParallelism()) {
  try {
    const { task, chunk, stop } = await start(workers);
    return {
      name,
      one: task,
      async burst(n) {
        const answers = new Array(n);
        for (let i = 0; i < n; i++) answers[i] = task(i);
        await Promise.all(answers);
      },
      async map(xs) {
        const size = Math.ceil(xs.length / (workers * CHUNKS_A_WORKER));
        const chunks = [];
        for (let from = 0; from < xs.length; from += size) chunks.push(chunk(xs.slice(from, from + size)));
        const [first, ...rest] = await Promise.all(chunks);
        return first.concat(...rest);
      },
      stop,
    };
  } catch (error) {
    return { name, missing: error.code === 'ERR_MODULE_NOT_FOUND' ? 'not installed' : `failed: ${error.message}` };
  }
}
