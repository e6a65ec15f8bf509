import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyEdits, Checker } from 'manycore-check';
import { examples, titleOf } from './support/pages.js';
import { runProgram } from './support/program.js';
import { Workspace } from './support/workspace.js';

/** What the checker says must be what happens: the programs of the rule pages are run on the real runtime. */
describe('the examples of the rule pages, run', () => {
  const workspace = new Workspace();
  const checker = new Checker({ roots: [workspace.root] });
  for (const example of examples()) {
    const name = `${example.rule}-${example.section}-${String(example.index)}.ts`;
    if (example.section === 'Bad') {
      test(`${titleOf(example)} fails`, async () => {
        const { code, stdout, stderr } = await runProgram(workspace, name, example.text);
        assert.notEqual(code, 0, stdout + stderr);
      });
      test(`${titleOf(example)}, repaired by its first quick-fix, runs`, async () => {
        const fixed = await applyFirstFixes(checker, workspace.write(`fixed-${name}`, example.text));
        const { code, stdout, stderr } = await runProgram(workspace, `fixed-${name}`, fixed);
        assert.equal(code, 0, `${fixed}\n${stdout}${stderr}`);
      });
    } else if (example.section === 'Good') {
      test(`${titleOf(example)} runs`, async () => {
        const { code, stdout, stderr } = await runProgram(workspace, name, example.text);
        assert.equal(code, 0, stdout + stderr);
      });
    }
  }
});

/** Applies the first quick-fix offered for the first problem, until nothing is left. */
async function applyFirstFixes(checker: Checker, file: string): Promise<string> {
  checker.store.changedOnDisk(file, 'created');
  for (let round = 0; round < 10; round++) {
    const [first] = checker.check(file);
    const text = checker.store.read(file) ?? '';
    if (first === undefined) return text;
    const [fix] = await checker.fixes(first);
    assert.ok(fix, `a quick-fix for: ${first.finding.message}`);
    checker.store.set(file, applyEdits(text, fix.edits()));
  }
  throw new Error('ten fixes and still not clean');
}
