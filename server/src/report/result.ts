import { Lines } from '../lines.js';
import { type Diagnostic } from '../checker.js';

/** What the checker found in one file, with the text it found it in. */
export interface FileResult {
  file: string;
  text: string;
  diagnostics: Diagnostic[];
  /** The safe repair of each diagnostic, in the same order; undefined where there is none. */
  fixes: ({ range: [number, number]; text: string } | undefined)[];
}

export interface Counts {
  errors: number;
  warnings: number;
  notes: number;
}

export function count(results: readonly FileResult[]): Counts {
  const severities = results.flatMap(result => result.diagnostics.map(({ severity }) => severity));
  const errors = severities.filter(severity => severity === 'error').length;
  const warnings = severities.filter(severity => severity === 'warning').length;
  return { errors, warnings, notes: severities.length - errors - warnings };
}

const cache = new WeakMap<FileResult, Lines>();

export function linesOf(result: FileResult): Lines {
  let lines = cache.get(result);
  if (lines === undefined) cache.set(result, (lines = new Lines(result.text)));
  return lines;
}
