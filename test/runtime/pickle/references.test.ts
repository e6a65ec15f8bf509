import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import nodePath from 'node:path';
import { internals } from '../internals.js';
import * as functions from './fixtures/functions.js';

const { decode, describeReference, encodeToBuffer, expose, NeedsModules, referenceOf } = internals.pickle;
const run = promisify(execFile);
const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const fixture = (name: string): string => path.join(here, 'fixtures', name);
/** Fixtures that must not be transpiled lie only in the source tree. */
const source = (name: string): string => path.join(here, '../../../runtime/pickle/fixtures/source', name);

interface Message {
  readonly message: string;
  readonly refusal: string;
}
async function send(module: string, execArgv: readonly string[] = []): Promise<Message> {
  const url = pathToFileURL(module).href;
  const { stdout } = await run(process.execPath, [...execArgv, fixture('send.js'), url], { timeout: 30_000 });
  return JSON.parse(stdout) as Message;
}
async function receive(message: string, how: string, execArgv: readonly string[] = []): Promise<string> {
  const args = [...execArgv, fixture('receive.js'), how, message];
  return (await run(process.execPath, args, { timeout: 30_000 })).stdout;
}

const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
const requiresModules = major > 22 || (major === 22 && minor >= 12);
const stripsTypes = Boolean(Reflect.get(process.features, 'typescript'));

describe('a function is named by its module and export', () => {
  const name = (fn: unknown): string => describeReference(referenceOf(fn as () => unknown)).replace(/^file:.*\//, '');
  const expected: readonly (readonly [string, unknown, string])[] = [
    ['exported function', functions.work, 'functions.js#work'],
    ['exported arrow function', functions.arrow, 'functions.js#arrow'],
    ['default export', functions.default, 'functions.js#default'],
    ['export under another name', functions.renamed, 'functions.js#renamed'],
    ['export of an alias', functions.alias, 'functions.js#alias'],
    ['exported class', functions.Holder, 'functions.js#Holder'],
    ['static method', functions.Holder.make, 'functions.js#Holder.make'],
    ['function in an exported object', functions.tasks.double, 'functions.js#tasks.double'],
    ['method of an exported object', functions.tasks.triple, 'functions.js#tasks.triple'],
    ['function of Node', nodePath.basename, 'node:path#basename'],
    ['global function', Math.hypot, 'Math.hypot'],
    ['global class', Map, 'Map'],
  ]; // prettier-ignore
  for (const [what, fn, reference] of expected) test(what, () => assert.equal(name(fn), reference));
});

describe('from one process to another', () => {
  const works = async (module: string, how: string, execArgv: readonly string[] = []): Promise<void> => {
    const { message, refusal } = await send(module, execArgv);
    assert.equal(await receive(message, how, execArgv), '[42,5,10]');
    assert.match(
      refusal,
      /^PicklingError: cannot send function 'hidden' \(.*:\d+:1\) to another process: its module does not/,
    );
  };
  test('ES module', () => works(fixture('modules.js'), 'async'));
  test('CommonJS module', () => works(source('plain.cjs'), 'async'));
  test('CommonJS module, without a turn of the event loop', () => works(source('plain.cjs'), 'sync'));
  test('ES module, without a turn of the event loop', { skip: !requiresModules && 'needs Node 22.12' }, () =>
    works(fixture('modules.js'), 'sync'),
  );
  test('type stripping', { skip: !stripsTypes && 'this Node does not strip types' }, () =>
    works(source('stripped.ts'), 'async'),
  );
  const tsx = path.join(here, '../../../../node_modules/tsx/dist/loader.mjs');
  test('tsx', { skip: !fs.existsSync(tsx) && 'tsx is not installed' }, () =>
    works(source('stripped.ts'), 'async', ['--import', pathToFileURL(tsx).href]),
  );
});

test('what needs an import says so, and names the modules', async () => {
  const { message } = await send(fixture('modules.js'));
  const error = await receive(message, 'plain');
  assert.match(
    error,
    /^NeedsModules: cannot read a message: it names file:.*functions\.js#work, file:.*classes\.js#Point/,
  );
  assert.match(
    error,
    /not loaded in this process \(pid \d+\)\. Import it first, or use the asynchronous form of the call\.$/,
  );
  assert.ok(new NeedsModules([]) instanceof internals.errors.UnpicklingError);
});

test('a missing module and a missing export are named, with both ends', async () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-pickle-'));
  const file = path.join(dir, 'gone.mjs');
  try {
    fs.copyFileSync(source('plain.cjs'), path.join(dir, 'plain.cjs'));
    fs.writeFileSync(
      file,
      'import all from "./plain.cjs"; export function work(x) { return x; } export class Point {} export const unsendable = all.unsendable;\n',
    );
    const { message } = await send(file);
    fs.writeFileSync(file, 'export const other = 1;\n');
    assert.match(
      await receive(message, 'async'),
      /^UnpicklingError: cannot read a message: process \d+ loaded file:.*gone\.mjs, which has no export 'work' \(sent from .*gone\.mjs:1:\d+\)/,
    );
    fs.rmSync(file);
    assert.match(
      await receive(message, 'async'),
      /^UnpicklingError: cannot read a message: process \d+ cannot import file:.*gone\.mjs, which 'work' \(sent from .*gone\.mjs:1:\d+\) belongs to: Cannot find module/,
    );
  } finally {
    fs.rmSync(dir, { recursive: true });
  }
});

