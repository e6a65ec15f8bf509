import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import ts from 'typescript';
import { blocksOf, folderOf, pages } from './blocks.js';

/** The settings of a reader who is strict, and who may also run the program by Node's type stripping. */
const OPTIONS: ts.CompilerOptions = {
  noEmit: true,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  erasableSyntaxOnly: true,
  allowImportingTsExtensions: true,
  noUnusedLocals: true,
};

describe('the programs of the pages', () => {
  const folders: string[] = [];
  const files = pages.flatMap(page => {
    const folder = folderOf(page, 'types');
    folders.push(folder);
    return blocksOf(page)
      .filter(({ kind }) => kind === 'ts')
      .map(block => {
        const file = path.join(folder, block.file);
        fs.mkdirSync(folder, { recursive: true });
        fs.writeFileSync(file, block.code);
        return file;
      });
  });
  after(() => folders.forEach(folder => fs.rmSync(folder, { recursive: true, force: true })));

  test('have no type errors under strict settings, and no syntax but what can be stripped', () => {
    assert.ok(files.length > 20, 'there are programs');
    const program = ts.createProgram(files, OPTIONS);
    const found = files.flatMap(file => {
      const source = program.getSourceFile(file);
      assert.ok(source);
      return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    });
    const host = { getCanonicalFileName: String, getCurrentDirectory: () => '', getNewLine: () => '\n' };
    assert.equal(ts.formatDiagnostics(found, host), '');
  });
});
