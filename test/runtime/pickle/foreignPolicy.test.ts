import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { internals } from '../internals.js';
import { forge, forgeReference, type ForgedReference } from './forge.js';

const { ForeignPolicy } = internals.pickle;
const { UnpicklingError } = internals.errors;

/** A receiving program in a package of its own, with a canary in every module that it might be talked into importing. */
class Receiver {
  readonly root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-foreign-')));
  readonly #children: ChildProcess[] = [];

  url(file: string): string {
    return pathToFileURL(path.join(this.root, file)).href;
  }

  write(file: string, text?: string): string {
    const canary = `import fs from 'node:fs'; fs.appendFileSync(${JSON.stringify(path.join(this.root, 'ran'))}, ${JSON.stringify(`${file}\n`)});`;
    const place = path.join(this.root, file);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.writeFileSync(place, text ?? `${canary} export function f() { return 1; } export class C {}\n`);
    return place;
  }

  /** The modules that ran since this was asked for last. */
  ran(): string[] {
    const file = path.join(this.root, 'ran');
    const lines = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim().split('\n') : [];
    fs.rmSync(file, { force: true });
    return lines;
  }

  /** Starts the program at `app/main.mjs`; answers what it makes of one message after the other. */
  start(loads?: string): (bytes: Buffer, how?: string, allow?: string[]) => Promise<string> {
    const child = spawn(process.execPath, [path.join(this.root, 'app/main.mjs')], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...(loads === undefined ? {} : { LOADS: loads }) },
    });
    this.#children.push(child);
    const lines = readline.createInterface(child.stdout)[Symbol.asyncIterator]();
    return async (bytes, how = 'async', allow) => {
      child.stdin.write(`${JSON.stringify({ hex: bytes.toString('hex'), how, allow })}\n`);
      const { value } = (await lines.next()) as { value: string };
      return JSON.parse(value) as string;
    };
  }

  close(): void {
    for (const child of this.#children) child.kill();
    fs.rmSync(this.root, { recursive: true });
  }
}

