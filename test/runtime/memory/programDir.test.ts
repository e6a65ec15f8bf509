import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./fixtures/program.js', import.meta.url));
const timeout = 30_000;

function tempRoot(t: test.TestContext): string {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-memory-'));
  t.after(() => fs.rmSync(root, { recursive: true, force: true }));
  return root;
}

async function start(root: string): Promise<{ dir: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [program], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, MANYCORE_DIR: root },
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { dir: line.toString().trim(), child };
}

async function end(child: ChildProcess, signal?: NodeJS.Signals): Promise<void> {
  const over = once(child, 'exit');
  if (signal === undefined) child.stdin?.write('go');
  else child.kill(signal);
  await over;
}

test('a program keeps its folder to itself while it runs, and takes it along', { timeout }, async t => {
  const root = tempRoot(t);
  const { dir, child } = await start(root);
  assert.equal(path.dirname(dir), root);
  assert.equal(fs.statSync(dir).mode & 0o777, 0o700);
  for (const file of fs.readdirSync(dir)) assert.equal(fs.statSync(path.join(dir, file)).mode & 0o077, 0, file);
  const description = JSON.parse(fs.readFileSync(path.join(dir, 'program.json'), 'utf8')) as Record<string, unknown>;
  assert.equal(description['mainPid'], child.pid);
  assert.equal(description['entry'], program);
  await end(child);
  assert.deepEqual(fs.readdirSync(root), []);
});

test('the next program removes what killed ones left, and nothing of those that live', { timeout }, async t => {
  const root = tempRoot(t);
  const [killed, living] = [await start(root), await start(root)];
  await end(killed.child, 'SIGKILL');
  assert.ok(fs.existsSync(killed.dir));
  const next = await start(root);
  assert.equal(fs.existsSync(killed.dir), false);
  assert.ok(fs.existsSync(path.join(living.dir, 'table')));
  await end(living.child);
  await end(next.child);
  assert.deepEqual(fs.readdirSync(root), []);
});

test('a stopped program counts as living', { timeout }, async t => {
  const root = tempRoot(t);
  const stopped = await start(root);
  stopped.child.kill('SIGSTOP');
  const next = await start(root);
  assert.ok(fs.existsSync(stopped.dir));
  stopped.child.kill('SIGCONT');
  await end(stopped.child);
  await end(next.child);
});

test('a folder that is just being made is left alone, an old one is not', { timeout }, async t => {
  const root = tempRoot(t);
  const [fresh, old] = [path.join(root, '.1-0000aaaa'), path.join(root, '.1-0000bbbb')];
  for (const dir of [fresh, old]) fs.mkdirSync(dir);
  fs.utimesSync(old, 0, 0);
  const { child } = await start(root);
  assert.equal(fs.existsSync(fresh), true);
  assert.equal(fs.existsSync(old), false);
  await end(child);
});

test('twelve programs that start at the same moment do not disturb each other', { timeout }, async t => {
  const root = tempRoot(t);
  const programs = await Promise.all(Array.from({ length: 12 }, () => start(root)));
  for (const { dir } of programs) assert.ok(fs.existsSync(path.join(dir, 'table')));
  await Promise.all(programs.map(({ child }) => end(child)));
  assert.deepEqual(fs.readdirSync(root), []);
});

test("what is not a program's folder is never touched, whatever its age and its name", { timeout }, async t => {
  const root = tempRoot(t);
  const files = [
    'photos/a.jpg',
    '.ssh/id',
    '123-0123abcd/notes.txt',
    '.123-0123abcd/notes.txt',
    '77-0123abcd/sub/slot-0',
  ];
  const old = new Date(Date.now() - 3_600_000);
  for (const file of files) {
    fs.mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), 'mine');
    fs.utimesSync(path.join(root, path.dirname(file)), old, old);
  }
  const { child } = await start(root);
  await end(child);
  for (const file of files) assert.equal(fs.readFileSync(path.join(root, file), 'utf8'), 'mine', file);
});
