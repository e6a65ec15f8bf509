import { fileURLToPath } from 'node:url';
import { nodeModule } from '../lazyNode.js';
import type { Place } from './locate.js';

/** The place in the file as it was written, where Node knows a source map (--enable-source-maps); else the same place. */
export function originalPlace(place: Place): Pick<Place, 'url' | 'line' | 'column'> {
  if (!place.url.startsWith('file:')) return place;
  const { findSourceMap } = nodeModule();
  const map = findSourceMap(place.url) ?? findSourceMap(fileURLToPath(place.url));
  if (map === undefined) return place;
  const entry = map.findEntry(place.line, place.column);
  if (!('originalLine' in entry) || !entry.originalSource) return place;
  return { url: entry.originalSource, line: entry.originalLine, column: entry.originalColumn };
}
