import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, test } from 'node:test';
import { entries, listingOf, readDeclarations, root, surfaceOf } from './surface.js';

const require = createRequire(import.meta.url);

/** The lines that only one of two texts has, as a diff shows them. */
function difference(before: string, now: string): string[] {
  const counts = new Map<string, number>();
  for (const line of before.split('\n')) counts.set(line, (counts.get(line) ?? 0) - 1);
  for (const line of now.split('\n')) counts.set(line, (counts.get(line) ?? 0) + 1);
  return [...counts].flatMap(([line, count]) => (count === 0 ? [] : `${count < 0 ? '-' : '+'} ${line}`));
}

for (const { specifier } of entries) {
  describe(`What can be imported from '${specifier}'`, () => {
    test('is what has been agreed on; a change that is meant is taken over by: npm run api', () => {
      const file = listingOf(specifier);
      const agreed = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
      assert.deepEqual(difference(agreed, surfaceOf(specifier)), [], `see ${path.relative(root, file)}`);
    });

    test('is there at run time, by import and by require, and nothing else is (test__all__, test_import)', async () => {
      const declared = [...readDeclarations().exportsOf(specifier)];
      const imported = (await import(specifier)) as Record<string, unknown>;
      const required = require(specifier) as Record<string, unknown>;
      assert.deepEqual(
        Object.keys(imported).sort(),
        declared.flatMap(([name, { isValue }]) => (isValue ? name : [])),
      );
      assert.deepEqual(Object.keys(required).sort(), Object.keys(imported).sort());
      for (const name of Object.keys(imported)) {
        assert.equal(imported[name], required[name], `${name} is the same, however it was loaded`);
        assert.notEqual(imported[name], undefined, name);
      }
    });
  });
}
