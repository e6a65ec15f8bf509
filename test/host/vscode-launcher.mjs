#!/usr/bin/env node
// Understands the command line that @vscode/test-electron gives to a desktop VS Code, and runs the same suite in
// code-server with a headless browser. It is given to it as `vscodeExecutablePath`.
import path from 'node:path';
import { ensureHost } from './setup.mjs';
import { projectDir } from './places.mjs';
import { runInHost } from './run-in-host.mjs';
import { tell } from './say.mjs';

/** @type {Map<string, string>} */
const options = new Map();
/** @type {string[]} */
const folders = [];
for (const word of process.argv.slice(2)) {
  const [, name, value = ''] = /^--([\w-]+)(?:=(.*))?$/s.exec(word) ?? [];
  if (name === undefined) folders.push(path.resolve(word));
  else options.set(name, value);
}
const suite = options.get('extensionTestsPath');
const extension = options.get('extensionDevelopmentPath');
const [folder] = folders;
if (!suite || !extension || !folder) {
  console.error('vscode-launcher: needs a folder, --extensionDevelopmentPath and --extensionTestsPath');
  process.exit(2);
}
// The extension host gets its environment from the window's address, not from this process.
const passed = Object.entries(process.env).filter(([name]) => /^(MANYCORE_|MOCHA_)/.test(name));
try {
  await ensureHost();
  process.exitCode = await runInHost({
    folder,
    extension,
    suite,
    env: Object.fromEntries(passed.map(([name, value]) => [name, value ?? ''])),
    verbose: process.env.MANYCORE_HOST_VERBOSE === '1',
    timeoutMs: Number(process.env.MANYCORE_HOST_TIMEOUT_MS ?? 300_000),
    failureShot: path.join(projectDir, 'test', 'host', 'shots', 'failure.png'),
  });
} catch (error) {
  tell(error);
  process.exitCode = 1;
}
