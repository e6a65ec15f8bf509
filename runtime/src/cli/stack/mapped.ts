import fs from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Frame } from './look.js';

/** Beyond this a map is not worth the time. */
const MOST = 64 * 2 ** 20;

/** Answers where the author wrote what runs, by the source maps of the code: next to it, or inside it. */
export function mapper(): (frame: Frame) => Frame {
  const maps = new Map<string, SourceMap | undefined>();
  return frame => {
    const { url, mapUrl, line, column } = frame;
    if (mapUrl === '') return frame;
    const id = `${url}\n${mapUrl}`;
    if (!maps.has(id)) maps.set(id, load(url, mapUrl));
    const entry = maps.get(id)?.findEntry(line - 1, column - 1);
    if (entry === undefined || !('originalSource' in entry)) return frame;
    return {
      ...frame,
      url: resolved(entry.originalSource, mapUrl.startsWith('data:') ? url : resolved(mapUrl, url)),
      line: entry.originalLine + 1,
      column: entry.originalColumn + 1,
    };
  };
}

function load(url: string, mapUrl: string): SourceMap | undefined {
  try {
    const text = mapUrl.startsWith('data:') ? inData(mapUrl) : inFile(resolved(mapUrl, url));
    return new SourceMap(JSON.parse(text) as SourceMapPayload);
  } catch {
    return undefined; // gone, or none: the code's own places do
  }
}

function inData(mapUrl: string): string {
  const comma = mapUrl.indexOf(',');
  const content = mapUrl.slice(comma + 1);
  return /;base64$/.test(mapUrl.slice(0, comma))
    ? Buffer.from(content, 'base64').toString()
    : decodeURIComponent(content);
}

/** Files alone: what a program names is not fetched from anywhere. */
function inFile(url: string): string {
  const file = fileURLToPath(url);
  const stat = fs.statSync(file);
  if (!stat.isFile() || stat.size > MOST) throw new Error(`${file}: no map`);
  return fs.readFileSync(file, 'utf8');
}

function resolved(to: string, from: string): string {
  // CommonJS has paths, modules have URLs.
  const base = from.startsWith('/') ? `file://${encodeURI(from)}` : from;
  return URL.canParse(to, base) ? new URL(to, base).href : to;
}
