import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { after, describe, test } from 'node:test';
import { type Block, blocksOf, commentedOutput, folderOf, isProgram, pages, pattern, writePrograms } from './blocks.js';

const DEADLINE = 60_000;

interface Ran {
  readonly status: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, in the order in which they were written. */
  readonly all: string;
}

async function run(file: string, together: boolean): Promise<Ran> {
  const name = (stream: string): string => `${file}.${stream}`;
  const streams = together ? ['all', 'all'] : ['stdout', 'stderr'];
  const files = streams.map(stream => fs.openSync(name(stream), 'a'));
  const env = { ...process.env, NO_COLOR: '1' };
  const child = spawn(process.execPath, [file], { stdio: ['ignore', ...files], timeout: DEADLINE, env });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  for (const fd of files) fs.closeSync(fd);
  const text = (stream: string): string => (streams.includes(stream) ? fs.readFileSync(name(stream), 'utf8') : '');
  return { status: code ?? signal, stdout: text('stdout'), stderr: text('stderr'), all: text('all') };
}

/** The page shows either all the program prints in a block below it, or what it logs behind the lines that log it. */
async function check(block: Block, file: string): Promise<void> {
  if (block.output !== undefined) {
    const { all } = await run(file, true);
    assert.match(all, pattern(block.output));
    return;
  }
  const { status, stdout, stderr } = await run(file, false);
  assert.deepEqual(stdout.split('\n').slice(0, -1), commentedOutput(block), stderr);
  assert.equal(stderr, '');
  assert.equal(status, 0);
}

for (const page of pages) {
  const blocks = blocksOf(page).filter(isProgram);
  if (blocks.length === 0) continue;
  describe(page, { timeout: DEADLINE * 2 }, () => {
    const folder = folderOf(page, 'run');
    fs.rmSync(folder, { recursive: true, force: true });
    const written = writePrograms(page, folder);
    written.catch(() => undefined); // each test tells it
    after(() => fs.rmSync(folder, { recursive: true, force: true }));

    for (const { line, file } of blocks) {
      test(`${file} prints what the page says`, async () => {
        const [block, place] = [...(await written)].find(([{ line: at }]) => at === line) ?? [];
        assert.ok(block !== undefined && place !== undefined);
        await check(block, place);
      });
    }
  });
}
