// CPython measures itself. What it is asked for is a line on its stdin (words and numbers), what it answers a line on its
// stdout: one number. It is one process for all rounds, and blocked in a read while others are measured.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import { python } from './machine.mjs';

const running = new Set();

/**
 * @param {URL} script says 'ready' when it is
 * @returns {Promise<{ missing: string } | { ask(...words): Promise<number>, stop(): Promise<void> }>}
 */
export async function startPython(script, args = []) {
  const found = python();
  if (found === undefined) return { missing: 'no python3' };
  // A process group of its own: Ctrl-C reaches this process alone, which then ends the whole group.
  const child = spawn(found.file, [fileURLToPath(script), ...args.map(String)], { detached: true });
  running.add(child);
  let said = '';
  child.stderr.on('data', chunk => (said = (said + chunk).slice(-2000)));
  child.stdin.on('error', () => {});
  const gone = once(child, 'exit').then(([code, signal]) => {
    running.delete(child);
    return new Error(`python ended with ${signal ?? code}: ${said.trim().split('\n').at(-1)}`);
  });
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { done, value } = await lines.next();
    if (done) throw await gone;
    return value;
  };
  if ((await answer()) !== 'ready') throw new Error(`${script} does not say 'ready'`);
  return {
    async ask(...words) {
      child.stdin.write(`${words.join(' ')}\n`);
      return Number(await answer());
    },
    async stop() {
      child.stdin.end();
      await gone;
    },
  };
}

/** A side of a case: `python.ask(...words)`, or missing with it. */
export const pythonSide = (python, ...words) =>
  python.missing === undefined
    ? { name: 'CPython', run: () => python.ask(...words) }
    : { name: 'CPython', missing: python.missing };

/** For Ctrl-C. A polite signal: CPython's resource tracker, which outlives it, then unlinks its semaphores. */
export function endPythons() {
  for (const { pid } of running) {
    try {
      process.kill(-pid, 'SIGTERM');
    } catch {
      // It has just ended by itself.
    }
  }
}
