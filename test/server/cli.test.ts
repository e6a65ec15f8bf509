import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { cliFile, repository, Workspace } from './support/workspace.js';

const BAD = `import { isMain, Pool } from 'manycore';

function square(x: number): number {
  return x * x;
}

if (isMain(import.meta)) {
  const pool = new Pool(2);
  await pool.map(square, [1, 2]);
  await pool.join();
}
`;
const GOOD = BAD.replace('function square', 'export function square').replace(
  '  await pool.join',
  '  pool.close();\n  await pool.join',
);

function run(workspace: Workspace, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cliFile, ...args], {
    cwd: workspace.root,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('manycore-check', () => {
  test('prints path, line and column, code, message and related places, and a count', () => {
    const workspace = new Workspace({ 'src/bad.ts': BAD, 'src/other.ts': 'export const a = 1;\n' });
    assert.deepEqual(run(workspace, 'src'), {
      status: 1,
      stderr: '',
      stdout: `src/bad.ts:9:18 error MC002 closure-target (--fix)
  Pool.map is given 'square', which its module does not export. A child imports its target by module and name: export it.
    src/bad.ts:3:1 'square' is declared here

src/bad.ts:10:9 error MC004 join-before-close (--fix)
  'pool' is still open here: join() of an open pool fails. Call pool.close() or pool.terminate() first.
    src/bad.ts:8:16 'pool' is made here

2 errors, 0 warnings in 2 files. 2 can be repaired with --fix.
`,
    });
  });

  test('prints in colour only where it is wanted', () => {
    const workspace = new Workspace({ 'bad.ts': BAD });
    const coloured = spawnSync(process.execPath, [cliFile, 'bad.ts'], {
      cwd: workspace.root,
      encoding: 'utf8',
      env: { ...process.env, FORCE_COLOR: '1' },
    });
    assert.ok(coloured.stdout.includes('\x1b[31m'));
    assert.ok(!run(workspace, 'bad.ts').stdout.includes('\x1b['));
  });

  test("prints ESLint's shape with --format json", () => {
    const workspace = new Workspace({ 'bad.ts': BAD });
    const { status, stdout } = run(workspace, '--format', 'json', 'bad.ts');
    const [report, ...others] = JSON.parse(stdout) as { messages: { fix?: object }[] }[];
    assert.equal(status, 1);
    assert.equal(others.length, 0);
    const at = BAD.indexOf('function square');
    assert.deepEqual(report, {
      filePath: workspace.path('bad.ts'),
      messages: [
        {
          ruleId: 'MC002',
          severity: 2,
          message:
            "Pool.map is given 'square', which its module does not export. A child imports its target by module and name: export it.",
          line: 9,
          column: 18,
          endLine: 9,
          endColumn: 24,
          fix: { range: [at, at], text: 'export ' },
        },
        {
          ruleId: 'MC004',
          severity: 2,
          message:
            "'pool' is still open here: join() of an open pool fails. Call pool.close() or pool.terminate() first.",
          line: 10,
          column: 9,
          endLine: 10,
          endColumn: 20,
          fix: { range: [BAD.indexOf('await pool.join'), BAD.indexOf('await pool.join')], text: 'pool.close();\n  ' },
        },
      ],
      suppressedMessages: [],
      errorCount: 2,
      fatalErrorCount: 0,
      warningCount: 0,
      fixableErrorCount: 2,
      fixableWarningCount: 0,
      usedDeprecatedRules: [],
    });
  });

  test('repairs with --fix and ends with 0 when nothing is left', () => {
    const workspace = new Workspace({ 'bad.ts': BAD });
    const { status, stdout } = run(workspace, '--fix', 'bad.ts');
    assert.equal(workspace.read('bad.ts'), GOOD);
    assert.equal(stdout, 'No problems in 1 file.\n');
    assert.equal(status, 0);
  });

  test('leaves a file without problems alone', () => {
    const workspace = new Workspace({ 'good.ts': GOOD });
    fs.utimesSync(workspace.path('good.ts'), 1, 1);
    assert.equal(run(workspace, '--fix').status, 0);
    assert.equal(fs.statSync(workspace.path('good.ts')).mtimeMs, 1000);
  });

  test('takes severities by code and name', () => {
    const workspace = new Workspace({ 'bad.ts': BAD });
    assert.equal(run(workspace, '--severity', 'MC002=off', '--severity', 'join-before-close=off').status, 0);
    const { status, stdout } = run(workspace, '--severity', 'MC002=off', '--severity', 'MC004=warning');
    assert.equal(status, 1);
    assert.match(stdout, /10:9 warning MC004[\s\S]*0 errors, 1 warning in 1 file/);
    assert.equal(run(workspace, '--severity', 'MC002=off', '--severity', 'MC004=warning', '--quiet').status, 0);
  });

  for (const [args, complaint] of [
    [['nowhere'], /there is no 'nowhere'/],
    [['package.json'], /'package\.json' is no TypeScript or JavaScript source/],
    [['--format', 'xml'], /--format is text or json, not 'xml'/],
    [['--severity', 'MC999=off'], /there is no rule 'MC999'/],
    [['--severity', 'MC001=loud'], /'loud' is no severity/],
    [['--frobnicate'], /Unknown option '--frobnicate'/],
  ] as const) {
    test(`ends with 2 and says what is wrong with: ${args.join(' ')}`, () => {
      const { status, stdout, stderr } = run(new Workspace(), ...args);
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, complaint);
    });
  }

  test('knows its version and how it is used', () => {
    const workspace = new Workspace();
    const { version } = JSON.parse(fs.readFileSync(`${repository}/server/package.json`, 'utf8')) as { version: string };
    assert.deepEqual(run(workspace, '--version'), { status: 0, stderr: '', stdout: `${version}\n` });
    assert.match(run(workspace, '--help').stdout, /^Usage: manycore-check \[options\] \[path …\]/);
  });

  test('checks JavaScript too, as ES modules and CommonJS', () => {
    const workspace = new Workspace(
      {
        'a.mjs': "import { Pool } from 'manycore';\nawait new Pool(1).map(x => x, [1]);\n",
        'b.cjs': "const { Pool } = require('manycore');\nnew Pool(1).map(x => x, [1]);\n",
        'c.jsx': "import { Pool } from 'manycore';\nawait new Pool(1).map(x => x, [1]);\n",
      },
      { tsconfig: false },
    );
    const reports = JSON.parse(run(workspace, '--format', 'json').stdout) as { messages: { ruleId: string }[] }[];
    assert.deepEqual(
      reports.map(({ messages }) => messages.map(({ ruleId }) => ruleId)),
      [
        ['MC001', 'MC002'],
        ['MC001', 'MC002'],
        ['MC001', 'MC002'],
      ],
    );
  });
});

test('the installed command starts by itself', { timeout: 60_000 }, () => {
  const { stdout, stderr } = spawnSync(path.join(repository, 'node_modules/.bin/manycore-check'), ['--version'], {
    encoding: 'utf8',
  });
  assert.match(stdout, /^\d+\.\d+\.\d+/, stderr);
});
