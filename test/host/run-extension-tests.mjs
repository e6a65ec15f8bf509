// Runs test/extension inside a real VS Code. Exit code 1: a test failed, or the suite did not run to its end. Exit code
// 0: nothing failed. On a machine that lacks what it takes every test is skipped, with the reason, and none counts as
// passed; MANYCORE_REQUIRE_EDITOR=1 makes that a failure.
// Usage: node test/host/run-extension-tests.mjs [--results file] [--grep pattern]
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chooseVSCode } from './choose-vscode.mjs';
import { projectDir } from './places.mjs';
import { defaultResultsFile, readTests, tally, titlesIn, writeResults } from './results.mjs';
import { HostMissing, tell } from './say.mjs';
import { ensureHost } from './setup.mjs';

const { values: options } = parseArgs({
  options: { results: { type: 'string', default: defaultResultsFile }, grep: { type: 'string' } },
});
const resultsFile = path.resolve(options.results);
const suite = path.join(projectDir, 'test', 'dist', 'extension', 'index.cjs');

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-extension-'));

async function run() {
  const vscode = await chooseVSCode();
  if (vscode.kind === 'host') await ensureHost();
  if (!fs.existsSync(suite)) {
    execFileSync(process.execPath, [path.join(projectDir, 'esbuild.mjs'), 'tests'], { stdio: 'inherit' });
  }
  // Tests type into files: they get a folder of their own, outside the project, where nothing is installed.
  const folder = path.join(work, 'workspace');
  fs.mkdirSync(folder);
  const raw = path.join(work, 'tests.json');
  const { runTests } = await import('@vscode/test-electron');
  let failure = '';
  try {
    await runTests({
      ...(vscode.executable ? { vscodeExecutablePath: vscode.executable } : {}),
      extensionDevelopmentPath: projectDir,
      extensionTestsPath: suite,
      launchArgs: [
        folder,
        `--user-data-dir=${work}/user`,
        `--extensions-dir=${work}/extensions`,
        '--disable-extensions',
      ],
      extensionTestsEnv: {
        MANYCORE_TEST_RESULTS: raw,
        MANYCORE_TEST_NODE: process.execPath,
        MANYCORE_TEST_PROJECT: projectDir,
        ...(options.grep ? { MOCHA_GREP: options.grep } : {}),
      },
    });
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  const tests = readTests(raw);
  const { passed, failed, skipped } = tally(tests);
  if (tests.length === 0) failure ||= 'the suite has no tests';
  if (failure && failed === 0) tests.push({ title: 'the suite runs to its end', state: 'failed', error: failure });
  writeResults(resultsFile, { vscode: vscode.kind, tests });
  console.log(`extension: ${passed} passed, ${failed || (failure ? 1 : 0)} failed, ${skipped} skipped`);
  return failure || failed > 0 ? 1 : 0;
}

/** @param {unknown} error @returns {number} the exit code */
function couldNotRun(error) {
  tell(error);
  const reason = error instanceof Error ? error.message : String(error);
  if (!(error instanceof HostMissing) || process.env.MANYCORE_REQUIRE_EDITOR === '1') {
    writeResults(resultsFile, { tests: [{ title: 'the suite starts', state: 'failed', error: reason }] });
    return 1;
  }
  const titles = titlesIn(path.join(projectDir, 'test', 'extension'));
  writeResults(resultsFile, { reason, tests: titles.map(title => ({ title, state: 'pending', error: reason })) });
  console.log(`extension: 0 passed, 0 failed, ${titles.length} skipped: ${reason.split('. ', 1)[0]}`);
  return 0;
}

try {
  process.exitCode = await run().catch(couldNotRun);
} finally {
  fs.rmSync(work, { recursive: true, force: true, maxRetries: 5 });
}
