// The extension as an installed one. A window with an extension under development ignores the colour theme and the file
// icons of the settings and mutes notifications; a person, and a picture, want the real thing.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { projectDir } from './places.mjs';

/** @returns {{ extensionsDir: string, remove: () => void }} a folder of installed extensions that holds ours */
export function installExtension() {
  const extensionsDir = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-installed-'));
  // A link: what is built next is what the next window shows.
  fs.symlinkSync(projectDir, path.join(extensionsDir, 'manycore.manycore-vscode'), 'dir');
  return { extensionsDir, remove: () => fs.rmSync(extensionsDir, { recursive: true, force: true }) };
}
