import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Checker, rules } from 'manycore-check';
import { differences, saidAbout, wantsIn, withoutWants } from './support/wants.js';
import { fixtures, Workspace } from './support/workspace.js';

const isGolden = (name: string): boolean => /\.golden\.[^.]+$/.test(name);

for (const runtime of ['installed', 'none'] as const) {
  const where =
    runtime === 'installed' ? 'with the runtime installed' : 'without the runtime, on the built-in declarations';
  describe(`the rules on their fixtures, ${where}`, () => {
    for (const folder of fs.readdirSync(fixtures).sort()) {
      const workspace = new Workspace({}, { runtime });
      workspace.copy(path.join(fixtures, folder));
      const names = fs
        .readdirSync(path.join(fixtures, folder), { recursive: true, encoding: 'utf8' })
        .filter(name => /\.[cm]?[jt]sx?$/.test(name));
      const checker = new Checker({
        roots: [workspace.root],
        onProblem: message => {
          throw new Error(message);
        },
      });
      for (const name of names.filter(each => !isGolden(each))) {
        test(`${folder}/${name} is flagged where it says so and nowhere else`, () => {
          const said = saidAbout(checker, workspace.path(name));
          assert.deepEqual(differences(said, wantsIn(workspace.read(name))), []);
        });
        const golden = name.replace(/(\.[^.]+)$/, '.golden$1');
        if (!names.includes(golden)) continue;
        test(`${folder}/${name} becomes its golden file when all safe repairs are applied`, async () => {
          const bare = workspace.write(`bare-${name}`, withoutWants(workspace.read(name)));
          checker.store.changedOnDisk(bare, 'created');
          assert.equal(await checker.fixAll(bare), workspace.read(golden));
        });
      }
    }
  });
}

test('every rule has fixtures', () => {
  const folders = fs.readdirSync(fixtures);
  assert.deepEqual(
    rules.map(({ name }) => name).filter(name => !folders.includes(name)),
    [],
  );
});
