// Starts code-server: VS Code's server and its workbench, on a port of 127.0.0.1 that only this machine can reach.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { codeServerEntry, hostNode } from './places.mjs';

/** @returns {Promise<number>} a port that was free a moment ago */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** What makes a window the same on every machine, and silent. */
const calm = {
  'workbench.startupEditor': 'none',
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'git.enabled': false,
  'typescript.disableAutomaticTypeAcquisition': true,
};

/** Ends a whole process group, by force when asking has not helped. @param {number} group */
async function endGroup(group) {
  const signal = (/** @type {NodeJS.Signals | 0} */ name) => {
    try {
      process.kill(-group, name);
      return true;
    } catch {
      return false; // nobody is left in it
    }
  };
  signal('SIGTERM');
  const patience = Date.now() + 2000;
  while (signal(0)) {
    if (Date.now() > patience) signal('SIGKILL');
    await delay(25);
  }
}

/**
 * @typedef {object} ServerOptions
 * @property {Record<string, unknown>} [settings] user settings on top of the quiet ones
 * @property {string} [extensionsDir] installed extensions; a throw-away folder by default
 * @property {boolean} [driver] lets the address carry an extension under development and a suite; mutes notifications
 * @property {number} [port] the port to listen on; any free one by default
 * @property {boolean} [verbose] show the server's own log
 * @property {NodeJS.ProcessEnv} [env] more environment for the server and the extension host
 */

/** @param {ServerOptions} [options] */
export async function startEditorServer(options = {}) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-editor-'));
  const userData = path.join(dir, 'user-data');
  fs.mkdirSync(path.join(userData, 'User'), { recursive: true });
  fs.writeFileSync(path.join(userData, 'User', 'settings.json'), JSON.stringify({ ...calm, ...options.settings }));
  fs.writeFileSync(path.join(dir, 'config.yaml'), '{}\n');
  const port = options.port ?? (await freePort());
  const logFile = path.join(dir, 'server.log');
  const log = options.verbose ? 2 : fs.openSync(logFile, 'w');
  const child = spawn(
    hostNode,
    [
      codeServerEntry,
      ...['--config', path.join(dir, 'config.yaml'), '--auth', 'none', '--bind-addr', `127.0.0.1:${port}`],
      ...['--user-data-dir', userData, '--extensions-dir', options.extensionsDir ?? path.join(dir, 'extensions')],
      ...['--session-socket', path.join(dir, 'session.sock')],
      ...['--disable-telemetry', '--disable-update-check', '--disable-workspace-trust'],
      ...['--disable-getting-started-override', '--ignore-last-opened', '--reconnection-grace-time', '1'],
      ...(options.driver ? ['--vscode-option', 'enable-smoke-test-driver', '--idle-timeout-seconds', '120'] : []),
    ],
    {
      // A group of its own: server, extension hosts and language servers end together.
      detached: true,
      stdio: ['ignore', log, log],
      env: {
        ...process.env,
        ...options.env,
        // Nothing of the user's own editor, and nothing left behind in the user's home.
        XDG_DATA_HOME: path.join(dir, 'data'),
        XDG_CONFIG_HOME: path.join(dir, 'config'),
        XDG_CACHE_HOME: path.join(dir, 'cache'),
        VSCODE_IPC_HOOK_CLI: '',
        NODE_OPTIONS: '',
      },
    },
  );
  if (!options.verbose) fs.closeSync(log);
  const gone = new Promise(resolve => child.once('exit', code => resolve(code)));
  const stop = async () => {
    if (child.pid !== undefined) await endGroup(child.pid);
    fs.rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  };
  const base = `http://127.0.0.1:${port}`;
  try {
    await answers(`${base}/healthz`, child);
  } catch (error) {
    const tail = fs.existsSync(logFile) ? fs.readFileSync(logFile, 'utf8').slice(-2000) : '';
    await stop();
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${tail}`);
  }
  return { base, authority: `127.0.0.1:${port}`, gone, stop };
}

/** @param {string} address @param {import('node:child_process').ChildProcess} child */
async function answers(address, child) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`code-server ended with ${child.exitCode} before it answered.`);
    const ok = await fetch(address).then(
      reply => reply.ok,
      () => false,
    );
    if (ok) return;
    if (Date.now() > deadline) throw new Error('code-server did not answer within 60 s.');
    await delay(50);
  }
}

/**
 * The address of a window. An extension under development and a suite need a server started with `driver: true`.
 * @param {{ base: string, authority: string }} server
 * @param {{ folder?: string, openFile?: string, extension?: string, suite?: string, env?: Record<string, string> }} what
 */
export function windowAddress(server, { folder, openFile, extension, suite, env }) {
  const remote = (/** @type {string} */ file) => `vscode-remote://${server.authority}${file}`;
  /** @type {[string, string][]} */
  const payload = [];
  if (extension) payload.push(['extensionDevelopmentPath', remote(extension)]);
  if (suite) payload.push(['extensionTestsPath', remote(suite)]);
  if (openFile) payload.push(['openFile', remote(openFile)]);
  if (env) payload.push(['extensionEnvironment', JSON.stringify(env)]);
  const query = new URLSearchParams();
  if (folder) query.set('folder', folder);
  if (payload.length > 0) query.set('payload', JSON.stringify(payload));
  return `${server.base}/?${query}`;
}
