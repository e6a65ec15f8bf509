import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';

/** The repository, seen from test/dist/docs. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

/** Every page that a reader of the library is sent to. */
export const pages: readonly string[] = [
  'README.md',
  'runtime/README.md',
  'runtime/examples/README.md',
  ...fs
    .readdirSync(path.join(root, 'runtime/docs'))
    .filter(file => file.endsWith('.md'))
    .map(file => `runtime/docs/${file}`),
];

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  readonly line: number;
  /** What stands behind the fence: `ts`, `js`, `sh`, `python`, `text`, `json`. */
  readonly kind: string;
  readonly code: string;
  /** A program's file, from its first line (`// name.ts`); `block-<line>.ts` without one. */
  readonly file: string;
  /** What the page says a program prints: the `text` block below it, where there is one. */
  readonly output: string | undefined;
}

const FENCE = /^```/;

export const textOf = (page: string): string => fs.readFileSync(path.join(root, page), 'utf8');

/** The blocks of a page, in order. Throws for a fence that a reader's eye takes for one and this does not. */
export function blocksOf(page: string): Block[] {
  const lines = textOf(page).split('\n');
  const found: (Omit<Block, 'output'> & { readonly end: number })[] = [];
  for (let i = 0; i < lines.length; i++) {
    const open = lines[i] ?? '';
    if (/^\s+```|^\s*~~~/.test(open)) throw new Error(`${page}:${i + 1}: a fence stands at the beginning of its line`);
    if (!FENCE.test(open)) continue;
    const end = lines.findIndex((line, at) => at > i && FENCE.test(line));
    if (end < 0) throw new Error(`${page}:${i + 1}: a block without an end`);
    const code = lines.slice(i + 1, end).join('\n');
    const kind = open.slice(3).trim();
    const file = /^\/\/ ([\w-]+\.[cm]?[jt]s)\b/.exec(code)?.[1] ?? `block-${i + 1}.${kind}`;
    found.push({ page, line: i + 1, kind, code: `${code}\n`, file, end });
    i = end;
  }
  return found.map(({ end, ...block }, i) => {
    const next = found[i + 1];
    const between = lines.slice(end + 1, next === undefined ? end + 1 : next.line - 1).join('');
    const belongs = next?.kind === 'text' && between.trim().length < 80 && !between.startsWith('#');
    return { ...block, output: belongs ? next.code : undefined };
  });
}

export const isProgram = ({ kind }: Block): boolean => kind === 'ts' || kind === 'js';

/** Where a page's programs are written: below the tests, where `manycore` is found. */
export function folderOf(page: string, purpose: string): string {
  return path.join(root, 'test/dist/docs', purpose, page.replace(/\.md$/, '').replaceAll('/', '-'));
}

/** Writes a page's programs side by side, as JavaScript that every supported Node runs, and says where each is. */
export async function writePrograms(page: string, folder: string): Promise<Map<Block, string>> {
  fs.mkdirSync(folder, { recursive: true });
  const places = new Map<Block, string>();
  for (const block of blocksOf(page).filter(isProgram)) {
    const place = path.join(folder, block.file.replace(/\.([cm]?)ts$/, '.$1js'));
    if ([...places.values()].includes(place))
      throw new Error(`${page}:${block.line}: two programs called ${block.file}`);
    const format = place.endsWith('.cjs') ? 'cjs' : 'esm';
    const { code } = await transform(block.code, { loader: 'ts', target: 'node20', format });
    fs.writeFileSync(place, code);
    places.set(block, place);
  }
  return places;
}

/** What a program prints by the comments behind its lines with `console.log`, in order. */
export function commentedOutput({ code }: Block): string[] {
  return [...code.matchAll(/console\.log\(.*\);? \/\/ (.*)$/gm)].map(([, printed = '']) => printed);
}

/** An expression for a shown output, in which `…` stands for anything within a line, and alone for any lines. */
export function pattern(shown: string): RegExp {
  const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const lines = shown.split('\n').map(line => {
    if (line.trim() === '…') return '(?:.*\\n)*?';
    return `${line.split('…').map(literally).join('.*?')}\\n`;
  });
  return new RegExp(`^${lines.join('').replace(/\\n$/, '')}$`);
}
