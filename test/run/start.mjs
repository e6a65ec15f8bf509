// `npm start`: set-up, what the checker finds in the examples, the folder copier at work, then the examples in the
// editor. `npm start -- --once` does all but stay in the editor.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { at, root, run, say } from './steps.mjs';
import { setUp } from './setup.mjs';

const stay = !process.argv.includes('--once');

await setUp();

say('what the checker finds in runtime/examples (the pitfalls there are on purpose):');
const check = spawnSync(process.execPath, [at('server/dist/cli.cjs'), 'runtime/examples'], {
  cwd: root,
  stdio: 'inherit',
});
if (check.status !== 0 && check.status !== 1) throw new Error(`the checker failed (exit ${check.status})`);

say('the folder copier: runtime/src, copied by a pool of processes');
const copies = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-start-'));
try {
  run(process.execPath, [at('test/dist/examples/copier/copy-folder.js'), at('runtime/src'), path.join(copies, 'copy')]);
} finally {
  fs.rmSync(copies, { recursive: true, force: true });
}

const { openEditor } = await import('../host/open-editor.mjs');
await openEditor({ folder: at('runtime/examples'), stay });
