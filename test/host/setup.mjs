// Fetches what the tests need besides the project's own packages, once: code-server and its Node from npm, a browser
// from the system's package manager. A stamp in the cache folder makes every later call a matter of milliseconds.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBrowser } from './browser.mjs';
import {
  cacheDir,
  codeServerDir,
  codeServerVersion,
  hostNode,
  hostNodeDir,
  hostNodePackage,
  hostNodeVersion,
  stampFile,
} from './places.mjs';
import { HostMissing, say, tell } from './say.mjs';

const stamp = JSON.stringify({ codeServerVersion, hostNodePackage, hostNodeVersion });

/** True when code-server and its Node stand in the cache folder. */
export const editorStands = () => fs.existsSync(stampFile) && fs.readFileSync(stampFile, 'utf8') === stamp;

/**
 * @param {string[]} args @param {string} cwd @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<void>}
 */
function npm(args, cwd, env = {}) {
  return new Promise((resolve, reject) => {
    let said = '';
    const child = spawn('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.on('data', chunk => (said = (said + String(chunk)).slice(-3000)));
    child.on('error', reject);
    child.on('close', code => {
      if (code === 0) resolve();
      else reject(new HostMissing(`npm ${args.join(' ')} failed in ${cwd}:\n${said.trim()}`));
    });
  });
}

/**
 * Two small native modules of the server. Without spdlog output channels stay empty; without native-watchdog an
 * orphaned extension host does not end itself. Both are a comfort, so no compiler is no error.
 * @param {string} serverDir
 */
async function buildComforts(serverDir) {
  if (process.env.MANYCORE_HOST_NATIVE === '0') return;
  const tools = spawnSync('sh', ['-c', 'command -v g++ && command -v make && command -v python3'], { stdio: 'ignore' });
  if (tools.status !== 0) return;
  const env = {
    PATH: `${path.dirname(hostNode)}${path.delimiter}${process.env.PATH ?? ''}`,
    // The headers lie in the Node package; a user's .npmrc may point at those of another Node.
    npm_config_nodedir: hostNodeDir,
  };
  try {
    await npm(['rebuild', '@vscode/spdlog', '@vscode/native-watchdog'], serverDir, env);
  } catch (error) {
    say(`output channels will stay empty: ${String(error)}`);
  }
}

async function ensureEditor() {
  if (editorStands()) return;
  if (process.platform === 'win32') {
    throw new HostMissing('code-server does not run on Windows. Install VS Code; MANYCORE_VSCODE can name it.');
  }
  say('installing code-server and its Node from npm (once; about 700 MB)');
  // Half of an earlier attempt is worth nothing.
  fs.rmSync(path.join(cacheDir, 'node_modules'), { recursive: true, force: true });
  fs.mkdirSync(cacheDir, { recursive: true });
  const dependencies = { 'code-server': codeServerVersion, [hostNodePackage]: hostNodeVersion };
  fs.writeFileSync(path.join(cacheDir, 'package.json'), JSON.stringify({ private: true, dependencies }));
  // Install scripts are off everywhere: they compile for minutes what neither tests nor examples use.
  await npm(['install', '--no-package-lock', '--ignore-scripts'], cacheDir);
  const serverDir = path.join(codeServerDir, 'lib', 'vscode');
  await Promise.all([
    npm(['install', '--omit=dev', '--ignore-scripts'], serverDir).then(() => buildComforts(serverDir)),
    npm(['install', '--omit=dev', '--ignore-scripts'], path.join(serverDir, 'extensions')),
  ]);
  fs.writeFileSync(stampFile, stamp);
  say('code-server stands');
}

/**
 * Everything a test in code-server needs. Idempotent; the two downloads run side by side.
 * @param {{ browser?: boolean }} [wanted] `browser: false` for an editor that a person opens
 * @throws {HostMissing} with what is missing and what to do
 */
export async function ensureHost({ browser = true } = {}) {
  // A missing browser is known at once: say so before fetching anything else.
  const parts = await Promise.allSettled([browser ? ensureBrowser() : undefined, ensureEditor()]);
  for (const part of parts) if (part.status === 'rejected') throw part.reason;
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await ensureHost();
    say('ready');
  } catch (error) {
    tell(error);
    process.exitCode = error instanceof HostMissing ? 3 : 1;
  }
}
