import fs from 'node:fs';
import type { SourceMap, SourceMapPayload } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { nodeModule } from '../../lazyNode.js';

/** `    at name (file:///place.js:1:2)`, with a URL in modules and a path in CommonJS, and what may follow. */
const FRAME = /^(\s+at (?:.*[( ])?)((?:file:\/\/|[A-Za-z]:[\\/]|\/).*):(\d+):(\d+)(\)?.*)$/;
const COMMENT = /^\/\/[#@] ?sourceMappingURL=(\S+)\s*$/gm;
/** By the URL of the code: a pool's worker may have many failures to tell. */
const maps = new Map<string, SourceMap | undefined>();
/** A longer line is part of a message. */
const LONGEST_LINE = 4096;
/** Beyond this many bytes a map is not worth the time. */
const MOST = 64 * 2 ** 20;

/** Whether Node keeps the source maps of what it loads, and tells stacks by them. */
export const sourceMapsEnabled = (): boolean =>
  'sourceMapsEnabled' in process && (process as { sourceMapsEnabled?: unknown }).sourceMapsEnabled === true;

/**
 * A stack in lines of the sources, for code that was compiled and says, in itself or in a file, from what: what Node
 * does only if it was started with `--enable-source-maps`, and then has done already. Never throws.
 */
export function mapStack(text: string): string {
  if (sourceMapsEnabled()) return text;
  return text
    .split('\n')
    .map(line => {
      const [, before = '', place = '', row, column, after = ''] =
        (line.length > LONGEST_LINE ? undefined : FRAME.exec(line)) ?? [];
      if (row === undefined) return line;
      const url = place.startsWith('file:') ? place : pathToFileURL(place).href;
      if (!maps.has(url)) maps.set(url, mapOf(url));
      const entry = maps.get(url)?.findEntry(Number(row) - 1, Number(column) - 1);
      if (entry === undefined || !('originalSource' in entry)) return line;
      const source = sourcePlace(entry.originalSource, url, place.startsWith('file:'));
      return `${before}${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}${after}`;
    })
    .join('\n');
}

/** As a path where the code is known by a path. */
function sourcePlace(source: string, url: string, asUrl: boolean): string {
  if (!URL.canParse(source, url)) return source;
  const { href } = new URL(source, url);
  return asUrl || !href.startsWith('file:') ? href : fileURLToPath(href);
}

/** The map of a file of code; its sources are relative to the map, which lies beside the file or in it. */
function mapOf(url: string): SourceMap | undefined {
  try {
    const at = [...read(url).matchAll(COMMENT)].at(-1)?.[1];
    if (at === undefined) return undefined;
    const mapUrl = at.startsWith('data:') ? url : new URL(at, url).href;
    const payload = JSON.parse(at.startsWith('data:') ? inData(at) : read(mapUrl)) as SourceMapPayload;
    const base = new URL(payload.sourceRoot ? `${payload.sourceRoot.replace(/\/$/, '')}/` : '.', mapUrl).href;
    const sources = payload.sources.map(source => (URL.canParse(source, base) ? new URL(source, base).href : source));
    return new (nodeModule().SourceMap)({ ...payload, sources, sourceRoot: '' });
  } catch {
    return undefined; // gone, or none: the code's own places do
  }
}

/** Files alone: what code names is not fetched from anywhere. */
function read(url: string): string {
  const file = fileURLToPath(url);
  const stat = fs.statSync(file);
  if (!stat.isFile() || stat.size > MOST) throw new Error(`${file}: too large`);
  return fs.readFileSync(file, 'utf8');
}

function inData(url: string): string {
  const comma = url.indexOf(',');
  const content = url.slice(comma + 1);
  return /;base64$/.test(url.slice(0, comma)) ? Buffer.from(content, 'base64').toString() : decodeURIComponent(content);
}
