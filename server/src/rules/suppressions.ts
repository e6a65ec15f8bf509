import { findRule } from './index.js';

interface Suppression {
  /** Zero-based lines, both included. */
  first: number;
  last: number;
  /** Codes; undefined stands for every rule. */
  codes: ReadonlySet<string> | undefined;
}

const COMMENT =
  /\/\/[ \t]*manycore-(disable-next-line|disable-line)\b([^\n]*)|\/\*\s*manycore-(disable|enable|disable-next-line|disable-line)\b([\s\S]*?)\*\//g;

/** Comments in a text that silence rules: for the next line, for the line, or from one block comment to the next. */
export class Suppressions {
  readonly #all: Suppression[] = [];

  constructor(text: string) {
    if (!text.includes('manycore-disable')) return;
    for (const match of text.matchAll(COMMENT)) {
      const before = text.slice(0, match.index);
      const line = count(before);
      const codes = codesOf(match[2] ?? match[4] ?? '');
      switch (match[1] ?? match[3]) {
        case 'disable-next-line': {
          const next = line + count(match[0]) + 1;
          this.#all.push({ first: next, last: next, codes });
          break;
        }
        case 'disable-line':
          this.#all.push({ first: line, last: line, codes });
          break;
        case 'disable':
          this.#all.push({ first: line, last: Number.POSITIVE_INFINITY, codes });
          break;
        default:
          this.#end(line, codes);
      }
    }
  }

  silences(code: string, line: number): boolean {
    return this.#all.some(
      ({ first, last, codes }) => first <= line && line <= last && (codes === undefined || codes.has(code)),
    );
  }

  #end(line: number, codes: ReadonlySet<string> | undefined): void {
    for (const block of this.#all) {
      if (block.last !== Number.POSITIVE_INFINITY) continue;
      if (codes === undefined || (block.codes !== undefined && [...block.codes].every(code => codes.has(code))))
        block.last = line;
    }
  }
}

/** `MC001, closure-target -- why`; names and codes both count, what names no rule silences nothing. */
function codesOf(text: string): ReadonlySet<string> | undefined {
  const list = (text.split('--')[0] ?? '').trim();
  if (list === '') return undefined;
  return new Set(list.split(/[\s,]+/).flatMap(word => findRule(word)?.code ?? []));
}

function count(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}