test('a file that only the sender can load: the message says what the receiver was started with, and the way out', async () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-pickle-'));
  const file = path.join(dir, 'later.mjs');
  try {
    fs.writeFileSync(
      file,
      'export function work(x) { return x; } export class Point {} export const unsendable = [];\n',
    );
    fs.writeFileSync(path.join(dir, 'work.odd'), 'export function work(x) { return x; }\n');
    const { message } = await send(file);
    fs.writeFileSync(file, 'await import("./work.odd");\n');
    assert.match(
      await receive(message, 'async'),
      /work\.odd\. Its Node \(v\d.*, started with(out options|.*)\) has nothing to load such a file with: .*\[\.\.\.process\.execArgv, …\]/,
    );
  } finally {
    fs.rmSync(dir, { recursive: true });
  }
});

test('a class of a main module that still awaits at its top level is found without importing it', async () => {
  const options = { timeout: 30_000 };
  const { stdout: message } = await run(process.execPath, [fixture('awaiting.js')], options);
  const { stdout } = await run(process.execPath, [fixture('awaiting.js'), message], options);
  assert.equal(stdout, '[true,42]');
});

test('expose names functions that are not exported', () => {
  const local = (x: number): number => x;
  expose(import.meta, { local });
  assert.equal(describeReference(referenceOf(local)).replace(/^.*#/, ''), 'local');
  assert.equal(decode(encodeToBuffer(local)), local);
  assert.throws(
    () => expose(import.meta, { notOne: 1 as unknown as () => void }),
    /expose: 'notOne' is not a function/,
  );
});

test(
  'where the inspector is forbidden the refusal names expose',
  { skip: major < 22 && 'needs --permission' },
  async () => {
    const script = `const { pickle } = require(${JSON.stringify(path.join(here, '../../../../runtime/dist/internals.cjs'))});
    try { pickle.encode(function work() {}); } catch (error) { process.stdout.write(String(error)); }`;
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'manycore-pickle-'));
    const file = path.join(dir, 'main.cjs');
    fs.writeFileSync(file, script);
    try {
      const flags = [major >= 24 ? '--permission' : '--experimental-permission', '--allow-fs-read=*', '--allow-addons'];
      const { stdout } = await run(process.execPath, [...flags, file], { timeout: 30_000 });
      assert.match(stdout, /^PicklingError: cannot send function 'work' to another process: .*expose\(import\.meta/);
    } finally {
      fs.rmSync(dir, { recursive: true });
    }
  },
);

test('decoding works where code from strings is forbidden', async () => {
  const script = `const { pickle } = require(${JSON.stringify(path.join(here, '../../../../runtime/dist/internals.cjs'))});
    for (let i = 0; i < 20; i++) process.stdout.write(JSON.stringify(pickle.decode(pickle.encodeToBuffer({ i }))));`;
  const { stdout } = await run(process.execPath, ['--disallow-code-generation-from-strings', '-e', script]);
  assert.ok(stdout.endsWith('{"i":19}'), stdout);
});
