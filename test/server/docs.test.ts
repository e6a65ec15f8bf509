import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Checker, rules } from 'manycore-check';
import { examples, pagesFolder, titleOf } from './support/pages.js';
import { repository, Workspace } from './support/workspace.js';

interface Tables {
  pages: Record<string, string>;
  withTable: (name: string) => string;
}

describe('the rule pages', () => {
  const workspace = new Workspace();
  const checker = new Checker({ roots: [workspace.root] });
  for (const example of examples()) {
    const { code, rule, section, index, text } = example;
    test(`${titleOf(example)}: ${section === 'Bad' ? `flagged as ${code} and nothing else` : 'not flagged'}`, () => {
      const file = workspace.write(`${rule}-${section}-${String(index)}.ts`, text);
      checker.store.changedOnDisk(file, 'created');
      const codes = checker.check(file).map(diagnostic => diagnostic.rule.code);
      assert.deepEqual([...new Set(codes)], section === 'Bad' ? [code] : []);
    });
  }

  for (const { name, code } of rules) {
    test(`${name} has a page with a bad and a good example and how to silence it`, () => {
      const page = fs.readFileSync(path.join(pagesFolder, `${name}.md`), 'utf8');
      assert.match(page, new RegExp(`^# ${code} ${name}\n`));
      const sections = new Set(examples().flatMap(example => (example.rule === name ? [example.section] : [])));
      assert.deepEqual([...sections], ['Bad', 'Good', 'Suppress']);
    });
  }

  test('the tables made from the rules are up to date (node server/scripts/rule-tables.mjs makes them anew)', async () => {
    const script = pathToFileURL(path.join(repository, 'server/scripts/rule-tables.mjs')).href;
    const { pages, withTable } = (await import(script)) as Tables;
    for (const name of Object.keys(pages)) {
      assert.equal(fs.readFileSync(path.join(repository, 'server', name), 'utf8'), withTable(name), name);
    }
  });
});
