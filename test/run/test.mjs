// `npm test`: set-up, then everything: types, lint, format, every suite under node:test, and the extension's suites
// inside a real VS Code. Ends with one line `N passed, N failed, N skipped`. Words given after `--` choose suites:
// `npm test -- pool extension` runs those whose path contains one of them.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { run as runTests } from 'node:test';
import { spec } from 'node:test/reporters';
import { at, root, say } from './steps.mjs';
import { setUp } from './setup.mjs';

const asked = process.argv.slice(2).filter(word => !word.startsWith('-'));
const wants = name => asked.length === 0 || asked.some(word => name.includes(word));
const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const skips = [];

await setUp();

const tool = file => at('node_modules', file);
checked('types: tsc finds nothing', [tool('typescript/bin/tsc'), '-b']);
checked('lint: eslint finds nothing', [tool('eslint/bin/eslint.js'), '.', '--max-warnings', '0']);
checked('format: prettier would change nothing', [
  tool('prettier/bin/prettier.cjs'),
  '--check',
  '--log-level',
  'warn',
  '.',
]);
await nodeTests();
await extensionTests();
pictures();

if (total.passed + total.failed + total.skipped === 0)
  console.log(`no test's path or name contains: ${asked.join(', ')}`);
for (const skip of skips) console.log(`skipped: ${skip}`);
for (const failure of failures) console.log(`FAILED: ${failure}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);

/** A tool that finds nothing wrong counts as one test. */
function checked(name, args) {
  if (!wants(name)) return;
  const result = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  if (result.status === 0) return void total.passed++;
  console.log(result.stdout + result.stderr);
  total.failed++;
  failures.push(name);
}

async function nodeTests() {
  const dist = at('test/dist');
  const files = fs
    .readdirSync(dist, { recursive: true })
    .filter(file => file.endsWith('.test.js') && !file.startsWith('extension') && wants(file))
    .map(file => path.join(dist, file))
    .sort();
  if (files.length === 0) return;
  const stream = runTests({ files, concurrency: Math.max(1, os.availableParallelism() - 1), timeout: 300_000 });
  stream.on('test:pass', event => count(event, 'passed'));
  stream.on('test:fail', event => count(event, 'failed'));
  await new Promise((resolve, reject) => {
    stream.compose(spec).on('error', reject).on('end', resolve).pipe(process.stdout, { end: false });
  });
}

function count(event, outcome) {
  if (event.details?.type === 'suite' || isFileWrapper(event, outcome)) return;
  const where = event.file ? `${path.relative(at('test/dist'), event.file)}: ${event.name}` : event.name;
  if (event.skip !== undefined || event.todo !== undefined) {
    total.skipped++;
    const reason = event.skip ?? event.todo;
    skips.push(typeof reason === 'string' && reason !== '' ? `${where} (${reason})` : where);
    return;
  }
  total[outcome]++;
  if (outcome === 'failed') failures.push(where);
}

/** The runner reports each file as a test too; only one that failed by itself (it crashed, it hung) tells something. */
function isFileWrapper(event, outcome) {
  return (
    outcome === 'passed' && event.nesting === 0 && typeof event.name === 'string' && event.name.endsWith('.test.js')
  );
}

async function extensionTests() {
  if (!wants('extension')) return;
  const results = path.join(os.tmpdir(), `manycore-extension-results-${process.pid}.json`);
  say('the extension in a real VS Code …');
  const child = spawnSync(process.execPath, [at('test/host/run-extension-tests.mjs'), '--results', results], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  try {
    const { tests, reason } = JSON.parse(fs.readFileSync(results, 'utf8'));
    for (const test of tests) {
      if (test.state === 'pending') {
        total.skipped++;
        const why = test.error ?? reason;
        skips.push(`extension: ${test.title}${why ? ` (${why})` : ''}`);
      } else {
        total[test.state === 'passed' ? 'passed' : 'failed']++;
        if (test.state !== 'passed') failures.push(`extension: ${test.title}`);
      }
    }
    if (child.status !== 0 && !failures.some(failure => failure.startsWith('extension'))) throw new Error('exit code');
  } catch {
    total.failed++;
    failures.push(`extension: the host ended with ${child.signal ?? child.status} and left no good results`);
  } finally {
    fs.rmSync(results, { force: true });
  }
}

/** The README's picture is taken of the real thing; `node test/host/screenshots.mjs --media` puts it in its place. */
function pictures() {
  const name = 'extension: a finding, the lens and the tree in one picture, dark and light';
  if (!wants(name)) return;
  const child = spawnSync(process.execPath, [at('test/host/screenshots.mjs')], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (child.status === 0) total.passed++;
  else if (child.status === 3) {
    total.skipped++;
    skips.push(`${name} (something must be installed first, as said above)`);
  } else {
    total.failed++;
    failures.push(name);
  }
}
