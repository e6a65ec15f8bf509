import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { programsRoot } from 'manycore/inspect';
import type { Process } from 'manycore';

/** No wait of these tests may take longer; far above what a loaded machine needs. */
export const DEADLINE = 60_000;

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const here = path.dirname(fileURLToPath(import.meta.url));

export const fixture = (name: string): string => path.join(here, 'fixtures', name);

/** Runs a program to its end in a process group and an environment of its own. */
export async function run(
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; node?: string; stdin?: string } = {},
): Promise<Outcome> {
  const env = { ...process.env, ...options.env };
  delete env['NODE_TEST_CONTEXT'];
  const { node = process.execPath, stdin, ...place } = options;
  const child = spawn(node, args, { ...place, env, stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
  child.stdin?.end(stdin);
  const stdout = textOf(child.stdout);
  const stderr = textOf(child.stderr);
  const [code, signal] = (await once(child, 'close', { signal: AbortSignal.timeout(DEADLINE) })) as [
    number | null,
    NodeJS.Signals | null,
  ];
  return { code, signal, stdout: await stdout, stderr: await stderr };
}

/** Starts a process made with `stdio: 'pipe'`, waits for its end, and answers all it printed. */
export async function outputOf(process: Process<never[]> | Process): Promise<{ stdout: string; stderr: string }> {
  process.start();
  const [stdout, stderr] = await Promise.all([textOf(process.stdout), textOf(process.stderr)]);
  await process.join({ timeout: DEADLINE });
  return { stdout, stderr };
}

export async function textOf(stream: AsyncIterable<unknown> | null): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks).toString();
}

/** The first line a stream gives. */
export async function lineOf(stream: AsyncIterable<unknown> | null): Promise<string> {
  let text = '';
  for await (const chunk of stream ?? []) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  return text.split('\n')[0] ?? '';
}

/** A folder for shared memory that one test has for itself, to see that nothing is left in it. */
export function privateRoot(): { env: NodeJS.ProcessEnv; left: () => string[]; [Symbol.dispose]: () => void } {
  const base = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
  const dir = fs.mkdtempSync(path.join(base, 'manycore-test-'));
  return {
    env: { MANYCORE_DIR: path.join(dir, 'root') },
    left: () => (fs.existsSync(path.join(dir, 'root')) ? fs.readdirSync(path.join(dir, 'root')) : []),
    [Symbol.dispose]: () => fs.rmSync(dir, { recursive: true, force: true }),
  };
}

/** Looks until it is so; throws when it has not become so in time. */
export async function until(isSo: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + DEADLINE;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

export function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

export { programsRoot };
