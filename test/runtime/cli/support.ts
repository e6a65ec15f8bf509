import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProcessSnapshot, ProgramSnapshot } from 'manycore/inspect';
import { DEADLINE, lineOf, privateRoot, run, until, type Outcome } from '../process/support.js';

/** This file runs from test/dist/runtime/cli. */
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../..');
export const command = path.join(root, 'runtime', 'bin', 'manycore.cjs');
const fixture = fileURLToPath(new URL('fixtures/program.js', import.meta.url));

export interface Subject extends AsyncDisposable {
  readonly main: ChildProcess;
  readonly env: NodeJS.ProcessEnv;
  /** Runs the command where this program is the only one. */
  manycore(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Outcome>;
  programs(): Promise<ProgramSnapshot[]>;
  find(name: string): Promise<ProcessSnapshot>;
}

/** The program of the fixture, when every process of it is where it stays. */
export async function startSubject(): Promise<Subject> {
  const shared = privateRoot();
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...shared.env,
    NO_COLOR: undefined,
    FORCE_COLOR: undefined,
    COLUMNS: undefined,
  };
  delete env['NODE_TEST_CONTEXT'];
  const main = spawn(process.execPath, [fixture], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(main, 'exit');
  const subject: Subject = {
    main,
    env,
    manycore: (args, more = {}) => run([command, ...args], { env: { ...env, ...more } }),
    async programs() {
      return JSON.parse((await subject.manycore(['ps', '--json'])).stdout) as ProgramSnapshot[];
    },
    async find(name) {
      const found = (await subject.programs())[0]?.processes.find(process => process.name === name);
      if (found === undefined) throw new Error(`no process ${name}`);
      return found;
    },
    async [Symbol.asyncDispose]() {
      if (main.exitCode === null && main.signalCode === null) main.kill('SIGKILL');
      await ended;
      // Orphans end by themselves; those that cannot (a loop, a stop) are helped.
      for (const { processes } of await subject.programs()) {
        for (const { pid, state } of processes) {
          if (state === 'exited' || state === 'died') continue;
          try {
            process.kill(pid, 'SIGKILL');
          } catch {
            // it was quicker
          }
        }
      }
      shared[Symbol.dispose]();
    },
  };
  if ((await lineOf(main.stdout)) !== 'ready') throw new Error('the program did not come up');
  await eventually(async () => {
    const [program] = await subject.programs();
    const processes = program?.processes ?? [];
    const is = (name: string, state: string): boolean => processes.some(p => p.name === name && p.state === state);
    return (
      program?.queues[0]?.depth === 3 &&
      program.pools[0]?.running === 2 &&
      is('blocked', 'waiting') &&
      is('grandchild', 'running') &&
      processes.filter(({ kind, state }) => kind === 'worker' && state === 'busy').length === 2 &&
      processes.some(({ stderrTail }) => stderrTail.includes('stays'))
    );
  }, 'every process is where it stays');
  return subject;
}

/** As `until`, for a question whose answer takes a while. */
export async function eventually(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + DEADLINE;
  while (!(await isSo())) if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
}

export { DEADLINE, run, until };
