import assert from 'node:assert/strict';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

/** What a user sees when something that the library stands on is missing: one clear error that says the way out. */
const root = fileURLToPath(new URL('../../../../', import.meta.url));
const program = fileURLToPath(new URL('./fixtures/makeLock.js', import.meta.url));
const filler = fileURLToPath(new URL('./fixtures/fillMemory.js', import.meta.url));

function run(file: string, env: NodeJS.ProcessEnv = {}): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [file], { encoding: 'utf8', env: { ...process.env, ...env }, timeout: 60_000 });
}

function tempDir(t: test.TestContext): string {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-unplugged-'));
  t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Fails with exit code 1 and the expected message, and says it once, with the user's line and none of our own. */
function assertClear(result: SpawnSyncReturns<string>, message: RegExp): void {
  assert.equal(result.status, 1, result.stderr);
  assert.equal(result.stdout, '');
  assert.match(result.stderr, message);
  assert.match(result.stderr, /makeLock\.js/);
  // The place it was thrown from is printed by Node above the message; no frame of ours follows it.
  assert.doesNotMatch(result.stderr, /^ {4}at .*(manycore|runtime)\/dist\//m);
  assert.ok(result.stderr.split('\n').length < 30, result.stderr);
}

for (const [what, koffi] of [
  ["koffi's binary", true],
  ['koffi', false],
] as const) {
  test(`${what} is absent`, t => {
    const dir = tempDir(t);
    const modules = path.join(dir, 'node_modules');
    const library = path.join(modules, 'manycore');
    fs.mkdirSync(path.join(library, 'dist'), { recursive: true });
    fs.copyFileSync(path.join(root, 'runtime/package.json'), path.join(library, 'package.json'));
    for (const file of fs.readdirSync(path.join(root, 'runtime/dist')).filter(name => /\.c?js$/.test(name))) {
      fs.copyFileSync(path.join(root, 'runtime/dist', file), path.join(library, 'dist', file));
    }
    if (koffi) {
      // Without what lies beside it: the binary is a package of its own.
      fs.cpSync(path.join(root, 'node_modules/koffi'), path.join(modules, 'koffi'), { recursive: true });
    }
    fs.copyFileSync(program, path.join(dir, 'makeLock.js'));
    fs.writeFileSync(path.join(dir, 'package.json'), '{ "type": "module" }');
    const result = run(path.join(dir, 'makeLock.js'));
    assertClear(result, /PlatformError: .*koffi.*npm install --include=optional/);
    assert.match(result.stderr, /ERR_MANYCORE_PLATFORM/);
  });
}

test('a folder of the wrong mode is refused', t => {
  const dir = tempDir(t);
  fs.chmodSync(dir, 0o755);
  assertClear(run(program, { MANYCORE_DIR: dir }), /PlatformError: .*folder of this user alone \(mode 0700\)/);
});

test('a link in place of the folder is refused', t => {
  const dir = tempDir(t);
  const link = path.join(dir, 'link');
  fs.mkdirSync(path.join(dir, 'real'), { mode: 0o700 });
  fs.symlinkSync(path.join(dir, 'real'), link);
  assertClear(run(program, { MANYCORE_DIR: link }), /PlatformError: .*folder of this user alone/);
});

const isRoot = process.getuid?.() === 0;
test('a folder of somebody else is refused', { skip: isRoot ? false : 'only root can give a folder away' }, t => {
  const dir = tempDir(t);
  fs.chownSync(dir, 65534, 65534);
  assertClear(run(program, { MANYCORE_DIR: dir }), /PlatformError: .*folder of this user alone/);
});

test('a place that cannot be made is named', t => {
  const file = path.join(tempDir(t), 'file');
  fs.writeFileSync(file, '');
  assertClear(run(program, { MANYCORE_DIR: path.join(file, 'below') }), /OSError: .*file\/below.*MANYCORE_DIR/);
});

test('a file in place of the folder is named as such', t => {
  const file = path.join(tempDir(t), 'file');
  fs.writeFileSync(file, '');
  assertClear(run(program, { MANYCORE_DIR: file }), /OSError: .*file, which is a file, not a folder.*MANYCORE_DIR/);
});

test("a umask that takes the owner's own rights is named", t => {
  const root = path.join(tempDir(t), 'root');
  const script = 'umask 0777 && exec "$0" "$1"';
  const result = spawnSync('sh', ['-c', script, process.execPath, program], {
    encoding: 'utf8',
    env: { ...process.env, MANYCORE_DIR: root },
    timeout: 60_000,
  });
  assertClear(result, /PlatformError: .*umask \(0777\)/);
  assert.equal(fs.statSync(root).mode & 0o777, 0o700);
  assert.deepEqual(fs.readdirSync(root), []);
});

/** Mounts need root, or a user namespace of one's own. */
const unshare = [['-m'], ['-rm']].find(
  flags => spawnSync('unshare', [...flags, 'sh', '-c', 'mount -t tmpfs none /mnt'], { stdio: 'ignore' }).status === 0,
);
const mounts = { skip: unshare === undefined ? 'this user may not mount a file system' : false };

function runOnTmpfs(dir: string, options: string, file: string): SpawnSyncReturns<string> {
  const script = `mount -t tmpfs -o mode=0700,${options} none "$0" && MANYCORE_DIR="$0" exec "$1" "$2"`;
  return spawnSync('unshare', [...(unshare ?? []), 'sh', '-c', script, dir, process.execPath, file], {
    encoding: 'utf8',
    timeout: 60_000,
  });
}

test('a read-only tmpfs', mounts, t => {
  assertClear(runOnTmpfs(tempDir(t), 'ro', program), /OSError: .*is on a read-only file system.*MANYCORE_DIR/);
});

test('a tmpfs without room for a program', mounts, t => {
  assertClear(runOnTmpfs(tempDir(t), 'size=1m', program), /OSError: .*ENOSPC/);
});

test('a tmpfs that fills up is an error where memory was asked for, and nothing worse', mounts, t => {
  const result = runOnTmpfs(tempDir(t), 'size=8m', filler);
  assert.equal(result.signal, null);
  assert.equal(result.status, 0, result.stderr);
  assert.match(result.stdout, /^ENOSPC cannot reserve .* bytes of shared memory/);
  assert.match(result.stdout, /still here/);
});
