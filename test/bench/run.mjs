// `npm run bench [-- names…] [--quick] [--rounds n] [--out folder]`: set-up and peers, then each bench in a process of its own, one after
// the other. Prints the table, writes JSON, plots and the page on performance. A missed target or a missing peer fails
// nothing. See README.md.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { at, say } from '../run/steps.mjs';
import { setUp } from '../run/setup.mjs';
import { benches } from './benches.mjs';
import { fromProgram } from './harness/foreign.mjs';
import { after, machineFacts } from './harness/machine.mjs';
import { installPeers } from './harness/peers.mjs';
import { printHeader, printRow } from './harness/table.mjs';

const { values: options, positionals: asked } = parseArgs({
  allowPositionals: true,
  options: {
    // A tenth of everything and two rounds: to see that it works. Says nothing about speed, so it is not kept.
    quick: { type: 'boolean', default: false },
    // A part of everything, as a number; --quick is 0.1.
    scale: { type: 'string' },
    rounds: { type: 'string' },
    // What is built is measured as it is.
    'no-setup': { type: 'boolean', default: false },
    // Where results, plots and a copy of the page go instead of their places in the project.
    out: { type: 'string' },
  },
});
const unknown = asked.filter(name => !(name in benches));
if (unknown.length > 0) {
  console.error(`no bench is called ${unknown.join(', ')}; there are: ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}
const scale = Number(options.scale ?? (options.quick ? 0.1 : 1));
const rounds = Number(options.rounds ?? (options.quick ? 2 : 5));

/** Longer than any bench takes: one that hangs is ended, and the others still run. */
const LIMIT = 5 * 60_000;
const PATIENCE = 3000;

if (!options['no-setup']) await setUp();
await installPeers();
const { readResults, report } = await import('./harness/report.mjs');

/** Where a bench puts what it has measured. */
const out = path.join(os.tmpdir(), `manycore-bench-${process.pid}.json`);
process.on('exit', () => fs.rmSync(out, { force: true }));

const place = whereTo();
const results = readResults(place.folder);
for (const name of Object.keys(benches)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  printHeader(name);
  const facts = { ...machineFacts(), quick: scale < 1 };
  const [rows, growth] = [[], []];
  for (const part of benches[name]) {
    const measured = await runPart(part);
    rows.push(...measured.rows);
    growth.push(...measured.growth);
  }
  results[name] = { machine: after(facts), rows, growth };
}
const inOrder = Object.keys(benches).filter(name => name in results);
await report(place, Object.fromEntries(inOrder.map(name => [name, results[name]])));
say(`results in ${path.relative(process.cwd(), place.folder) || '.'}`);

function whereTo() {
  const notes = JSON.parse(fs.readFileSync(at('test/bench/notes.json'), 'utf8'));
  const page = at('runtime/docs/performance.md');
  if (scale === 1 && options.out === undefined) return { folder: at('test/bench/results'), page, notes };
  const folder = path.resolve(options.out ?? fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-bench-')));
  fs.mkdirSync(folder, { recursive: true });
  const copy = path.join(folder, 'performance.md');
  fs.copyFileSync(page, copy);
  return { folder, page: copy, notes };
}

async function runPart({ file, program }) {
  const one = at('test/bench/harness/one.mjs');
  const args = program
    ? [at('test/bench', program), String(rounds), out]
    : [one, at('test/bench', file), out, JSON.stringify({ quick: scale, rounds })];
  try {
    const ended = await runToEnd(args, program !== undefined);
    if (ended !== 0) say(`${file ?? program} ended with ${ended}`);
    const measured = JSON.parse(fs.readFileSync(out, 'utf8'));
    if (!program) return measured;
    const rows = fromProgram(program, measured);
    rows.forEach(printRow);
    return { rows, growth: [] };
  } catch (error) {
    say(`${file ?? program}: no results (${error.message})`);
    return { rows: [], growth: [] };
  } finally {
    fs.rmSync(out, { force: true });
  }
}

/**
 * A bench is the leader of a process group, so that Ctrl-C is heard here alone and everything it started can be found.
 * A module ends its own processes when it is asked to; a program may be blocked, and is ended with all of its group.
 */
function runToEnd(args, isProgram) {
  const env = { ...process.env };
  // Certificates that the environment adds would be read at every start of a Node, ours and the peers'.
  delete env.NODE_EXTRA_CA_CERTS;
  // A module ends when nobody holds the other end of its stdin any more.
  const stdio = ['pipe', isProgram ? 'ignore' : 'inherit', 'inherit'];
  const child = spawn(process.execPath, args, { env, stdio, detached: true });
  const askToEnd = () => {
    kill(isProgram ? -child.pid : child.pid, 'SIGTERM');
    return setTimeout(() => kill(-child.pid, 'SIGKILL'), PATIENCE);
  };
  const limit = setTimeout(askToEnd, LIMIT);
  let stopping = false;
  const stop = signal => {
    if (stopping) return;
    stopping = true;
    askToEnd();
    child.once('exit', () => void tidyUp(child.pid).then(() => process.exit(signal === 'SIGINT' ? 130 : 143)));
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearTimeout(limit);
      if (stopping) return;
      process.off('SIGINT', stop).off('SIGTERM', stop);
      if (signal === null) resolve(code);
      else void tidyUp(child.pid).then(() => resolve(signal));
    });
  });
}

function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

/** After a bench that was ended: stragglers, and its folder, which the next program on the library removes. */
async function tidyUp(group) {
  // CPython's resource tracker unlinks its semaphores when all others are gone.
  await pause(300);
  kill(-group, 'SIGKILL');
  const start = "new (require('manycore').Lock)()";
  spawnSync(process.execPath, ['-e', start], { cwd: at('test/bench'), stdio: 'ignore' });
}
