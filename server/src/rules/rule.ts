import { type FixDocument } from '../fix/document.js';
import { type TextEdit } from '../fix/edits.js';
import { type FileFacts, type Related, type Span, type TypeOracle } from '../model/types.js';

export type Severity = 'error' | 'warning' | 'information' | 'hint';

export interface RuleDocs {
  /** One sentence for tables: what it flags. */
  summary: string;
  /** What the quick-fixes do; empty when there are none. */
  fixes: string;
}

/** What a rule found. `data` is what its fix wants to know. */
export interface Finding<D = unknown> {
  span: Span;
  message: string;
  related: Related[];
  data: D;
}

export interface Fix {
  title: string;
  /** The one safe repair: preferred in editors, applied by `--fix` and `source.fixAll.manycore`. */
  preferred: boolean;
  /** Edits of the finding's own file; made only when asked for. */
  edits: () => TextEdit[];
}

export interface RuleContext<M extends string> {
  facts: FileFacts;
  oracle: TypeOracle;
  /** Fills a message of the rule: `{name}` stands for `values.name`. */
  say: (message: M, values: Record<string, string>) => string;
}

export interface RuleDefinition<D, M extends string> {
  name: string;
  code: `MC${string}`;
  severity: Severity;
  /** What it looks at: facts of the file alone, or of other files too. */
  needs: 'file' | 'program';
  docs: RuleDocs;
  messages: Record<M, string>;
  check: (context: RuleContext<M>) => Iterable<Finding<D>>;
  fix?: (finding: Finding<D>, document: FixDocument) => Fix[];
}

/** A rule as everybody but itself sees it. */
export interface Rule {
  readonly name: string;
  readonly code: string;
  readonly severity: Severity;
  readonly needs: 'file' | 'program';
  readonly docs: RuleDocs;
  check: (facts: FileFacts, oracle: TypeOracle) => Finding[];
  fix: (finding: Finding, document: FixDocument) => Fix[];
}

export function defineRule<D, M extends string>(definition: RuleDefinition<D, M>): Rule {
  const { name, code, severity, needs, docs, messages, check, fix } = definition;
  const say = (message: M, values: Record<string, string>): string =>
    messages[message].replace(/\{(\w+)\}/g, (_, key: string) => values[key] ?? '');
  return {
    name,
    code,
    severity,
    needs,
    docs,
    check: (facts, oracle) => [...check({ facts, oracle, say })],
    // A finding only ever comes back to the rule that made it: its data is of this rule's type.
    fix: (finding, document) => fix?.(finding as Finding<D>, document) ?? [],
  };
}
