import { spawn } from 'node:child_process';
import * as readline from 'node:readline';
import type { Readable } from 'node:stream';
import type { NodeChoice } from '../runtime/node.js';
import type { Job, Report } from './messages.js';

/** A runner that was told to stop has this long to do so. */
const patienceMs = 2000;

export interface JobOptions {
  readonly runner: string;
  readonly node: NodeChoice;
  /** Where the function finds itself, as if it had been started from a terminal of the editor. */
  readonly cwd: string;
  /** Further arguments for Node, inherited by the workers. */
  readonly execArgv: readonly string[];
  readonly onReport: (report: Report) => void;
  /** What the function writes to stdout and stderr. */
  readonly onOutput: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Ends a process and all it started: they share a process group. */
function endGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch {
    // Nobody is left in it.
  }
}

/**
 * Runs one job in a Node of its own and resolves when that has ended; `cancelled` when the signal stopped it. Rejects
 * when the runner ended without having said that it is done.
 */
export async function runJob(job: Job, options: JobOptions): Promise<'done' | 'cancelled'> {
  const { node, signal } = options;
  if (signal.aborted) return 'cancelled';
  // The runner takes nothing from its arguments; they tell the process tree and `ps` what runs.
  const command = [options.runner, job.module, job.exportName];
  const child = spawn(node.executable, [...node.execArgv, ...options.execArgv, ...command], {
    cwd: options.cwd,
    env: { ...process.env, ...node.env },
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  });
  const ended = new Promise<string>(resolve => {
    child.once('error', error => resolve(error.message));
    child.once('close', (code, killedBy) => resolve(killedBy ?? `exit code ${code}`));
  });
  let last = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      last = (last + chunk).slice(-2000);
      options.onOutput(chunk);
    });
  }
  let finished = false;
  let failure: string | undefined;
  // Descriptor 3 is a pipe because `stdio` above says so.
  readline.createInterface({ input: child.stdio[3] as Readable }).on('line', line => {
    const report = JSON.parse(line) as Report;
    if (report.type === 'done') finished = true;
    if (report.type === 'failed') failure = report.message;
    options.onReport(report);
  });
  const stop = () => {
    child.stdin.end();
    if (child.pid === undefined) return;
    const { pid } = child;
    endGroup(pid, 'SIGTERM');
    const timer = setTimeout(() => endGroup(pid, 'SIGKILL'), patienceMs);
    void ended.then(() => clearTimeout(timer));
  };
  signal.addEventListener('abort', stop, { once: true });
  // A runner that cannot start has closed its stdin: the reason comes with its end.
  child.stdin.on('error', () => undefined);
  child.stdin.write(`${JSON.stringify(job)}\n`);
  const how = await ended;
  signal.removeEventListener('abort', stop);
  if (signal.aborted && !finished) {
    // The runner itself is gone; a worker deep in its task may not be.
    if (child.pid !== undefined) endGroup(child.pid, 'SIGKILL');
    return 'cancelled';
  }
  if (failure !== undefined) throw new Error(failure);
  if (!finished) throw new Error(`The run ended early (${how}).${last ? `\n${last.trim()}` : ''}`);
  return 'done';
}
