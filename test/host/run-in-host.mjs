// One suite in one window of code-server: fresh server, fresh browser, everything ended and removed afterwards.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { format } from 'node:util';
import { openBrowser } from './browser.mjs';
import { startEditorServer, windowAddress } from './editor-server.mjs';
import { hostDir } from './places.mjs';
import { tell } from './say.mjs';

const mark = '‹suite› ';

/**
 * @typedef {object} SuiteRun
 * @property {string} folder the workspace folder
 * @property {string} extension the extension's folder
 * @property {string} suite a CommonJS file that exports run()
 * @property {Record<string, string>} [env] for the extension host
 * @property {number} [timeoutMs] the whole run must end within it
 * @property {boolean} [verbose]
 * @property {string} [failureShot] where a picture of the window goes when the run fails
 */

/** @param {SuiteRun} run @param {{ base: string, authority: string }} server @param {import('playwright-core').Page} page */
async function inWindow(run, server, page) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-verdict-'));
  const verdictFile = path.join(dir, 'verdict.json');
  const limit = run.timeoutMs ?? 300_000;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  try {
    /** @type {Promise<number>} */
    const ended = new Promise((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`the suite did not end within ${limit / 1000} s`)), limit);
      page.on('crash', () => reject(new Error('the page crashed')));
      page.on('close', () => reject(new Error('the page was closed')));
      // The workbench calls these two globals when it runs a suite.
      const globals = [
        page.exposeFunction('codeAutomationExit', resolve),
        page.exposeFunction('codeAutomationLog', (/** @type {string} */ type, /** @type {unknown[]} */ args) => {
          const line = format(...args);
          if (line.startsWith(mark)) console.log(line.replaceAll(mark, ''));
          else if (run.verbose) console.log(`<${type}> ${line}`);
        }),
      ];
      const env = { ...run.env, MANYCORE_SUITE: run.suite, MANYCORE_VERDICT: verdictFile };
      const suite = path.join(hostDir, 'suite-in-host.cjs');
      const address = windowAddress(server, { folder: run.folder, extension: run.extension, suite, env });
      Promise.all(globals)
        .then(() => page.goto(address, { waitUntil: 'commit' }))
        .catch(reject);
    });
    page.on('dialog', dialog => void dialog.dismiss().catch(() => {}));
    if (run.verbose) page.on('console', message => console.log(`[page] ${message.text()}`));
    const code = await ended;
    if (!fs.existsSync(verdictFile)) {
      throw new Error(`the extension host ended before the suite did (the editor's exit code was ${code})`);
    }
    const verdict = JSON.parse(fs.readFileSync(verdictFile, 'utf8'));
    return verdict.passed === true && code === 0 ? 0 : code || 1;
  } finally {
    clearTimeout(timer);
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

/** @param {SuiteRun} run @returns {Promise<number>} the exit code; 0 only when the suite ended and passed */
export async function runInHost(run) {
  const starting = Promise.allSettled([
    startEditorServer({ driver: true, ...(run.verbose ? { verbose: true } : {}) }),
    openBrowser(),
  ]);
  /** @type {Promise<unknown> | undefined} */
  let ending;
  const end = () =>
    (ending ??= starting.then(([server, browser]) =>
      Promise.allSettled([
        server.status === 'fulfilled' ? server.value.stop() : undefined,
        browser.status === 'fulfilled' ? browser.value.close() : undefined,
      ]),
    ));
  const interrupted = () => void end().finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    const [server, browser] = await starting;
    if (server.status === 'rejected') throw server.reason;
    if (browser.status === 'rejected') throw browser.reason;
    try {
      const code = await inWindow(run, server.value, browser.value.page);
      if (code !== 0) await shoot(browser.value.page, run.failureShot);
      return code;
    } catch (error) {
      await shoot(browser.value.page, run.failureShot);
      throw error;
    }
  } catch (error) {
    tell(error);
    return 1;
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    await end();
  }
}

/** @param {import('playwright-core').Page} page @param {string | undefined} file */
async function shoot(page, file) {
  if (!file || page.isClosed()) return;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  await page.screenshot({ path: file }).catch(() => {});
}
