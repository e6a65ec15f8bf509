import path from 'node:path';
import { type FileEvent, FileChangeType } from 'vscode-languageserver/node';
import { isSourceFile } from '../engine/scan.js';
import { type Session } from './session.js';

export const WATCHED = '**/{*.{ts,tsx,mts,cts,js,jsx,mjs,cjs},package.json,tsconfig*.json,jsconfig*.json}';

const KINDS = {
  [FileChangeType.Created]: 'created',
  [FileChangeType.Changed]: 'changed',
  [FileChangeType.Deleted]: 'deleted',
} as const;

/** `workspace/didChangeWatchedFiles`; true when something changed that diagnostics may depend on. */
export function filesChanged({ checker, paths }: Session, changes: readonly FileEvent[]): boolean {
  let matters = false;
  for (const { uri, type } of changes) {
    if (!uri.startsWith('file:')) continue;
    const file = paths.toPath(uri);
    const name = path.posix.basename(file);
    const isConfiguration = name === 'package.json' || /^[jt]sconfig.*\.json$/.test(name);
    if (!isConfiguration && !isSourceFile(name) && !name.endsWith('.d.ts')) continue;
    checker.store.changedOnDisk(file, KINDS[type]);
    matters = true;
  }
  return matters;
}
