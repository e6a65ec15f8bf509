// Opens a folder in VS Code with the extension: the installed VS Code if there is one, else code-server, whose address
// is printed. Usage: node test/host/open-editor.mjs [folder] [--once]
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { startEditorServer, windowAddress } from './editor-server.mjs';
import { installExtension } from './installed.mjs';
import { projectDir } from './places.mjs';
import { HostMissing, tell } from './say.mjs';
import { ensureHost } from './setup.mjs';

/** @returns {string | undefined} the command of an installed VS Code that can open a window here */
function installedCode() {
  const wished = process.env.MANYCORE_VSCODE;
  if (wished === 'host') return undefined;
  const screen = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  // Inside a terminal of VS Code `code` opens a window of that same VS Code, also from afar.
  if (!screen && !process.env.VSCODE_IPC_HOOK_CLI) return undefined;
  const shell = process.platform === 'win32';
  return ['code', 'code-insiders', 'codium'].find(
    command => spawnSync(command, ['--version'], { stdio: 'ignore', shell, timeout: 10_000 }).status === 0,
  );
}

/** @param {string} command @param {string} folder @param {boolean} stay */
function openInstalled(command, folder, stay) {
  console.log(`[manycore] opening ${folder} in ${command}`);
  const args = ['--new-window', `--extensionDevelopmentPath=${projectDir}`, folder];
  if (!stay) return;
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) throw new Error(`${command} did not open: ${error?.message ?? `exit code ${status}`}`);
}

/** @param {string} folder @param {boolean} stay */
async function openInBrowser(folder, stay) {
  await ensureHost({ browser: false });
  const port = Number(process.env.MANYCORE_PORT ?? 0);
  const { extensionsDir, remove } = installExtension();
  const server = await startEditorServer({ extensionsDir, ...(port > 0 ? { port } : {}) });
  try {
    const address = windowAddress(server, { folder });
    const page = await fetch(address);
    if (!page.ok || !(await page.text()).includes('workbench')) {
      throw new Error(`VS Code does not answer at ${address} (${page.status})`);
    }
    console.log(`[manycore] VS Code with the extension answers at\n\n    ${address}\n`);
    if (!stay) return;
    console.log('[manycore] only this machine can reach it; Ctrl-C ends it');
    const stopped = new Promise(resolve => process.once('SIGINT', resolve).once('SIGTERM', resolve));
    await Promise.race([stopped, server.gone]);
  } finally {
    await server.stop();
    remove();
  }
}

/**
 * @param {{ folder: string, stay?: boolean }} options `stay: false` makes sure that the editor can be opened, and ends
 * @throws {HostMissing} with what to install
 */
export async function openEditor({ folder, stay = true }) {
  const command = installedCode();
  if (command) openInstalled(command, folder, stay);
  else await openInBrowser(folder, stay);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { once: { type: 'boolean' } } });
  const folder = path.resolve(positionals[0] ?? path.join(projectDir, 'runtime', 'examples'));
  try {
    await openEditor({ folder, stay: !values.once });
  } catch (error) {
    tell(error);
    process.exitCode = error instanceof HostMissing ? 3 : 1;
  }
}
