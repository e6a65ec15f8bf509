import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Checker, Lines } from 'manycore-check';
import { runProgram } from './support/program.js';
import { Workspace } from './support/workspace.js';

/** Values by how they are written, and whether they can travel. Run through the analyzer and through the real runtime. */
const CASES: readonly (readonly [expression: string, travels: boolean])[] = [
  ['null', true],
  ['[1, "a", true, 1n, undefined]', true],
  ['{ a: { b: [new Date(), /x/, new URL("http://a.b")] } }', true],
  ['new Map([[1, new Set([2])]])', true],
  ['new Uint8Array(4)', true],
  ['Buffer.from("a")', true],
  ['new Error("x", { cause: new TypeError("y") })', true],
  ['Symbol.for("shared")', true],
  ['exported', true],
  ['aliased', true],
  ['{ run: exported, type: Point }', true],
  ['new Point(1, 2)', true],
  ['Tools.twist', true],
  ['table.add', true],
  ['Math.max', true],
  ['path.join', true],
  ['new Hooked()', true],
  ['new Labelled("x")', true],
  ['new Queue<number>()', true],
  ['registered', true],
  ['(x: number) => x', false],
  ['function named() {}', false],
  ['{ f() { return 1; } }', false],
  ['[{ f: () => 1 }]', false],
  ['hidden', false],
  ['hiddenArrow', false],
  ['exported.bind(null, 1)', false],
  ['Symbol("local")', false],
  ['Promise.resolve(1)', false],
  ['new WeakMap()', false],
  ['new WeakSet()', false],
  ['new WeakRef({})', false],
  ['new Map([[1, 2]]).values()', false],
  ['[1, 2].entries()', false],
  ['generate()', false],
  ['new net.Socket()', false],
  ['{ deep: { socket: new net.Socket() } }', false],
  ['net.createServer()', false],
  ['new PassThrough()', false],
  ['new AbortController()', false],
  ['new AbortController().signal', false],
  ['new SharedArrayBuffer(8)', false],
  ['new Blob(["a"])', false],
  ['new Headers()', false],
  ['new Request("http://a.b")', false],
  ['new Response()', false],
  ['new FormData()', false],
  ['new TextDecoder()', false],
  ['new EventTarget()', false],
  ['new TransformStream()', false],
  ['new Intl.NumberFormat()', false],
  ['new Intl.DateTimeFormat("en")', false],
  ['new Intl.Collator()', false],
  ['new Local()', false],
  ['new Secret()', false],
  ['new Button()', false],
  ['new Wire()', false],
  ['createHash("sha1")', false],
  ['[new Point(1, 2), Promise.resolve(1)]', false],
];

const HEAD = `import { createHash } from 'node:crypto';
import net from 'node:net';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { expose, Queue } from 'manycore';

export function exported(x: number): number { return x; }
function inner(x: number): number { return x; }
export { inner as aliased };
const aliased = inner;
function hidden(x: number): number { return x; }
const hiddenArrow = (x: number): number => x;
function registered(x: number): number { return x; }
expose(import.meta, { registered });
export function* generate(): Generator<number> { yield 1; }
export class Point { constructor(readonly x: number, readonly y: number) {} length(): number { return this.x + this.y; } }
export class Tools { static twist(x: number): number { return -x; } }
export const table = { add(x: number): number { return x + 1; } };
export class Labelled extends Error {}
export class Hooked { #a = 1; [Symbol.for('manycore.reduce')](): unknown { return [Hooked, [this.#a]]; } }
class Local { a = 1; }
export class Secret { #a = 1; get a(): number { return this.#a; } }
export class Button { onClick = (): number => 1; }
export class Wire extends net.Socket {}
`;

const LINE = HEAD.split('\n').length;
const PROGRAM = `${HEAD}export async function put(queue: Queue<unknown>, index: number): Promise<void> {
${CASES.map(([expression], index) => `  if (index === ${String(index)}) await queue.put(${expression});`).join('\n')}
}
`;
const RUN = `${PROGRAM}
const queue = new Queue<unknown>();
const refused: number[] = [];
for (let index = 0; index < ${String(CASES.length)}; index++) {
  await put(queue, index).catch(error => {
    if (error.name !== 'PicklingError') throw error;
    refused.push(index);
  });
}
process.stdout.write(JSON.stringify(refused));
process.exit();
`;

describe('what can travel', () => {
  const workspace = new Workspace();
  const expressions = (indexes: readonly number[]): string[] => indexes.map(index => CASES[index]?.[0] ?? '');
  const wanted = CASES.flatMap(([, travels], index) => (travels ? [] : [index]));

  test('the runtime refuses exactly the values of the table that cannot', async () => {
    const { stdout, stderr } = await runProgram(workspace, 'run.ts', RUN);
    assert.ok(stdout.startsWith('['), stdout + stderr);
    assert.deepEqual(expressions(JSON.parse(stdout) as number[]), expressions(wanted));
  });

  test('the checker flags exactly the same ones', () => {
    const file = workspace.write('checked.ts', PROGRAM);
    const checker = new Checker({ roots: [workspace.root] });
    const lines = new Lines(PROGRAM);
    const flagged = checker.check(file).map(({ finding }) => lines.position(finding.span.start).line - LINE);
    assert.deepEqual(expressions([...new Set(flagged)]), expressions(wanted));
  });
});
