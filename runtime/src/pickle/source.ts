import { part } from '../parts.js';
import { sourceOf, type Place } from './locate.js';
import type * as Parser from './parser/index.js';

type Callable = (...args: never[]) => unknown;

/** Whether a function can be sent by name. `reason` is empty when it can. */
export interface Verdict {
  readonly isModule: boolean;
  readonly reason: string;
  readonly mend: string;
  readonly local: string;
  readonly name: string;
  readonly member: string;
  /** Where its text starts, counted from 0, when that is known better than from V8. */
  readonly line: number | null;
  readonly column: number | null;
}

let parser: typeof Parser | null | undefined;

/** The parser's bundle lies beside this one; without it the receiving process is the judge. */
function loadParser(): typeof Parser | null {
  if (parser !== undefined) return parser;
  try {
    parser = part('parser') as typeof Parser;
  } catch {
    parser = null;
  }
  return parser;
}

/** Reads the source around a function to tell which export of its module it is, or why it is none. */
export function judge(fn: Callable, place: Place): Verdict {
  const source = sourceOf(place.scriptId);
  const starts = lineStarts(source, place.line);
  const offset = starts + place.column;
  const quick = atLineStart(source.slice(starts, offset), source.slice(offset, offset + 300));
  if (quick !== null) return export_(quick);
  const isClass = /^class\b/.test(Function.prototype.toString.call(fn));
  const verdict = loadParser()?.judgeSource(source, offset, isClass) ?? null;
  // Syntax the parser does not know: believe the function's name, the receiver checks it.
  if (verdict === null) return export_(fn.name);
  const before = source.slice(0, verdict.start).split(/\r\n|[\n\r\u2028\u2029]/);
  const found = { ...verdict, line: before.length - 1, column: before.at(-1)?.length ?? 0 };
  return /nested|does not export/.test(verdict.reason) && WRAPPED.test(source)
    ? { ...found, ...wrapped(verdict.local || fn.name) }
    : found;
}

/** What test runners and bundlers put around a module: its exports are then nested functions, and it exports none. */
const WRAPPED =
  /__vi_(ssr_)?(import|export)|__vite_ssr_|__webpack_(require|modules|exports)__|__commonJS\(|__esm\(|\bparcelRequire|\bSystem\.register\(|^\s*define\(\[/m;

/** The one way there is to name a function of such a module. */
export function wrapped(name: string): Pick<Verdict, 'reason' | 'mend'> {
  const shown = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : 'f';
  return {
    reason: 'a bundler or test runner has wrapped its module, so its exports cannot be seen',
    mend: `Register it at the top level of its module: expose(import.meta, { ${shown} }).`,
  };
}

function export_(name: string): Verdict {
  return { isModule: true, reason: '', mend: '', local: name, name, member: '', line: null, column: null };
}

function lineStarts(source: string, line: number): number {
  const breaks = /\r\n|[\n\r\u2028\u2029]/g;
  for (let i = 0; i < line; i++) if (breaks.exec(source) === null) break;
  return line === 0 ? 0 : breaks.lastIndex;
}

const NAME = '([\\w$]+)';
const DECLARED = new RegExp(`^\\s*export\\s+(?:async\\s+)?function\\s*\\*?\\s*${NAME}\\s*$`);
const DEFAULT = /^\s*export\s+default\s+(?:async\s+)?function\s*\*?\s*[\w$]*\s*$/;
const CONSTANT = new RegExp(`^\\s*export\\s+const\\s+${NAME}\\s*=\\s*$`);
const CLASS = new RegExp(`^class\\s+${NAME}`);

/**
 * The usual case without parsing: V8 says that a function starts here, so the words before it are code, and `export`
 * in code stands at the top level only.
 */
function atLineStart(before: string, after: string): string | null {
  const declared = DECLARED.exec(before);
  if (declared !== null) return declared[1] ?? null;
  if (DEFAULT.test(before)) return 'default';
  if (/^\s*export\s+$/.test(before)) return CLASS.exec(after)?.[1] ?? null;
  if (/^\s*export\s+default\s+$/.test(before)) return 'default';
  if (/^(function|class)\b/.test(after)) return null;
  return CONSTANT.exec(before)?.[1] ?? null;
}

const exportsByUrl = new Map<string, Map<string, string> | null>();

/** Exported name → the module's own name for it; null when its source cannot be read. */
export function exportsOf(url: string, source: () => string): ReadonlyMap<string, string> | null {
  let names = exportsByUrl.get(url);
  if (names === undefined) {
    names = loadParser()?.exportsOfSource(source()) ?? null;
    exportsByUrl.set(url, names);
  }
  return names;
}

/** The private instance members of a class, read from its text; empty for classes without any. */
export function privateMembers(constructor: Callable): readonly string[] {
  const text = Function.prototype.toString.call(constructor);
  if (!/^class\b/.test(text) || !/#[\p{ID_Start}$_]/u.test(text)) return [];
  return loadParser()?.privateMembersOf(text) ?? [];
}
