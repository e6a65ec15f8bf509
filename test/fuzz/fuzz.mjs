// `npm run fuzz`: builds what it needs, then fuzzes; see cli.ts for the arguments.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const run = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
process.exitCode = run('esbuild.mjs', 'internals', 'tests') || run('test/dist/fuzz/cli.js', ...process.argv.slice(2));
