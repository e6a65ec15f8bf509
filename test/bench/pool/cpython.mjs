import { spawn } from 'node:child_process';
import { once } from 'node:events';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

/** CPython measures itself; what it is asked for and what it answers are lines. */
export async function start(workers) {
  const script = fileURLToPath(new URL('./cpython.py', import.meta.url));
  const python = spawn('python3', [script, String(workers)], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(python, 'spawn');
  const lines = readline.createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  await lines.next();
  const ask = async (what, n) => {
    python.stdin.write(`${what} ${n}\n`);
    return Number((await lines.next()).value);
  };
  return {
    name: 'CPython',
    measured: { burst: n => ask('burst', n), one: n => ask('one', n), map: n => ask('map', n) },
    async stop() {
      python.stdin.end();
      await once(python, 'exit');
    },
  };
}
