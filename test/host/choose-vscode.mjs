// Which VS Code the suite runs in: one that @vscode/test-electron downloads, or ours in code-server.
import fs from 'node:fs';
import path from 'node:path';
import { hostDir } from './places.mjs';
import { HostMissing } from './say.mjs';

/** Where VS Code is downloaded from. A machine behind a wall must learn so in seconds, not after a time-out of minutes. */
const releases = 'https://update.code.visualstudio.com/api/releases/stable';

async function downloadAnswers() {
  try {
    return (await fetch(releases, { signal: AbortSignal.timeout(3000) })).ok;
  } catch {
    return false;
  }
}

/** The desktop VS Code needs a screen. */
const hasScreen = () => process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);

/**
 * `MANYCORE_VSCODE` decides when it is set: `download`, `host` (code-server), or the path of a VS Code executable.
 * @returns {Promise<{ kind: 'download' | 'host' | 'path', executable?: string }>} `executable` is what
 *   @vscode/test-electron is given; without one it downloads
 */
export async function chooseVSCode() {
  const wished = process.env.MANYCORE_VSCODE;
  const host = { kind: /** @type {const} */ ('host'), executable: path.join(hostDir, 'vscode-launcher.mjs') };
  if (wished === 'host') return host;
  if (wished === 'download') return { kind: 'download' };
  if (wished) {
    if (fs.existsSync(wished)) return { kind: 'path', executable: wished };
    throw new HostMissing(`MANYCORE_VSCODE is ${wished}: neither 'download' nor 'host' nor a file that exists.`);
  }
  if (hasScreen() && (await downloadAnswers())) return { kind: 'download' };
  return host;
}
