import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { transform } from 'esbuild';

/**
 * Every `ts` block of the pages in `runtime/docs` is a program: a first line `// name.ts` calls its file so that other
 * blocks of the page can import it, and what it prints is what stands behind its lines with `console.log`, in order. A
 * block that is no program is no `ts` block but a `text` one.
 */
const here = path.dirname(fileURLToPath(import.meta.url));
const docs = path.resolve(here, '../../../runtime/docs');
const run = promisify(execFile);
const DEADLINE = 60_000;

interface Block {
  readonly file: string;
  readonly code: string;
  readonly prints: readonly string[];
}

function blocksOf(page: string): Block[] {
  const text = fs.readFileSync(path.join(docs, page), 'utf8');
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ''], i) => ({
    file: /^\/\/ ([\w-]+)\.ts/.exec(code)?.[1] ?? `block-${i + 1}`,
    code,
    prints: [...code.matchAll(/console\.log\(.*\);? \/\/ (.*)$/gm)].map(([, printed = '']) => printed),
  }));
}

for (const page of fs.readdirSync(docs).filter(file => file.endsWith('.md'))) {
  const blocks = blocksOf(page);
  if (blocks.length === 0) continue;
  describe(`runtime/docs/${page}`, { timeout: DEADLINE * 2 }, () => {
    // Below the tests, where `manycore` is found.
    const folder = path.join(here, 'pages', path.basename(page, '.md'));
    fs.mkdirSync(folder, { recursive: true });
    const written = Promise.all(
      blocks.map(async ({ file, code }) => {
        const { code: plain } = await transform(code, { loader: 'ts', target: 'node20', format: 'esm' });
        fs.writeFileSync(path.join(folder, `${file}.js`), plain);
      }),
    );
    after(() => fs.rmSync(folder, { recursive: true, force: true }));

    for (const { file, prints } of blocks) {
      test(`${file}.ts prints what its comments say`, async () => {
        await written;
        const { stdout } = await run(process.execPath, [path.join(folder, `${file}.js`)], { timeout: DEADLINE });
        assert.deepEqual(stdout.split('\n').slice(0, -1), prints);
      });
    }
  });
}
