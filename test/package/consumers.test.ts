import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** Below the tests, where `manycore` is found. */
const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), 'consumers');

/** What a reader writes: every way to import, and types that must come out as they are. */
const PROGRAM = `
import * as all from 'manycore';
import { readPrograms, type ProgramSnapshot } from 'manycore/inspect';
import { AsyncResult, type Connection, Empty, isMain, Pipe, Pool, Process, Queue } from 'manycore';

export const square = (x: number): number => x * x;
export async function shout(end: Connection<string>, times?: number): Promise<void> {
  await end.send((await end.recv()).repeat(times ?? 1));
}
export class Worker extends Process {
  readonly label: string;
  constructor(label: string) {
    super({ name: label });
    this.label = label;
  }
  override async run(): Promise<void> {}
}

async function main(): Promise<void> {
  await using pool = new Pool({ processes: 2, memoryLimit: '512MB' });
  const squares: number[] = await pool.map(square, [1, 2], { chunkSize: 1, timeout: 1000 });
  const handle: AsyncResult<number> = pool.applyAsync(square, [3], { callback: (x: number) => x });
  for await (const y of pool.imap(square, new Set([4]))) squares.push(y);
  const [mine, theirs] = Pipe<string>();
  const child = new Process({ target: shout, args: [theirs] });
  using held = await new all.Lock().acquire();
  const perhaps: all.Held | false = await new all.Lock().acquire({ timeout: 10 });
  const queue = new Queue<Map<string, Date>>(3);
  const got: Date | undefined = (await queue.get({ timeout: 5 }).catch((e: unknown) => e instanceof Empty ? new Map<string, Date>() : Promise.reject(e))).get('x');
  const programs: ProgramSnapshot[] = readPrograms();
  // @ts-expect-error: the target takes a connection
  new Process({ target: shout, args: [1] });
  // @ts-expect-error: the target takes an argument
  new Process({ target: square });
  // @ts-expect-error: squares are made of numbers
  await pool.map(square, ['1']);
  // @ts-expect-error: no such option
  new Pool({ chunksize: 1 });
  console.log(isMain, new Worker('w').label, handle, mine, child, held, perhaps, got, programs);
}
void main;
`;

const settings = {
  noEmit: true,
  target: 'es2022',
  lib: ['es2023', 'esnext.disposable'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  verbatimModuleSyntax: false,
  skipLibCheck: false,
  types: ['node'],
};

/** How a project finds packages, and what its files are called then. */
const PROJECTS = [
  { files: ['program.mts', 'program.cts'], options: { module: 'nodenext', moduleResolution: 'nodenext' } },
  { files: ['program.mts', 'program.cts'], options: { module: 'node16', moduleResolution: 'node16' } },
  { files: ['program.ts'], options: { module: 'esnext', moduleResolution: 'bundler' } },
];

function compile(tsc: string, index: number): string {
  const project = PROJECTS[index];
  assert.ok(project);
  const place = path.join(folder, `project-${index}`);
  fs.mkdirSync(place, { recursive: true });
  for (const file of project.files) fs.writeFileSync(path.join(place, file), PROGRAM);
  const compilerOptions = { ...settings, ...project.options };
  fs.writeFileSync(path.join(place, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: project.files }));
  return spawnSync(process.execPath, [tsc, '-p', place, '--pretty', 'false'], { encoding: 'utf8' }).stdout;
}

const require = createRequire(import.meta.url);
const OLDEST = '5.7';

/** The oldest compiler the README promises: asked of npm, which keeps what it has fetched once. */
function oldestCompiler(): string | undefined {
  const place = path.join(folder, '..', 'typescript-oldest');
  const tsc = path.join(place, 'node_modules/typescript/lib/tsc.js');
  if (fs.existsSync(tsc)) return tsc;
  fs.mkdirSync(place, { recursive: true });
  fs.writeFileSync(path.join(place, 'package.json'), '{}');
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', `typescript@~${OLDEST}.0`];
  spawnSync('npm', install, { cwd: place, timeout: 60_000, stdio: 'ignore' });
  return fs.existsSync(tsc) ? tsc : undefined;
}

describe('A strict program compiles against the declarations', () => {
  before(() => fs.rmSync(folder, { recursive: true, force: true }));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  const oldest = oldestCompiler();
  const compilers = [
    { version: 'TypeScript of this repository', tsc: require.resolve('typescript/lib/tsc.js') },
    { version: `TypeScript ${OLDEST}`, tsc: oldest },
  ];
  for (const { version, tsc } of compilers) {
    const skip = tsc === undefined && `npm cannot install ${version} here`;
    PROJECTS.forEach(({ files, options }, index) => {
      test(`${version}, ${options.moduleResolution}, ${files.join(' and ')}`, { skip }, () => {
        assert.equal(compile(tsc ?? '', index), '');
      });
    });
  }
});