describe('which functions a message of another program may name', () => {
  const at = new Receiver();
  let ask: ReturnType<Receiver['start']>;
  const about = (reference: Partial<ForgedReference> & { url: string }, how?: string, allow?: string[]) =>
    ask(forgeReference({ name: 'f', ...reference }), how, allow);
  before(() => {
    at.write('app/package.json', '{}');
    at.write(
      'app/main.mjs',
      `import ${JSON.stringify(new URL('./fixtures/receiveForeign.js', import.meta.url).href)};`,
    );
    for (const file of [
      'app/lib.mjs',
      'app/sub/deep.mjs',
      'app/node_modules/dep/index.mjs',
      'outside.mjs',
      'app2/x.mjs',
    ])
      at.write(file);
    at.write('loaded.mjs');
    at.write(
      'app/plain.cjs',
      'exports.f = function f() {}; exports.tools = { get trap() { globalThis.sprung = true; return () => 1; }, own() {} };',
    );
    at.write('app/native.node', 'no program');
    fs.symlinkSync(path.join(at.root, 'outside.mjs'), path.join(at.root, 'app/link.mjs'));
    fs.symlinkSync(at.root, path.join(at.root, 'app/up'));
    ask = at.start(at.url('loaded.mjs'));
  });
  after(() => at.close());

  test('those of its own package, which is imported for it', async () => {
    assert.equal(await about({ url: at.url('app/lib.mjs') }), 'function f');
    assert.equal(await about({ url: at.url('app/sub/deep.mjs') }), 'function f');
    assert.equal(await about({ url: at.url('app/plain.cjs'), kind: 'cjs' }, 'sync'), 'function f');
    assert.deepEqual(at.ran(), ['loaded.mjs', 'app/lib.mjs', 'app/sub/deep.mjs']);
  });

  test('those of what it has loaded, wherever that is', async () => {
    assert.equal(await about({ url: at.url('loaded.mjs') }), 'function f');
    assert.deepEqual(at.ran(), []);
  });

  test('without loading, they are named', async () => {
    const fresh = at.start();
    assert.match(
      await fresh(forgeReference({ url: at.url('app/lib.mjs'), name: 'f' }), 'foreign'),
      /^NeedsModules: .*app\/lib\.mjs#f/,
    );
    assert.deepEqual(at.ran(), []);
  });

  test('not those of any other file; the refusal says how to allow it, and nothing is imported', async () => {
    const url = at.url('outside.mjs');
    assert.equal(
      await about({ url }),
      `UnpicklingError: cannot read a message from another program: it names ${url}#f, which this process has not ` +
        `loaded and which is no source file of its package (${path.join(at.root, 'app')}). Import that module first, ` +
        `or allow it: { allowModules: ["${url}"] }.`,
    );
    for (const file of [
      'app2/x.mjs',
      'app/node_modules/dep/index.mjs',
      'app/link.mjs',
      'app/up/outside.mjs',
      'app/up/app/lib.mjs',
      'app/native.node',
      'app/package.json',
      'app/none.mjs',
    ])
      for (const how of ['async', 'sync', 'foreign'])
        assert.match(
          await about({ url: at.url(file) }, how),
          /^UnpicklingError: cannot read a message from another program/,
          file,
        );
    assert.deepEqual(at.ran(), []);
  });

  test('not through another spelling of a file', async () => {
    const lib = at.url('app/lib.mjs');
    const spellings = [
      lib.replace('app/lib', 'app/../outside'),
      lib.replace('app/lib', 'app/%2e%2e/outside'),
      lib.replace('app/lib', 'app/%2E%2E%2Foutside'),
      lib.replace('app/lib', 'app/..%5coutside'),
      lib.replace('app/lib', 'app/./lib'),
      lib.replace('app/lib', 'app//lib'),
      lib.replace('lib', '%6cib'),
      lib.replace('lib', 'LIB'),
      lib.replace('app', 'App'),
      `${lib}?1`,
      `${lib}#1`,
      `${lib}%00.mjs`,
      lib.replace('file:///', 'file://localhost/'),
      lib.replace('file:///', 'file://example.org/'),
      lib.replace('file:///', 'file:////'),
      lib.replace('file:///', 'file:/'),
      lib.replace('file:', 'FILE:'),
      `file:///C:${lib.slice(7)}`,
      lib.replaceAll('/', '\\'),
      ` ${lib}`,
    ];
    for (const url of spellings) {
      assert.match(await about({ url }), /^UnpicklingError: cannot read a message/, url);
      assert.match(await about({ url, kind: 'cjs' }), /^UnpicklingError: cannot read a message/, url);
      assert.match(await about({ url, kind: 'exposed' }), /^UnpicklingError: cannot read a message/, url);
    }
    assert.deepEqual(at.ran(), []);
  });

  test('not those of text, of the network, or of Node’s modules that act', async () => {
    const canary = `import fs from 'node:fs'; fs.writeFileSync(${JSON.stringify(path.join(at.root, 'ran'))}, 'data'); export function f() {}`;
    for (const url of [
      `data:text/javascript,${canary}`,
      'http://127.0.0.1:9/x.mjs',
      'https://127.0.0.1:9/x.mjs',
      'blob:nodedata:1',
      '',
      'lib.mjs',
    ])
      for (const how of ['async', 'sync', 'inside', 'insideAsync'])
        assert.match(await about({ url }, how), /^UnpicklingError: cannot read a message/, url);
    for (const [url, name] of [
      ['node:fs', 'rmSync'],
      ['node:child_process', 'execSync'],
      ['node:process', 'exit'],
      ['node:vm', 'runInThisContext'],
    ] as const)
      assert.match(
        await about({ kind: 'node', url, name }),
        /that module of Node does more than compute\. \{ allowModules: \["node:/,
      );
    for (const [name, member] of [
      ['fetch', ''],
      ['setTimeout', ''],
      ['Reflect', 'apply'],
      ['Object', 'setPrototypeOf'],
      ['Buffer', 'allocUnsafe'],
      ['WebSocket', ''],
      ['eval', ''],
      ['Function', ''],
    ] as const)
      assert.match(await about({ kind: 'global', url: '', name, member }), /^UnpicklingError/, name);
    assert.equal(await about({ kind: 'node', url: 'node:path', name: 'join' }), 'function join');
    assert.equal(await about({ kind: 'global', url: '', name: 'Math', member: 'max' }), 'function max');
    assert.deepEqual(at.ran(), []);
  });

  test('one reference that is refused keeps all others of the message from being imported', async () => {
    const fresh = at.start();
    const two = forge([0x2a, 0, 0], [
      { url: at.url('app/lib.mjs'), name: 'f' },
      { url: at.url('outside.mjs'), name: 'f' },
    ]); // prettier-ignore
    assert.match(await fresh(two), /outside\.mjs#f, which this process has not loaded/);
    assert.deepEqual(at.ran(), []);
  });

  test('an export by another’s name is not taken for it', async () => {
    assert.equal(
      await about({ url: at.url('app/plain.cjs'), kind: 'cjs', name: 'tools', member: 'own' }),
      'function own',
    );
    // What was found once under its own name must not be found under words that only look the same.
    const own = at.url('app/plain.cjs');
    for (const [kind, url, name, member] of [
      ['global', '', `${own}#f`, ''],
      ['library', '', `${own}#tools`, 'own'],
      ['global', '', `${own}#tools`, 'own'],
      ['cjs', own, 'tools.own', ''],
    ] as const)
      for (const how of ['async', 'inside'])
        assert.match(await about({ kind, url, name, member }, how), /^UnpicklingError/, name);
    for (const [name, member] of [
      ['__proto__', ''],
      ['constructor', ''],
      ['hasOwnProperty', ''],
      ['f', '__proto__'],
      ['f', 'call'],
      ['f', 'constructor'],
      ['tools', '__proto__'],
      ['tools.own', ''],
      ['tools', 'own.name'],
    ] as const)
      for (const kind of ['cjs', 'esm'])
        assert.match(
          await about({ kind, url: own, name, member }),
          /^UnpicklingError.*which has no (export|function)/,
          `${name}.${member}`,
        );
    // A getter of an exported object is code that nobody asked for.
    assert.match(await about({ kind: 'cjs', url: own, name: 'tools', member: 'trap' }), /^UnpicklingError/);
  });

  test('what the receiver allows: a module, a folder, or what a function says', async () => {
    const url = at.url('outside.mjs');
    assert.equal(await about({ url }, 'async', [path.join(at.root, 'outside.mjs')]), 'function f');
    assert.deepEqual(at.ran(), ['outside.mjs']);
    assert.equal(await about({ url: at.url('app2/x.mjs') }, 'async', [`${path.join(at.root, 'app2')}/`]), 'function f');
    assert.deepEqual(at.ran(), ['app2/x.mjs']);
    assert.match(
      await about({ url: at.url('app/link.mjs').replace('link', 'up/outside') }, 'async', [`${at.url('app2')}/`]),
      /^Unpick/,
    );
    assert.equal(
      await about({ kind: 'node', url: 'node:fs', name: 'statSync' }, 'async', ['node:fs']),
      'function statSync',
    );
    assert.match(
      await about({ kind: 'node', url: 'node:os', name: 'tmpdir' }, 'async', ['node:fs']),
      /^UnpicklingError/,
    );
    const policy = new ForeignPolicy((module, name) => module === url && name === 'f');
    const reference = { kind: 'esm', url, name: 'f', member: '' } as Parameters<typeof policy.check>[0];
    policy.check(reference);
    assert.throws(() => policy.check({ ...reference, name: 'g' }), UnpicklingError);
    assert.throws(() => new ForeignPolicy(['lib.mjs']), { name: 'TypeError', message: /neither an absolute path nor/ });
  });

  test('inside a program: any file, and Node’s modules; never text or the network', async () => {
    const fresh = at.start();
    const url = at.url('outside.mjs');
    assert.equal(await fresh(forgeReference({ url, name: 'f' }), 'insideAsync'), 'function f');
    assert.equal(
      await fresh(forgeReference({ kind: 'node', url: 'node:fs', name: 'statSync' }), 'inside'),
      'function statSync',
    );
    assert.deepEqual(at.ran(), ['outside.mjs']);
  });
});
