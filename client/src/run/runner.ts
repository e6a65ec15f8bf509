// The child process behind "Run in pool": takes one job on stdin, runs the function over its inputs in a pool, reports
// on descriptor 3. When stdin ends, whoever asked has lost interest or has died, and everything ends.
import { createRequire } from 'node:module';
import * as net from 'node:net';
import * as os from 'node:os';
import { performance } from 'node:perf_hooks';
import * as readline from 'node:readline';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { readInputs } from './inputs.js';
import type { Job, Report } from './messages.js';

type Task = (...args: unknown[]) => unknown;

/** The little of the library that is used here; which copy it is, the module decides. */
interface Library {
  Pool: new (options: { processes?: number; name: string }) => {
    apply(task: Task, args: unknown[]): Promise<unknown>;
    close(): void;
    terminate(): void;
    join(): Promise<void>;
  };
  cpuCount(): number;
}

const longestText = 20_000;

function text(value: unknown): string {
  const full = typeof value === 'string' ? value : inspect(value, { depth: 6, breakLength: 100, maxArrayLength: 200 });
  return full.length > longestText ? `${full.slice(0, longestText)} … (${full.length} characters)` : full;
}

function asJson(value: unknown): unknown {
  try {
    const json = JSON.stringify(value);
    return json !== undefined && json.length <= longestText * 10 ? (JSON.parse(json) as unknown) : undefined;
  } catch {
    return undefined;
  }
}

async function load(job: Job): Promise<Task> {
  const loaded = (await import(pathToFileURL(job.module).href)) as Record<string, unknown>;
  // Named exports of CommonJS that Node could not see from the outside are properties of the default export.
  const all = loaded['default'] as Record<string, unknown> | undefined;
  const found = loaded[job.exportName] ?? (typeof all === 'object' ? all[job.exportName] : undefined);
  if (typeof found === 'function') return found as Task;
  throw new Error(`${job.module} exports no function ${job.exportName}.`);
}

async function run(job: Job, report: (report: Report) => void): Promise<void> {
  const started = performance.now();
  const inputs = readInputs(job.inputs);
  const library = createRequire(job.module)('manycore') as Library;
  const task = await load(job);
  const workers = Math.max(1, Math.min(job.processes ?? os.availableParallelism(), inputs.length));
  const pool = new library.Pool({ processes: workers, name: `${job.exportName} over ${inputs.length} inputs` });
  report({ type: 'started', pid: process.pid, total: inputs.length, workers });
  let next = 0;
  // As many tasks under way as there are workers, and no more: the time of a task then has no waiting in it.
  const lane = async () => {
    while (next < inputs.length) {
      const index = next++;
      const input = inputs[index];
      const from = performance.now();
      const spent = () => performance.now() - from;
      try {
        const result = await pool.apply(task, job.spread && Array.isArray(input) ? (input as unknown[]) : [input]);
        report({
          type: 'task',
          index,
          ok: true,
          input: text(input),
          output: text(result),
          json: asJson(result),
          ms: spent(),
        });
      } catch (error) {
        report({ type: 'task', index, ok: false, input: text(input), output: text(error), ms: spent() });
      }
    }
  };
  await Promise.all(Array.from({ length: workers }, lane));
  pool.close();
  await pool.join();
  report({ type: 'done', ms: performance.now() - started });
}

function main(): void {
  const out = new net.Socket({ fd: 3, readable: false, writable: true });
  const report = (message: Report) => void out.write(`${JSON.stringify(message)}\n`);
  const lines = readline.createInterface({ input: process.stdin });
  let begun = false;
  lines.once('line', line => {
    begun = true;
    run(JSON.parse(line) as Job, report)
      .catch((error: unknown) => report({ type: 'failed', message: text(error) }))
      .finally(() => out.end(() => process.exit(0)));
  });
  // The workers die with this process: the library sees to that, and the extension ends the process group.
  lines.once('close', () => process.exit(begun ? 130 : 2));
}

// A worker imports the module its program was started with, which is this one; it must not start a job then.
if (require.main === module) main();
