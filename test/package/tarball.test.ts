import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const runtime = path.join(root, 'runtime');

describe('what npm packs of the library', () => {
  let names: string[] = [];

  before(() => {
    const command = ['pack', '--dry-run', '--json', '--workspace', 'runtime'];
    const printed = execFileSync('npm', command, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const answer = JSON.parse(printed) as Packed[] | Record<string, Packed>;
    names = Object.values(answer).flatMap(({ files }) => files.map(file => file.path));
  });

  interface Packed {
    readonly files: readonly { readonly path: string }[];
  }

  test('has what its manifest names, the bundles that load each other, and the licences of what they hold', () => {
    const wanted = [
      'index.js',
      'index.cjs',
      'inspect.js',
      'inspect.cjs',
      'futures.js',
      'bundledFutures.js',
      'futures.cjs',
      'core.cjs',
      'runtime.cjs',
      'parser.cjs',
    ];
    const files = [
      ...wanted,
      'progressBar.cjs',
      'bundled.js',
      'types/index.d.ts',
      'types/index.d.cts',
      'THIRD-PARTY.txt',
    ];
    for (const file of [...files, 'cli.cjs']) assert.ok(names.includes(`dist/${file}`), file);
    assert.ok(names.includes('bin/manycore.cjs'));
    const notices = fs.readFileSync(path.join(runtime, 'dist', 'THIRD-PARTY.txt'), 'utf8');
    for (const name of ['acorn', 'cli-progress', 'string-width', 'ws']) {
      assert.match(notices, new RegExp(`^${name} [\\d.]+ \\(MIT\\)\\n\\n.*?Permission is hereby granted`, 'ms'));
    }
  });

  test("has types that bring Node's along, whatever the user's compiler takes in by itself", () => {
    for (const file of ['index.d.ts', 'inspect/index.d.ts', 'futures/index.d.ts']) {
      const text = fs.readFileSync(path.join(runtime, 'dist', 'types', file), 'utf8');
      assert.match(text, /^\/\/\/ <reference types="node"/m, file);
    }
  });

  test('has the pages that its pages link to', () => {
    const pages = names.filter(name => name.endsWith('.md'));
    assert.ok(pages.length > 5);
    const missing = pages.flatMap(page => {
      const text = fs.readFileSync(path.join(runtime, page), 'utf8').replace(/`[^`\n]*`/g, '');
      // The plots are not packed: what they say is written under them.
      const links = [...text.matchAll(/(?<!!\[[^\]]*)\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) => link);
      const targets = links.map(link => path.posix.join(path.posix.dirname(page), link));
      return targets.filter(target => !names.includes(target)).map(target => `${page}: ${target}`);
    });
    assert.deepEqual(missing, []);
  });

  test('has no sources, no tests, and nothing of the inner layers', () => {
    assert.deepEqual(
      names.filter(name => /^(src|examples)\/|\binternals\b|(?<!\.d)\.ts$|tsbuildinfo/.test(name)),
      [],
    );
  });
});
