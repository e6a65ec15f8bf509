import path from 'node:path';
import { Lines } from '../lines.js';
import { type Severity } from '../rules/rule.js';
import { count, type FileResult, linesOf } from './result.js';

export interface TextOptions {
  colour: boolean;
  /** Paths are printed relative to this folder. */
  cwd: string;
  /** How many files were looked at. */
  files: number;
  /** Reads a file that a diagnostic points into. */
  read: (file: string) => string | undefined;
}

const CODES: Record<Severity | 'dim' | 'bold' | 'good', number> = {
  error: 31,
  warning: 33,
  information: 36,
  hint: 36,
  dim: 2,
  bold: 1,
  good: 32,
};

/** One paragraph a finding: `path:line:col`, severity, code, message, and where else to look; a count at the end. */
export function textReport(results: readonly FileResult[], options: TextOptions): string {
  const paint = (style: keyof typeof CODES, text: string): string =>
    options.colour ? `\x1b[${String(CODES[style])}m${text}\x1b[0m` : text;
  const short = (file: string): string => path.relative(options.cwd, file) || file;
  const paragraphs = results.flatMap(result => {
    const lines = linesOf(result);
    return result.diagnostics.map(({ rule, severity, finding }, index) => {
      const { line, character } = lines.position(finding.span.start);
      const place = paint('bold', `${short(result.file)}:${String(line + 1)}:${String(character + 1)}`);
      const fixable = result.fixes[index] === undefined ? '' : paint('dim', ' (--fix)');
      const head = `${place} ${paint(severity, severity)} ${rule.code} ${paint('dim', rule.name)}${fixable}`;
      const related = finding.related.map(({ span, message }) => {
        const there = span.file === result.file ? lines : new Lines(options.read(span.file) ?? '');
        const at = there.position(span.start);
        return paint('dim', `    ${short(span.file)}:${String(at.line + 1)}:${String(at.character + 1)} ${message}`);
      });
      return [head, `  ${finding.message}`, ...related].join('\n');
    });
  });
  return [...paragraphs, summary(results, options, paint)].join('\n\n');
}

function summary(
  results: readonly FileResult[],
  { files }: TextOptions,
  paint: (style: keyof typeof CODES, text: string) => string,
): string {
  const { errors, warnings, notes } = count(results);
  const looked = `in ${plural(files, 'file')}`;
  if (errors + warnings + notes === 0) return paint('good', `No problems ${looked}.`);
  const parts = [plural(errors, 'error'), plural(warnings, 'warning'), ...(notes > 0 ? [plural(notes, 'note')] : [])];
  const fixable = results.flatMap(result => result.fixes).filter(fix => fix !== undefined).length;
  const hint = fixable === 0 ? '' : ` ${String(fixable)} can be repaired with --fix.`;
  return paint(errors > 0 ? 'error' : 'warning', `${parts.join(', ')} ${looked}.`) + hint;
}

function plural(number: number, word: string): string {
  return `${String(number)} ${word}${number === 1 ? '' : 's'}`;
}
