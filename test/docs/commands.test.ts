import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Listener } from 'manycore';
import { type Block, blocksOf, commentedOutput, folderOf, pages, root, textOf } from './blocks.js';

const blocks = pages.flatMap(blocksOf);
const where = ({ page, line }: Block): string => `${page}:${line}`;
const ofKind = (kind: string): Block[] => blocks.filter(block => block.kind === kind);

const { scripts } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
const helpOf = (bin: string): string => execFileSync(process.execPath, [bin, '--help'], { encoding: 'utf8' });

/** The options of a command line that the command's own help does not know. */
function unknownTo(bin: string, words: readonly string[]): string[] {
  const help = helpOf(path.join(root, bin));
  return words.filter(word => /^--?[a-z]/.test(word) || /^[a-z]+$/.test(word)).filter(word => !help.includes(word));
}

/** What is wrong with bundling the page's own program: it must print, from its bundle, what the page says. */
function bundled([file = '', ...options]: readonly string[]): string[] {
  const block = blocks.find(each => each.file === file);
  if (block === undefined) return [`no page has a program ${file}`];
  const folder = folderOf(block.page, 'bundled');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, file), block.code);
  const esbuild = path.join(root, 'node_modules/esbuild/bin/esbuild');
  execFileSync(esbuild, [file, ...options, '--log-level=error'], { cwd: folder });
  const output = options.find(option => option.startsWith('--outfile='))?.slice('--outfile='.length) ?? '';
  const printed = execFileSync(process.execPath, [output], { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  fs.rmSync(folder, { recursive: true });
  return printed === `${commentedOutput(block).join('\n')}\n` ? [] : [`the bundle prints ${printed}`];
}

/** What is wrong with a command that a page tells the reader to type. */
function faultsOf(command: string): string[] {
  const words = command.trim().split(/\s+/);
  const [program, first = '', ...rest] = words.filter(word => !/^[A-Z_]+=/.test(word));
  switch (program) {
    case 'npm':
      if (first === 'install') return rest.filter(name => !['manycore', 'tsx'].includes(name));
      return [first === 'run' ? (rest[0] ?? '') : first].filter(script => !(script in scripts));
    case 'npx':
      if (first === 'manycore') return unknownTo('runtime/bin/manycore.cjs', rest);
      if (first === 'tsx') return [];
      if (first === 'esbuild') return bundled(rest);
      return [first];
    case 'node':
      return [first, ...rest].filter(
        word => word.startsWith('--') && !process.allowedNodeEnvironmentFlags.has(word.replace(/=.*/, '')),
      );
    default:
      return [`${program}: no check for such a command in test/docs/commands.test.ts`];
  }
}

describe('the blocks of the pages', () => {
  test('are of kinds that are run or checked', () => {
    const known = ['ts', 'js', 'sh', 'python', 'text', 'json'];
    assert.deepEqual(
      blocks.filter(({ kind }) => !known.includes(kind)).map(block => `${where(block)}: ${block.kind || 'no kind'}`),
      [],
    );
  });

  test('that show an output stand right below the program that prints it', () => {
    const shown = blocks.flatMap(({ output }) => output ?? []);
    assert.deepEqual(
      ofKind('text')
        .filter(({ code }) => !shown.includes(code))
        .map(where),
      [],
    );
  });

  test('hold commands that there are, with options that they have', () => {
    const faults = ofKind('sh').flatMap(block =>
      block.code
        .split('\n')
        .map(line => line.replace(/(^|\s)#.*$/, '').trim())
        .filter(line => line !== '')
        .flatMap(line => faultsOf(line).map(fault => `${where(block)}: ${line}: ${fault}`)),
    );
    assert.deepEqual(faults, []);
  });

  for (const block of ofKind('json')) {
    test(`${where(block)} is JSON`, () => void JSON.parse(block.code));
  }

  const noPython = spawnSync('python3', ['--version']).status !== 0 && 'there is no python3';
  for (const block of ofKind('python')) {
    test(`${where(block)} reaches a listener from Python`, { skip: noPython, timeout: 60_000 }, async () => {
      const listener = await Listener({
        address: ['127.0.0.1', 0],
        authKey: Buffer.from('a secret of both'),
        legacyMd5: true,
      });
      assert.ok(block.code.includes("'127.0.0.1', 6000"));
      const port = (listener.address as readonly [string, number])[1];
      const program = block.code.replace("'127.0.0.1', 6000", `'127.0.0.1', ${port}`);
      const child = spawn('python3', ['-c', program], { stdio: ['ignore', 'ignore', 'inherit'] });
      const ended = once(child, 'exit');
      const connection = await listener.accept();
      assert.equal((await connection.recvBytes()).toString(), 'Ada');
      connection.close();
      listener.close();
      assert.deepEqual(await ended, [0, null]);
    });
  }
});

describe('the links of the pages', () => {
  const anchor = (heading: string): string =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
  const anchorsOf = (page: string): string[] =>
    [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchor(heading));

  test('lead to files that there are, and to headings that these have', () => {
    const prose = (page: string): string => textOf(page).replace(/`[^`\n]*`/g, '');
    const broken = pages.flatMap(page =>
      [...prose(page).matchAll(/\]\((?!https?:)([^)]+)\)/g)].flatMap(([, link = '']) => {
        const [file = '', heading] = link.split('#');
        const target = file === '' ? page : path.join(path.dirname(page), file);
        if (!fs.existsSync(path.join(root, target))) return `${page}: ${link}`;
        return heading === undefined || anchorsOf(target).includes(heading) ? [] : `${page}: ${link}`;
      }),
    );
    assert.deepEqual(broken, []);
  });

  test('reach every page of the library from its index', () => {
    const index = textOf('runtime/docs/README.md');
    const missing = pages
      .filter(page => path.dirname(page) === 'runtime/docs')
      .map(page => path.basename(page))
      .filter(name => name !== 'README.md' && !index.includes(`](${name})`));
    assert.deepEqual(missing, []);
  });
});
