import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { assertSameOutput } from './compare.js';
import { type SeedExample, examples, missing } from './manifest/index.js';
import { type Outcome, runExample } from './program.js';

const seeds = fileURLToPath(new URL('../../seeds/', import.meta.url));
const read = (file: string) => fs.readFileSync(path.join(seeds, file), 'utf8');
const recordings = JSON.parse(read('expected/index.json')) as {
  programs: Record<string, { exitCode: number; python: string }>;
};

describe('the programs of the seeds', { concurrency: 2 }, () => {
  for (const example of examples) if (example.timed !== true) compare(example);
  for (const { name, shows, needs } of missing) {
    test(`${name} prints what Python prints: ${shows}`, { skip: `needs ${needs}` }, () => {});
  }
});

describe('the programs of the seeds whose sleeps decide', { concurrency: 1 }, () => {
  for (const example of examples) if (example.timed === true) compare(example);
});

test('every recorded program has its example, and every example is compared', () => {
  const named = new Set([
    ...examples.map(example => example.golden ?? example.name),
    ...missing.map(({ name }) => name),
  ]);
  assert.deepEqual([...named].sort(), Object.keys(recordings.programs).sort());

  const compared = new Set(examples.map(example => example.name));
  // Modules that are part of a program, and the mistakes that only the checker looks at.
  const parts = /^(copier\/(compare|copy-file|places|plan|progress)|processes\/importable-worker|pitfalls\/.*)$/;
  const there = fs
    .readdirSync(path.join(seeds, '../../runtime/examples'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => file.slice(0, -'.ts'.length).split(path.sep).join('/'));
  assert.deepEqual(
    there.filter(name => !compared.has(name) && !parts.test(name)),
    [],
  );
});

function compare(example: SeedExample): void {
  const golden = example.golden ?? example.name;
  const python = recordings.programs[golden];
  test(`${example.name} prints what ${python?.python ?? 'Python'} prints: ${example.shows}`, async t => {
    const cwd = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-seed-'));
    t.after(() => fs.rmSync(cwd, { recursive: true, force: true }));
    if (example.folder !== undefined) {
      fs.cpSync(path.join(seeds, 'fixtures', example.folder), path.join(cwd, example.folder), { recursive: true });
    }
    const outcome = await runExample(example.name, { cwd, ...pick(example) });
    assertSameOutput(example, read(`expected/${golden}.txt`), outcome.stdout);
    assert.equal(outcome.exitCode, python?.exitCode, `exit code; it said:\n${outcome.stderr}`);
    assertStderr(example, golden, outcome);
    for (const file of example.leaves ?? []) {
      const left = fs.readFileSync(path.join(cwd, file), 'utf8');
      assert.deepEqual(left.split('\n').sort(), read(`expected/${golden}.${file}`).split('\n').sort());
    }
    assert.deepEqual(outcome.leftBehind, [], 'processes or shared memory left behind');
  });
}

function pick({ args, deadline }: SeedExample) {
  return { ...(args === undefined ? {} : { args }), ...(deadline === undefined ? {} : { deadline }) };
}

function assertStderr(example: SeedExample, golden: string, { stderr }: Outcome): void {
  if (example.stderr === undefined && example.stderrOurs === undefined) return assert.equal(stderr, '');
  const recorded = example.stderr === undefined ? '' : read(`expected/${golden}.stderr.txt`);
  for (const text of example.stderr ?? []) {
    assert.ok(recorded.includes(text), `Python's standard error lacks '${text}':\n${recorded}`);
    assert.ok(stderr.includes(text), `standard error lacks '${text}':\n${stderr}`);
  }
  for (const text of example.stderrOurs ?? []) assert.ok(stderr.includes(text), `'${text}' is not in:\n${stderr}`);
}
