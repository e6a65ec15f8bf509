import fs from 'node:fs';
import path from 'node:path';
import { instant } from '../clock.js';
import { VERSION } from '../version.js';

const FILE = 'program.json';

/** What does not change while the program runs, for readers of the table. */
export function writeDescription(dir: string): void {
  const description = {
    id: path.basename(dir),
    mainPid: process.pid,
    entry: process.argv[1] ?? '',
    cwd: currentFolder(),
    argv: process.argv.slice(2),
    nodeVersion: process.version,
    version: VERSION,
    startedAt: Math.round(Date.now() - instant()),
  };
  fs.writeFileSync(path.join(dir, FILE), JSON.stringify(description), { mode: 0o600 });
}

/** The file that the program was started with; empty if there is none, or the folder is gone. */
export function describedEntry(dir: string): string {
  try {
    const { entry } = JSON.parse(fs.readFileSync(path.join(dir, FILE), 'utf8')) as { entry?: unknown };
    return typeof entry === 'string' ? entry : '';
  } catch {
    return '';
  }
}

/** Empty when the folder has been removed from under the process. */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    return '';
  }
}
