import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Process, SimpleQueue } from 'manycore';
import { readPrograms } from 'manycore/inspect';
import * as cold from './fixtures/cold.js';
import * as coldAwaits from './fixtures/coldAwaits.js';
import * as coldHooked from './fixtures/coldHooked.js';
import { DEADLINE, textOf } from './support.js';

type Target = (queue: SimpleQueue) => unknown;

/** What `target` puts into a queue, and what its process has said on stderr. */
async function askChild(target: Target, execArgv?: readonly string[]): Promise<{ got: unknown; stderr: string }> {
  const queue = new SimpleQueue();
  const child = new Process({ target, args: [queue], stdio: 'pipe', ...(execArgv && { execArgv }) });
  child.start();
  const stderr = textOf(child.stderr);
  await child.join({ timeout: DEADLINE });
  assert.equal(child.exitCode, 0, await stderr);
  const got = await queue.get();
  queue.close();
  return { got, stderr: await stderr };
}

/** The program's folder. */
function ownFolder(): string {
  const mine = readPrograms().find(program => program.mainPid === process.pid);
  assert.ok(mine);
  return mine.dir;
}

describe('a cold start', { timeout: DEADLINE * 2 }, () => {
  test("leaves compiled code alone that was made with other options of V8 than the process's", async () => {
    // Its code is laid down as the first child starts.
    assert.equal((await askChild(cold.answer, ['--no-opt'])).got, 1);
    const code = path.join(ownFolder(), 'code');
    const mains = fs.readFileSync(code);
    assert.equal((await askChild(cold.answer, ['--no-opt'])).got, 1);
    assert.ok(fs.readFileSync(code).equals(mains));
    assert.ok(!fs.existsSync(`${code}-of-child`));
  });

  test("loads none of Node's modules that a child can do without", async t => {
    const requireTakesAll = Reflect.get(process.features, 'require_module') === true;
    if (!requireTakesAll) return void t.skip('here the target is imported, which loads more');
    const say = `require('fs').writeSync(1, JSON.stringify(process.moduleLoadList))`;
    const bare = JSON.parse(execFileSync(process.execPath, ['-e', say], { encoding: 'utf8' })) as string[];
    const { got } = await askChild(cold.tellModules);
    const more = (got as string[]).filter(name => !bare.includes(name));
    const dear =
      /^NativeModule (child_process|crypto|dgram|http|inspector|module|net|os|perf_hooks|readline|stream|timers\/promises|tls|tty|v8|worker_threads|internal\/(child_process|crypto|fs\/promises|perf|readline)\b.*)$/;
    assert.deepEqual(
      more.filter(name => dear.test(name)),
      [],
    );
  });

  test('makes no second copy of a module, which says nothing that its user has not written', async () => {
    const { got, stderr } = await askChild(cold.tellIdentity);
    assert.equal(got, true);
    assert.equal(stderr, '');
  });

  test('gives a module that comes with a copy of the library the one that runs the child', async t => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-copy-'));
    t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
    const copy = path.join(dir, 'node_modules', 'manycore');
    const original = path.resolve(fileURLToPath(import.meta.resolve('manycore')), '../..');
    for (const name of ['package.json', 'dist'])
      fs.cpSync(path.join(original, name), path.join(copy, name), { recursive: true });
    const file = path.join(dir, 'user.mjs');
    fs.writeFileSync(
      file,
      `import { currentProcess } from 'manycore';\nexport const tell = queue => queue.put(currentProcess().name);\n`,
    );
    const { tell } = (await import(pathToFileURL(file).href)) as { tell: Target };
    assert.match(String((await askChild(tell)).got), /^Process-/);
  });

  test('takes a module that awaits something at its top level', async () => {
    const { got, stderr } = await askChild(coldAwaits.answer);
    assert.equal(got, 1);
    assert.equal(stderr, '');
  });

  test('has modules go through the hooks that an option of Node has put there', async () => {
    const hooks =
      'export async function load(url, context, next) { const loaded = await next(url, context); ' +
      "return url.endsWith('coldHooked.js') ? { ...loaded, source: String(loaded.source).replace('as it was written', 'hooked') } : loaded; }";
    const register = `import { register } from 'node:module'; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)});`;
    const option = `data:text/javascript,${encodeURIComponent(register)}`;
    assert.equal((await askChild(coldHooked.answer, ['--import', option])).got, 'hooked');
    assert.equal((await askChild(coldHooked.answer)).got, 'as it was written');
  });

  test('finds what the main process and then a child have compiled', async () => {
    const code = path.join(ownFolder(), 'code');
    await askChild(cold.answer);
    assert.ok(fs.existsSync(`${code}-of-child`));
    assert.equal(fs.statSync(code).mode & 0o777, 0o600);
    const drafts = fs.readdirSync(path.dirname(code)).filter(name => /^code-\d/.test(name));
    assert.deepEqual(drafts, []);
    const before = fs.statSync(code).mtimeMs;
    await askChild(cold.answer);
    assert.equal(fs.statSync(code).mtimeMs, before, 'it is laid down once');
  });

  test('does without the compiled code, and without the place of koffi, where they are spoilt', async () => {
    await askChild(cold.answer);
    const code = path.join(ownFolder(), 'code');
    const whole = fs.readFileSync(code);
    const length = whole.readUInt32LE(whole.length - 4);
    const place = whole.subarray(whole.length - 4 - length, whole.length - 4).toString();
    assert.ok(length === 0 || fs.existsSync(place), place);
    const elsewhere = Buffer.from(whole);
    elsewhere.write('/nowhere'.padEnd(length, 'x'), whole.length - 4 - length);
    const spoilt = [
      Buffer.alloc(0),
      whole.subarray(0, 3),
      whole.subarray(0, whole.length >> 1),
      Buffer.alloc(5000, 0xff),
      Buffer.concat([Buffer.from('another version'), whole]),
      elsewhere,
    ];
    try {
      for (const bytes of spoilt) {
        fs.writeFileSync(code, bytes);
        assert.equal((await askChild(cold.answer)).got, 1);
      }
      fs.rmSync(code);
      assert.equal((await askChild(cold.answer)).got, 1);
    } finally {
      fs.writeFileSync(code, whole);
    }
  });
});
