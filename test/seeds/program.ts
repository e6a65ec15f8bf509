import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { programsRoot } from 'manycore/inspect';

const examples = fileURLToPath(new URL('../examples/', import.meta.url));
/** Inherited by every process of a run; that is how those left behind are found. */
const markName = 'MANYCORE_TEST_RUN';

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  /** Command lines of processes still alive when the program had ended, and its folders of shared memory. */
  readonly leftBehind: readonly string[];
}

export interface RunOptions {
  readonly cwd: string;
  readonly args?: readonly string[];
  /** Milliseconds until the program counts as hung; everything it started is killed then. */
  readonly deadline?: number;
  /** Called once, when the program has printed something, with the ids of the processes it has started so far. */
  readonly whenItSpeaks?: (children: readonly number[]) => void;
}

/** Runs the transpiled example `name` as a program of its own. Rejects when it does not end in time. */
export async function runExample(name: string, options: RunOptions): Promise<Outcome> {
  const mark = randomUUID();
  const child = spawn(process.execPath, [path.join(examples, `${name}.js`), ...(options.args ?? [])], {
    cwd: options.cwd,
    env: { ...process.env, [markName]: mark },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  child.stdout.once('data', () => {
    const children = processesOf(mark).filter(found => found.pid !== child.pid);
    options.whenItSpeaks?.(children.map(found => found.pid));
  });
  const closed = once(child, 'close');
  const deadline = options.deadline ?? 30_000;
  try {
    const [exitCode] = (await once(child, 'exit', { signal: AbortSignal.timeout(deadline) })) as [number | null];
    const leftBehind = await whatStays(mark, child.pid ?? 0);
    killAll(mark); // or the pipes they hold would keep this test waiting
    await closed;
    return { ...said, exitCode, leftBehind };
  } catch (error) {
    const hung = processesOf(mark).map(found => found.command);
    killAll(mark);
    await closed;
    throw new Error(
      `${name} did not end within ${deadline} ms.\nalive: ${hung.join('\n       ')}\n` +
        `stdout:\n${said.stdout}\nstderr:\n${said.stderr}`,
      { cause: error },
    );
  }
}

/** The system takes a moment to bury a process that was ended; what is there after a second stays. */
async function whatStays(mark: string, pid: number): Promise<string[]> {
  const look = () => [...processesOf(mark).map(found => found.command), ...foldersOf(pid)];
  const until = Date.now() + 1000;
  let left = look();
  while (left.length > 0 && Date.now() < until) {
    await sleep(20);
    left = look();
  }
  return left;
}

function foldersOf(pid: number): string[] {
  const root = programsRoot();
  if (!fs.existsSync(root)) return [];
  const names = fs.readdirSync(root).filter(name => name.startsWith(`${pid}-`) || name.startsWith(`.${pid}-`));
  return names.map(name => path.join(root, name));
}

/** Only where there is a /proc; elsewhere a process left behind shows as pipes that never close. */
function processesOf(mark: string): { pid: number; command: string }[] {
  if (!fs.existsSync('/proc/self/environ')) return [];
  return fs
    .readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        const environment = fs.readFileSync(`/proc/${name}/environ`, 'utf8');
        if (!environment.includes(`${markName}=${mark}`)) return [];
        const command = fs.readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return [{ pid: Number(name), command: `${name} ${command}` }];
      } catch {
        return []; // gone meanwhile, or somebody else's
      }
    });
}

function killAll(mark: string): void {
  for (const { pid } of processesOf(mark)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself just now.
    }
  }
}
