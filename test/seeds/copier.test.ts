import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type TestContext, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Outcome, runExample } from './program.js';
import { fingerprint, makeOddTree } from './trees.js';

const megabyte = 1024 * 1024;

function workingFolder(t: TestContext): string {
  const cwd = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-copier-'));
  t.after(() => {
    spawnSync('chmod', ['-R', 'u+w', cwd]); // only root may empty a read-only folder
    fs.rmSync(cwd, { recursive: true, force: true });
  });
  return cwd;
}

async function copy(cwd: string, ...args: string[]): Promise<Outcome> {
  const outcome = await runExample('copier/copy-folder', { cwd, args, deadline: 60_000 });
  assert.deepEqual(outcome.leftBehind, []);
  return outcome;
}

describe('the folder copier', { concurrency: 2 }, () => {
  test('makes a copy that is the same to the last byte, link and permission bit', async t => {
    const cwd = workingFolder(t);
    makeOddTree(path.join(cwd, 'odd [tree]'), 24 * megabyte + 17);
    const outcome = await copy(cwd, 'odd [tree]');
    assert.equal(outcome.stderr, '');
    assert.equal(outcome.exitCode, 0);
    assert.deepEqual(fingerprint(path.join(cwd, 'odd [tree][copy]')), fingerprint(path.join(cwd, 'odd [tree]')));
  });

  test('counts up to 100 percent, and never backwards', async t => {
    const cwd = workingFolder(t);
    makeOddTree(path.join(cwd, 'tree'), 8 * megabyte);
    const { stdout } = await copy(cwd, 'tree', 'elsewhere');
    const percents = [...stdout.matchAll(/^(\d+\.\d\d)% \(/gm)].map(match => Number(match[1]));
    assert.ok(percents.length > 5, stdout);
    assert.deepEqual(
      percents,
      [...percents].sort((a, b) => a - b),
    );
    assert.equal(percents.at(-1), 100);
    assert.ok(
      stdout.split('\n').every(line => /^(\d+\.\d\d% \(.*\)|Copied .*|)$/.test(line)),
      'a name broke a line',
    );
  });

  test('copies a folder with nothing in it', async t => {
    const cwd = workingFolder(t);
    fs.mkdirSync(path.join(cwd, 'nothing'));
    assert.equal((await copy(cwd, 'nothing')).exitCode, 0);
    assert.deepEqual(fs.readdirSync(path.join(cwd, 'nothing[copy]')), []);
  });

  test('fills a destination that is an empty folder, and makes the folders above one that is not there', async t => {
    const cwd = workingFolder(t);
    makeOddTree(path.join(cwd, 'tree'), 10);
    fs.mkdirSync(path.join(cwd, 'waiting'));
    assert.equal((await copy(cwd, 'tree/', 'waiting')).exitCode, 0);
    assert.equal((await copy(cwd, './tree', 'new/newer/newest')).exitCode, 0);
    assert.deepEqual(fingerprint(path.join(cwd, 'waiting')), fingerprint(path.join(cwd, 'tree')));
    assert.deepEqual(fingerprint(path.join(cwd, 'new/newer/newest')), fingerprint(path.join(cwd, 'tree')));
  });

  test('has nothing to do when the copy is there already', async t => {
    const cwd = workingFolder(t);
    makeOddTree(path.join(cwd, 'tree'), 3 * megabyte);
    await copy(cwd, 'tree');
    const again = await copy(cwd, 'tree');
    assert.equal(again.exitCode, 0);
    assert.match(again.stdout, /is that copy already/);
  });

  test('leaves out what is no file, says so, and does not claim a whole copy', async t => {
    const cwd = workingFolder(t);
    fs.mkdirSync(path.join(cwd, 'tree'));
    fs.writeFileSync(path.join(cwd, 'tree/file'), 'x');
    fs.writeFileSync(Buffer.concat([Buffer.from(path.join(cwd, 'tree/')), Buffer.from([0x66, 0xff])]), 'x');
    const fifo = spawnSync('mkfifo', [path.join(cwd, 'tree/pipe')]);
    const outcome = await copy(cwd, 'tree');
    assert.equal(outcome.exitCode, 1);
    assert.match(outcome.stderr, /left out: 'f\ufffd', its name is not UTF-8/);
    if (fifo.status === 0) assert.match(outcome.stderr, /left out: 'pipe', it is neither a file/);
    assert.deepEqual(fs.readdirSync(path.join(cwd, 'tree[copy]')), ['file']);
  });
});

test(
  'the folder copier whose workers are killed copies the rest, and says what is missing',
  { skip: fs.existsSync('/proc/self/environ') ? false : 'needs /proc to find the workers' },
  async t => {
    const cwd = workingFolder(t);
    fs.mkdirSync(path.join(cwd, 'tree'));
    for (let i = 0; i < 30; i++) fs.writeFileSync(path.join(cwd, `tree/${i}`), randomBytes(4 * megabyte));
    const outcome = await runExample('copier/copy-folder', {
      cwd,
      args: ['tree'],
      whenItSpeaks: children => children.forEach(pid => process.kill(pid, 'SIGKILL')),
    });
    assert.equal(outcome.exitCode, 1, outcome.stdout);
    assert.match(outcome.stderr, /SIGKILL/);
    const copied = Number(/^Copied (\d+) of 30 files/m.exec(outcome.stdout)?.[1]);
    assert.ok(copied >= 27 && copied < 30, outcome.stdout);
    const whole = new Set(fingerprint(path.join(cwd, 'tree')));
    assert.ok(fingerprint(path.join(cwd, 'tree[copy]')).filter(line => whole.has(line)).length >= copied);
    assert.deepEqual(outcome.leftBehind, []);
  },
);

describe('the folder copier refuses', { concurrency: 2 }, () => {
  const refusals: { what: string; args: string[]; says: RegExp }[] = [
    { what: 'a source that is not there', args: ['no such folder'], says: /there is no folder 'no such folder'/ },
    { what: 'a source below a file', args: ['file/below'], says: /there is no folder 'file\/below'/ },
    { what: 'a source that is a file', args: ['file'], says: /'file' is not a folder/ },
    { what: 'a destination that is the source', args: ['tree', './tree/'], says: /is the source itself/ },
    { what: 'a destination inside the source', args: ['tree', 'tree/sub/copy'], says: /lies inside 'tree'/ },
    { what: 'a destination inside it through a link', args: ['tree', 'way/copy'], says: /lies inside 'tree'/ },
    { what: 'a destination that is a file', args: ['tree', 'file'], says: /'file' exists and is not a folder/ },
    { what: 'a destination with other bytes', args: ['tree', 'bytes'], says: /other content, 'one' for one/ },
    { what: 'a destination with one file more', args: ['tree', 'more'], says: /other content, 'two' for one/ },
    { what: 'a destination above the source', args: ['above/tree', 'above'], says: /exists and has other content/ },
    { what: 'a third argument', args: ['tree', 'a', 'b'], says: /usage: copy-folder/ },
    { what: 'to guess the source', args: [], says: /usage: copy-folder/ },
  ];
  for (const { what, args, says } of refusals) {
    test(`${what}, and changes nothing`, async t => {
      const cwd = workingFolder(t);
      for (const folder of ['tree/sub', 'bytes/sub', 'more/sub', 'above/tree']) {
        fs.mkdirSync(path.join(cwd, folder), { recursive: true });
      }
      for (const file of ['file', 'tree/one', 'more/one', 'more/two']) fs.writeFileSync(path.join(cwd, file), 'same');
      fs.writeFileSync(path.join(cwd, 'bytes/one'), 'SAME');
      fs.symlinkSync('tree', path.join(cwd, 'way'));
      const before = fingerprint(cwd);

      const outcome = await copy(cwd, ...args);
      assert.match(outcome.stderr, says);
      assert.equal(outcome.exitCode, 2);
      assert.deepEqual(fingerprint(cwd), before);
    });
  }
});

const script = spawnSync('script', ['--version'], { encoding: 'utf8' });
const noTerminal = script.stdout?.includes('util-linux') ? false : 'no `script` of util-linux to make a terminal with';

test('the folder copier shows a bar on a terminal', { skip: noTerminal }, t => {
  const cwd = workingFolder(t);
  makeOddTree(path.join(cwd, 'tree'), 4 * megabyte);
  const program = fileURLToPath(new URL('../examples/copier/copy-folder.js', import.meta.url));
  const command = `'${process.execPath}' '${program}' tree`;
  const { stdout, status } = spawnSync('script', ['-qec', command, '/dev/null'], {
    cwd,
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, TERM: 'xterm' },
  });
  assert.equal(status, 0, stdout);
  const whole = fingerprint(path.join(cwd, 'tree'));
  const files = whole.filter(line => / file [0-7]{3} [0-9a-f]{64}$/.test(line)).length;
  assert.match(stdout, RegExp(`█{40} 100% \\| ${files}/${files} files \\| `));
  assert.match(stdout, RegExp(`Copied ${files} of ${files} files`));
  assert.deepEqual(fingerprint(path.join(cwd, 'tree[copy]')), whole);
});
