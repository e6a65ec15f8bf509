// Takes the pictures of the README: one window that shows a diagnostic with its message, the "Run in pool" lens, and
// the Processes tree with a program at work; dark and light. Everything in it is real: the mistake is typed with the
// keyboard, the program runs. Usage: node test/host/screenshots.mjs [--out folder] [--media]
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openBrowser } from './browser.mjs';
import { startEditorServer, windowAddress } from './editor-server.mjs';
import { installExtension } from './installed.mjs';
import { hostDir, hostNode, projectDir } from './places.mjs';
import { HostMissing, say, tell } from './say.mjs';
import { ensureHost } from './setup.mjs';

const { values: options } = parseArgs({
  options: {
    out: { type: 'string', default: path.join(hostDir, 'shots') },
    // Also replaces the pictures that the README shows.
    media: { type: 'boolean', default: false },
  },
});

const themes = { dark: 'Dark Modern', light: 'Light Modern' };
const size = { width: 1440, height: 720, scale: 1.5 };

const look = {
  'workbench.iconTheme': 'vs-seti',
  'editor.fontSize': 14,
  'editor.minimap.enabled': false,
  'editor.cursorBlinking': 'solid',
  'breadcrumbs.enabled': false,
  'workbench.layoutControl.enabled': false,
  'window.commandCenter': false,
  'window.titleBarStyle': 'custom',
  'explorer.openEditors.visible': 0,
  'editor.hover.delay': 100,
  'editor.lightbulb.enabled': 'off',
  // What is typed here is indented already.
  'editor.autoIndent': 'none',
  'editor.autoClosingBrackets': 'never',
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
};

/** @param {string} folder @param {NodeJS.ProcessEnv} env */
function startProgram(folder, env) {
  const program = spawn(hostNode, [path.join(folder, 'backup.mjs')], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
    env: { ...process.env, ...env },
  });
  return () => {
    try {
      if (program.pid !== undefined) process.kill(-program.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
}

/** @param {import('playwright-core').Page} page @param {string} file */
async function arrange(page, file) {
  const source = fs.readFileSync(path.join(hostDir, 'scene', path.basename(file)), 'utf8');
  await page.locator('.editor-instance .view-lines').first().click();
  await page.keyboard.insertText(source);
  await page.keyboard.press('Control+Home');
  await page.locator('.codelens-decoration', { hasText: 'Run in pool' }).waitFor();
  await page.locator('.squiggly-error').first().waitFor();
  await page.locator('.activitybar [aria-label^="Manycore"]').first().click();
  await page.locator('.pane-body .monaco-list-row', { hasText: 'compress' }).first().waitFor();
  // Wide enough for a row's whole description.
  const bar = await page.locator('.sidebar').boundingBox();
  if (bar) {
    await page.mouse.move(bar.x + bar.width, 400);
    await page.mouse.down();
    await page.mouse.move(505, 400, { steps: 4 });
    await page.mouse.up();
  }
}

/** @param {import('playwright-core').Page} page */
async function hoverFinding(page) {
  const finding = page.locator('.squiggly-error').first();
  const box = await finding.boundingBox();
  if (!box) throw new Error('the finding is not in sight');
  await page.mouse.move(box.x + Math.min(20, box.width / 2), box.y + box.height / 2 - 6, { steps: 3 });
  await page.locator('.monaco-hover', { hasText: 'MC002' }).filter({ hasText: 'Quick Fix' }).first().waitFor();
}

/** Opens the window and waits for the file icons. @param {import('playwright-core').Page} page @param {string} address */
async function openWindow(page, address) {
  await page.goto(address, { waitUntil: 'commit' });
  await page.waitForFunction(() => {
    const label = document.querySelector('.tab .monaco-icon-label');
    return label !== null && getComputedStyle(label, '::before').fontFamily.includes('seti');
  });
}

/** The menu of fixes, opened with the keyboard. @param {import('playwright-core').Page} page @param {string} file */
async function offerFix(page, file) {
  await page.keyboard.press('Escape');
  await page.locator('.view-line', { hasText: 'quality}' }).first().click();
  await page.keyboard.press('Control+.');
  await page.locator('.action-widget .monaco-list-row').first().waitFor();
  await page.screenshot({ path: file });
  await page.keyboard.press('Escape');
}

/** The lens is clicked, the inputs are typed, and the table is there. @param {import('playwright-core').Page} page */
async function runInPool(page) {
  await page.keyboard.press('Escape');
  await page.locator('.codelens-decoration a', { hasText: 'Run in pool' }).first().click();
  await page.locator('.quick-input-widget input').first().waitFor();
  await page.keyboard.insertText('["beach.jpg", "forest-at-dawn.jpg", "harbour.jpg", "old-town.jpg", "summit.jpg"]');
  await page.keyboard.press('Enter');
  await page.locator('.tab', { hasText: 'shrink: results' }).waitFor();
  const table = page.frameLocator('iframe.webview').frameLocator('#active-frame').locator('tbody tr');
  await table.nth(4).waitFor();
}

/** @param {'dark' | 'light'} theme */
async function shoot(theme) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'photos-'));
  const file = path.join(folder, 'thumbnails.ts');
  fs.writeFileSync(file, '');
  fs.copyFileSync(path.join(hostDir, 'scene', 'backup.mjs'), path.join(folder, 'backup.mjs'));
  const settings = { ...look, 'workbench.colorTheme': themes[theme] };
  // As `npm install manycore` would leave it.
  fs.mkdirSync(path.join(folder, 'node_modules'));
  fs.symlinkSync(path.join(projectDir, 'runtime'), path.join(folder, 'node_modules', 'manycore'), 'dir');
  // A place of their own for the process tables: other programs of this user have no business in the picture.
  const env = { MANYCORE_DIR: path.join(folder, '.programs') };
  onEnd.push(() => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 }), startProgram(folder, env));
  const { extensionsDir, remove } = installExtension();
  onEnd.push(remove);
  const server = await startEditorServer({ extensionsDir, settings, env });
  onEnd.push(server.stop);
  const browser = await openBrowser({ ...size, scheme: theme });
  onEnd.push(browser.close);
  const { page } = browser;
  page.setDefaultTimeout(90_000);
  fs.mkdirSync(options.out, { recursive: true });
  try {
    await openWindow(page, windowAddress(server, { folder, openFile: file }));
    await arrange(page, file);
    await hoverFinding(page);
    const picture = path.join(options.out, `screenshot-${theme}.png`);
    await page.screenshot({ path: picture });
    await offerFix(page, path.join(options.out, `quickfix-${theme}.png`));
    await runInPool(page);
    await page.screenshot({ path: path.join(options.out, `results-${theme}.png`) });
    if (options.media) fs.copyFileSync(picture, path.join(projectDir, 'client', 'media', `screenshot-${theme}.png`));
    say(`${picture}`);
  } catch (error) {
    await page.screenshot({ path: path.join(options.out, `failure-${theme}.png`) }).catch(() => {});
    throw error;
  } finally {
    await end();
  }
}

/** What has been started and made, to be ended and removed in the opposite order, also when this script is told to stop. */
const onEnd = /** @type {(() => unknown)[]} */ ([]);

async function end() {
  for (let undo = onEnd.pop(); undo; undo = onEnd.pop()) await undo();
}

process.once('SIGINT', () => void end().finally(() => process.exit(130)));
process.once('SIGTERM', () => void end().finally(() => process.exit(143)));

try {
  await ensureHost();
  await shoot('dark');
  await shoot('light');
} catch (error) {
  tell(error);
  process.exitCode = error instanceof HostMissing ? 3 : 1;
}
