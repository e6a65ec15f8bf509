import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fixtures, repository, Workspace } from './support/workspace.js';

test('every fixture and golden file type-checks against the runtime', () => {
  const workspace = new Workspace();
  for (const folder of fs.readdirSync(fixtures))
    fs.cpSync(path.join(fixtures, folder), workspace.path(folder), { recursive: true });
  const tsc = path.join(repository, 'node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', workspace.root], { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
});
