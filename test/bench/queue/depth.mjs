// Cost of a message against the depth of the queue: so many lie in it, and one more goes in as one comes out.
import { Queue } from 'manycore';
import { startPython } from '../harness/python.mjs';

/** A round is cut short where messages have become slow: it need not be waited for to be seen. */
const MOST_MS = 1000;

const message = i => ({ id: i, x: i * 0.5, y: -i });

export async function open({ quick = 1 }) {
  const pairs = Math.max(10, Math.round(20_000 * quick));
  const python = await startPython(new URL('cpython-depth.py', import.meta.url));
  const growth = {
    ...{ id: 'queue-depth', title: 'Cost of a message against the depth of the queue' },
    ...{ x: 'messages in the queue', y: 'µs a message, put and got' },
    values: quick < 0.1 ? [10, 100] : [1e3, 1e4, 1e5, 1e6],
    sides: [
      {
        name: 'manycore',
        at(depth) {
          const queue = new Queue();
          for (let i = 0; i < depth; i++) queue.putSync(message(i));
          return {
            run() {
              const start = performance.now();
              let [done, ms] = [0, 0];
              for (; done < pairs && ms < MOST_MS; ms = performance.now() - start) {
                queue.putSync(message(done++));
                queue.getSync();
              }
              return (ms * 1000) / done;
            },
            close() {
              queue.cancelJoinThread();
              queue.close();
            },
          };
        },
      },
      {
        ...{ name: 'CPython', missing: python.missing, upTo: 1e5 },
        async at(depth) {
          await python.ask('fill', depth);
          return { run: () => python.ask('pairs', pairs), close: () => python.ask('drain', depth) };
        },
      },
    ],
  };
  return { growth: [growth], close: () => python.stop?.() };
}
