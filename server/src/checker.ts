import { ts } from '@ts-morph/common';
import { Engines } from './engine/engines.js';
import { FileStore, normalize } from './engine/files.js';
import { type Engine } from './engine/program.js';
import { isSourceFile } from './engine/scan.js';
import { applyEdits, overlap, type TextEdit } from './fix/edits.js';
import { type FixDocument, openDocument } from './fix/document.js';
import { Lines } from './lines.js';
import { Model } from './model/model.js';
import { type Runnable, runnableFunctions } from './model/runnable.js';
import { rules } from './rules/index.js';
import { type Levels, severityOf } from './rules/levels.js';
import { type Finding, type Fix, type Rule, type Severity } from './rules/rule.js';
import { Suppressions } from './rules/suppressions.js';

export interface Diagnostic {
  rule: Rule;
  severity: Severity;
  finding: Finding;
}

export interface CheckerOptions {
  /** Workspace folders; files without a tsconfig are taken together by them. */
  roots?: readonly string[];
  runtimeTypes?: string | undefined;
  /** Told of a rule that threw; it yields nothing and the others go on. */
  onProblem?: (message: string, file: string) => void;
}

const NO_LEVELS: Levels = new Map();

/** The analyzer as its faces see it: texts in, diagnostics and repairs out. */
export class Checker {
  readonly store = new FileStore();
  readonly engines: Engines;
  readonly #onProblem: (message: string, file: string) => void;
  readonly #models = new WeakMap<ts.Program, Model>();

  constructor(options: CheckerOptions = {}) {
    this.engines = new Engines(this.store, options.roots ?? [], { runtimeTypes: options.runtimeTypes });
    this.#onProblem = options.onProblem ?? (() => undefined);
  }

  /** Changes whenever a diagnostic of any file might. */
  get state(): string {
    return `${String(this.store.clock)}:${String(this.store.structure)}`;
  }

  /** Diagnostics of a file, in order of place. A file that has nothing to do with the runtime costs next to nothing. */
  check(path: string, levels: Levels = NO_LEVELS): Diagnostic[] {
    const file = normalize(path);
    const model = this.#modelOf(file);
    const text = this.store.read(file);
    if (model === undefined || text === undefined) return [];
    const suppressions = new Suppressions(text);
    const lines = new Lines(text);
    const found: Diagnostic[] = [];
    for (const rule of rules) {
      const severity = severityOf(rule, levels);
      if (severity === 'off') continue;
      for (const finding of this.#run(rule, model, file)) {
        if (!suppressions.silences(rule.code, lines.position(finding.span.start).line))
          found.push({ rule, severity, finding });
      }
    }
    return found.sort((a, b) => a.finding.span.start - b.finding.span.start || (a.rule.code < b.rule.code ? -1 : 1));
  }

  /** What could be done about a diagnostic of this text; titles now, edits when asked for. */
  async fixes({ rule, finding }: Diagnostic): Promise<Fix[]> {
    const document = await this.#document(finding.span.file);
    return document === undefined ? [] : this.#fixesIn(document, rule, finding);
  }

  /** The text after all safe repairs, repeated until nothing is left that they can do. The file itself is not touched. */
  async fixAll(path: string, levels: Levels = NO_LEVELS, passes = 10): Promise<string | undefined> {
    const file = normalize(path);
    const original = this.store.read(file);
    if (original === undefined) return undefined;
    const wasOpen = this.store.isOpen(file);
    let text = original;
    try {
      for (let pass = 0; pass < passes; pass++) {
        const edits = await this.#safeEdits(file, levels);
        if (edits.length === 0) break;
        text = applyEdits(text, edits);
        this.store.set(file, text);
      }
    } finally {
      if (wasOpen) this.store.set(file, original);
      else this.store.release(file);
    }
    return text;
  }

  /** Exported functions of a file that can run in a pool, whether or not it uses the runtime yet. */
  runnable(path: string): Runnable[] {
    const file = normalize(path);
    const model = this.#modelOf(file);
    if (model !== undefined) return model.runnable(file);
    const text = this.store.read(file);
    return text === undefined || !isSourceFile(file)
      ? []
      : runnableFunctions(ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true));
  }

  #modelOf(file: string): Model | undefined {
    if (!isSourceFile(file) || file.includes('/node_modules/')) return undefined;
    const engine = this.engines.engineOf(file);
    return engine.closure().has(file) ? this.#model(engine) : undefined;
  }

  #model(engine: Engine): Model {
    const program = engine.program();
    let model = this.#models.get(program);
    if (model === undefined) {
      model = new Model(program, engine.closure(), name => engine.isRuntimeFile(name));
      this.#models.set(program, model);
    }
    return model;
  }

  #run(rule: Rule, model: Model, file: string): Finding[] {
    try {
      return rule.check(model.facts(file), model);
    } catch (error) {
      this.#onProblem(`${rule.code} ${rule.name} failed: ${describe(error)}`, file);
      return [];
    }
  }

  async #document(file: string): Promise<FixDocument | undefined> {
    const model = this.#modelOf(file);
    const text = this.store.read(file);
    return model === undefined || text === undefined ? undefined : openDocument(file, text, model.facts(file), model);
  }

  #fixesIn(document: FixDocument, rule: Rule, finding: Finding): Fix[] {
    try {
      return rule.fix(finding, document);
    } catch (error) {
      this.#onProblem(`the repair of ${rule.code} ${rule.name} failed: ${describe(error)}`, document.file);
      return [];
    }
  }

  async #safeEdits(file: string, levels: Levels): Promise<TextEdit[]> {
    const diagnostics = this.check(file, levels);
    const document = diagnostics.length === 0 ? undefined : await this.#document(file);
    const chosen: TextEdit[] = [];
    for (const { rule, finding } of document === undefined ? [] : diagnostics) {
      if (document === undefined) break;
      const edits =
        this.#fixesIn(document, rule, finding)
          .find(fix => fix.preferred)
          ?.edits() ?? [];
      if (!overlap(edits, chosen)) chosen.push(...edits);
    }
    return chosen;
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
