// Runs every Python original and writes down what it printed: `node test/seeds/record.mjs [name …]`.
// Only for whoever changes a program; the tests compare with the recorded files and never need Python.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const here = import.meta.dirname;
const python = path.join(here, 'python');
const expected = path.join(here, 'expected');
const indexFile = path.join(expected, 'index.json');

/** What a program needs beside itself: a folder of ours in its working directory, text on its standard input. */
const given = { 'copier/copy-folder': { folder: 'photos', stdin: 'photos\n' } };
/** Files a program leaves in its working directory that belong to its result. */
const leaves = { 'sync/lock': ['file.txt'] };

function ask(code) {
  const answer = spawnSync('python3', ['-c', code], { encoding: 'utf8' });
  if (answer.error) {
    console.error(`record.mjs: no python3 here (${answer.error.code}); the recorded files stay as they are.`);
    process.exit(1);
  }
  return answer.stdout.trim();
}

function programs() {
  return fs
    .readdirSync(python, { recursive: true })
    .filter(file => file.endsWith('.py') && !file.startsWith('site') && !path.basename(file).includes('_'))
    .map(file => file.slice(0, -'.py'.length).split(path.sep).join('/'))
    .sort();
}

/** Where the project, Python and the temporary folder lie is nobody's business. */
const anonymous = (text, cwd) =>
  text
    .replaceAll(cwd, '<cwd>')
    .replaceAll(here, '<seeds>')
    .replaceAll(prefix, '<python>')
    .replace(/[ \t]+$/gm, '');

function record(name) {
  const cwd = fs.mkdtempSync(path.join(os.tmpdir(), 'seed-'));
  const { folder, stdin } = given[name] ?? {};
  if (folder) fs.cpSync(path.join(here, 'fixtures', folder), path.join(cwd, folder), { recursive: true });
  const env = { ...process.env, PYTHONPATH: path.join(python, 'site'), PYTHONDONTWRITEBYTECODE: '1' };
  delete env.PYTHONUNBUFFERED; // it would split lines into several writes
  const run = spawnSync('python3', [path.join(python, `${name}.py`)], {
    cwd,
    input: stdin ?? '',
    encoding: 'utf8',
    timeout: 60_000,
    env,
  });
  if (run.error) throw run.error;
  const base = path.join(expected, name);
  fs.mkdirSync(path.dirname(base), { recursive: true });
  fs.writeFileSync(`${base}.txt`, anonymous(run.stdout, cwd));
  fs.rmSync(`${base}.stderr.txt`, { force: true });
  if (run.stderr) fs.writeFileSync(`${base}.stderr.txt`, anonymous(run.stderr, cwd));
  for (const file of leaves[name] ?? []) fs.copyFileSync(path.join(cwd, file), `${base}.${file}`);
  fs.rmSync(cwd, { recursive: true });
  return { exitCode: run.status };
}

const version = ask('import platform; print(platform.python_implementation(), platform.python_version())');
console.log(`${version}, start method spawn`);
const prefix = ask('import sys; print(sys.base_prefix)');
const known = fs.existsSync(indexFile) ? JSON.parse(fs.readFileSync(indexFile, 'utf8')).programs : {};
const all = programs();
const asked = process.argv.length > 2 ? process.argv.slice(2) : all;
for (const name of asked) {
  known[name] = { ...record(name), python: version };
  console.log(`  ${name}: exit ${known[name].exitCode}`);
}
const index = {
  recordedWith: 'test/seeds/record.mjs',
  startMethod: 'spawn',
  cpus: os.availableParallelism(),
  programs: Object.fromEntries(all.filter(name => name in known).map(name => [name, known[name]])),
};
fs.writeFileSync(indexFile, `${JSON.stringify(index, null, 2)}\n`);
