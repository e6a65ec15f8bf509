import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Checker } from 'manycore-check';
import { Workspace } from './support/workspace.js';

const UNIT = 'export const unit = 1;\n';
const SQUARE = 'export function square(x: number): number {\n  return x * x;\n}\n';
const ARROW =
  "import { Pool } from 'manycore';\nexport const go = (pool: Pool): unknown => pool.map((x: number) => x, [1]);\n";

const codes = (checker: Checker, file: string): string[] => checker.check(file).map(({ rule }) => rule.code);

describe('the engine', () => {
  test('looks at files that import the runtime and at those that import them, and at no others', () => {
    const workspace = new Workspace({
      'uses.ts': ARROW,
      'middle.ts': "export { go } from './uses.js';\n",
      'top.ts': "import { go } from './middle.js';\nexport const again = go;\n",
      'alone.ts': UNIT,
    });
    const checker = new Checker();
    checker.check(workspace.path('uses.ts'));
    const [engine] = checker.engines.all();
    assert.deepEqual(
      [...(engine?.closure() ?? [])].sort(),
      ['middle.ts', 'top.ts', 'uses.ts'].map(name => workspace.path(name)),
    );
    assert.equal(engine?.runtime, 'package');
  });

  test('never makes a program for a workspace that does not use the runtime', () => {
    const workspace = new Workspace({ 'a.ts': UNIT });
    const checker = new Checker();
    assert.deepEqual(checker.check(workspace.path('a.ts')), []);
    assert.equal(checker.engines.all()[0]?.runtime, 'not used');
  });

  test('sees a file join the closure while it is typed, and leave it again', () => {
    const workspace = new Workspace({ 'a.ts': UNIT });
    const checker = new Checker();
    const file = workspace.path('a.ts');
    assert.deepEqual(codes(checker, file), []);
    checker.store.set(file, ARROW);
    assert.deepEqual(codes(checker, file), ['MC002']);
    checker.store.set(file, UNIT);
    assert.deepEqual(codes(checker, file), []);
  });

  test('sees a module that is created later', () => {
    const text =
      "import { Pool } from 'manycore';\nimport { work } from './work.js';\nexport const go = (): unknown => new Pool(1).map(work, [1]);\n";
    const workspace = new Workspace({ 'a.ts': text });
    const checker = new Checker();
    assert.deepEqual(codes(checker, workspace.path('a.ts')), []);
    const work = workspace.write(
      'work.ts',
      "import { Pool } from 'manycore';\nexport function work(): void {\n  new Pool(1);\n}\n",
    );
    checker.store.changedOnDisk(work, 'created');
    assert.deepEqual(codes(checker, workspace.path('a.ts')), ['MC005']);
  });

  test('sees the runtime being installed', () => {
    const workspace = new Workspace({ 'a.ts': ARROW }, { runtime: 'none' });
    const checker = new Checker();
    assert.deepEqual(codes(checker, workspace.path('a.ts')), ['MC002']);
    assert.equal(checker.engines.all()[0]?.runtime, 'built-in');
    workspace.write(
      'node_modules/manycore/package.json',
      JSON.stringify({ name: 'manycore', version: '9.0.0', types: 'index.d.ts' }),
    );
    workspace.write(
      'node_modules/manycore/index.d.ts',
      'export declare class Pool { map(f: unknown, items: unknown): unknown }\n',
    );
    checker.store.changedOnDisk(workspace.path('package.json'), 'changed');
    assert.deepEqual(codes(checker, workspace.path('a.ts')), ['MC002']);
    assert.equal(checker.engines.all()[0]?.runtime, 'package');
  });

  test('has an engine for each tsconfig, and finds the one behind a reference', () => {
    const workspace = new Workspace(
      {
        'tsconfig.json': JSON.stringify({ files: [], references: [{ path: './app' }] }),
        'app/tsconfig.json': JSON.stringify({
          compilerOptions: {
            composite: true,
            paths: { '~/*': ['./*'] },
            module: 'esnext',
            moduleResolution: 'bundler',
          },
          include: ['**/*.ts', '../common/*.ts'],
        }),
        'app/main.ts': ARROW,
        'app/aliased.ts': "import { go } from '~/main';\nexport const again = go;\n",
        'common/shared.ts': ARROW,
        'loose.ts': ARROW,
      },
      { tsconfig: false },
    );
    const checker = new Checker({ roots: [workspace.root] });
    for (const name of ['app/main.ts', 'common/shared.ts', 'loose.ts'])
      assert.deepEqual(codes(checker, workspace.path(name)), ['MC002'], name);
    const configs = checker.engines.all().map(({ project }) => project.configFile);
    assert.deepEqual(configs, [workspace.path('app/tsconfig.json'), undefined]);
    assert.ok(
      checker.engines.all()[0]?.closure().has(workspace.path('app/aliased.ts')),
      'an alias of paths is followed',
    );
  });

  test('knows the runtime by its package, under any name it is imported by', () => {
    const workspace = new Workspace({
      'barrel.ts': "export { Pool as Workers } from 'manycore';\n",
      'a.ts':
        "import { Workers } from './barrel.js';\nexport const go = (): unknown => new Workers(1).map((x: number) => x, [1]);\n",
      'b.ts':
        "import * as everything from 'manycore';\nexport const go = (): unknown => new everything.Pool(1).map((x: number) => x, [1]);\n",
    });
    const checker = new Checker();
    assert.deepEqual(codes(checker, workspace.path('a.ts')), ['MC002']);
    assert.deepEqual(codes(checker, workspace.path('b.ts')), ['MC002']);
  });

  test('gives back the same program while nothing changes', () => {
    const workspace = new Workspace({ 'a.ts': ARROW, 'b.ts': SQUARE });
    const checker = new Checker();
    const engine = checker.engines.engineOf(workspace.path('a.ts'));
    const program = engine.program();
    checker.check(workspace.path('b.ts'));
    assert.equal(engine.program(), program);
  });

  test('has nothing to say about a file that is not there', () => {
    assert.deepEqual(new Checker().check(new Workspace().path('missing.ts')), []);
  });
});
