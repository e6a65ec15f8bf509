import { placeOfCaller } from '../process/index.js';
import type { LogRecord } from './record.js';

const PLACE = /^(.*):(\d+):\d+$/s;

/** The file and line outside this library from which it was called; through the source map if Node keeps those. */
export function caller(): Pick<LogRecord, 'file' | 'line'> {
  const [, file, line] = PLACE.exec(placeOfCaller() ?? '') ?? [];
  return { file, line: line === undefined ? undefined : Number(line) };
}
