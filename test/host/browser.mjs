// The browser that shows the workbench: found, installed where Debian's package manager allows it, started headless.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { HostMissing, say } from './say.mjs';

const usual = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

const wayOut =
  'The extension is tested in VS Code shown by a headless Chromium. Install one ' +
  '(Debian, Ubuntu: apt-get install chromium; Fedora: dnf install chromium; macOS: brew install --cask chromium) ' +
  'or set CHROMIUM to the executable of a Chromium or Chrome.';

/**
 * @returns {string | undefined} the browser's executable
 * @throws {HostMissing} when CHROMIUM names a file that is not there: a wish that cannot be met is never replaced silently
 */
export function findBrowser() {
  const wished = process.env.CHROMIUM;
  if (wished) {
    if (fs.existsSync(wished)) return wished;
    throw new HostMissing(`No browser: CHROMIUM is set to ${wished}, which does not exist. ${wayOut}`);
  }
  return usual.find(file => fs.existsSync(file));
}

/** @param {string} command */
const onPath = command => spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;

/** @param {string[]} argv @param {NodeJS.ProcessEnv} env @returns {Promise<string>} what went wrong, '' for nothing */
function apt(argv, env) {
  return new Promise(resolve => {
    let said = '';
    const [command = '', ...args] = argv;
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
    child.stderr.on('data', chunk => (said = (said + String(chunk)).slice(-2000)));
    child.on('error', error => resolve(error.message));
    child.on('close', code => resolve(code === 0 ? '' : said.trim() || `${argv.join(' ')} ended with ${code}`));
  });
}

/** Makes sure that there is a browser. @returns {Promise<string>} its executable @throws {HostMissing} */
export async function ensureBrowser() {
  const found = findBrowser();
  if (found) return found;
  const root = process.getuid?.() === 0;
  if (!onPath('apt-get')) throw new HostMissing(`No browser, and no apt-get to install one with. ${wayOut}`);
  if (!root && !(onPath('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0)) {
    throw new HostMissing(`No browser, and installing one needs root. ${wayOut}`);
  }
  const become = root ? [] : ['sudo', '-n'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const patience = ['-o', 'DPkg::Lock::Timeout=120', '-qq'];
  say('installing chromium with apt-get');
  const updated = await apt([...become, 'apt-get', 'update', ...patience], env);
  const wanted = ['-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'];
  const installed = await apt([...become, 'apt-get', 'install', ...patience, ...wanted], env);
  const browser = findBrowser();
  if (!browser) throw new HostMissing(`apt-get could not install chromium: ${installed || updated}\n${wayOut}`);
  say(`chromium stands (${browser})`);
  return browser;
}

/**
 * A headless browser with a throw-away profile.
 * @param {{ width?: number, height?: number, scale?: number, scheme?: 'dark' | 'light' }} [look] in CSS pixels; `scale`
 *   is device pixels per CSS pixel, `scheme` what the system is said to prefer
 */
export async function openBrowser({ width = 1280, height = 800, scale = 1, scheme = 'light' } = {}) {
  const executablePath = await ensureBrowser();
  const { chromium } = await import('playwright-core');
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    // Whoever called us ends the browser together with the server; two handlers would race.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    viewport: { width, height },
    deviceScaleFactor: scale,
    colorScheme: scheme,
    timeout: 60_000,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
  });
  const page = context.pages()[0] ?? (await context.newPage());
  return {
    page,
    async close() {
      await context.close().catch(() => {});
      fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
