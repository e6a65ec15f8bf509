import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, fuzz, inputOf, minimise, type Limits, type Outcome } from './harness.js';
import { targets } from './targets/index.js';

/** An input that has not been dealt with after so long is a hang, in milliseconds. */
const HANG = 10_000;
const self = fileURLToPath(import.meta.url);

/** Fuzzes one target in a process of its own, so that a crash or a hang is told, with the input that brought it about. */
export async function fuzzApart(name: string, limits: Limits): Promise<Outcome> {
  const file = path.join(os.tmpdir(), `manycore-fuzz-progress-${process.pid}-${name}`);
  fs.writeFileSync(file, Buffer.alloc(4));
  try {
    const args = ['--child', name, String(limits.seed), String(limits.seconds), String(limits.inputs), file];
    const ended = await runChild(args, () => fs.readFileSync(file).readUInt32LE(0));
    if (ended.outcome !== undefined) return ended.outcome;
    const index = fs.readFileSync(file).readUInt32LE(0);
    const make = targets[name];
    const input = make === undefined ? Buffer.alloc(0) : inputOf(make(), limits.seed, index);
    const minimal = await minimise(input, async hex => (await runOne(name, hex)).outcome === undefined, 40);
    return {
      inputs: index,
      seconds: limits.seconds,
      failure: { index, hex: minimal.toString('hex'), error: ended.how },
    };
  } finally {
    fs.rmSync(file, { force: true });
  }
}

/** One input again, in a process of its own. */
export const runOne = (name: string, input: Buffer): Promise<Ended> =>
  runChild(['--one', name, input.toString('hex')], () => 0);

interface Ended {
  readonly outcome: Outcome | undefined;
  readonly how: string;
}

function runChild(args: readonly string[], progress: () => number): Promise<Ended> {
  return new Promise(resolve => {
    const child = spawn(process.execPath, ['--max-old-space-size=700', self, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4000)));
    let last = -1;
    let hung = false;
    const watch = setInterval(() => {
      const now = progress();
      if (now === last) {
        hung = true;
        child.kill('SIGKILL');
      }
      last = now;
    }, HANG);
    child.on('close', (code, signal) => {
      clearInterval(watch);
      const line = out.split('\n').find(each => each.startsWith('{"inputs"'));
      const how = hung ? `hung for more than ${HANG / 1000} s` : `crashed: ${String(signal ?? code)}\n${errors}`;
      resolve({ outcome: line === undefined ? undefined : (JSON.parse(line) as Outcome), how });
    });
  });
}

const [, , how, name = '', ...rest] = process.argv;
const make = targets[name];
if (how === '--child' && make !== undefined) {
  const [seed, seconds, inputs, file] = rest;
  const target = make();
  const progress = fs.openSync(file ?? '', 'r+');
  const outcome = await fuzz(
    target,
    { seed: Number(seed), seconds: Number(seconds), inputs: Number(inputs) },
    progress,
  );
  target.close?.();
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
} else if (how === '--one' && make !== undefined) {
  const target = make();
  let failure: unknown;
  try {
    const answer = target.run(Buffer.from(rest[0] ?? '', 'hex'));
    if (answer !== undefined) await answer;
    target.check?.();
  } catch (error) {
    failure = error;
  }
  const told = failure === undefined ? {} : { failure: { index: 0, hex: rest[0], error: describe(failure) } };
  process.stdout.write(`${JSON.stringify({ inputs: 1, seconds: 0, ...told })}\n`);
}
