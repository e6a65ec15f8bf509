import { type ts } from '@ts-morph/common';
import { holders, importsOf } from './children.js';
import { ModuleExports } from './exports.js';
import { fileFacts, type ModelParts } from './file.js';
import { Flows } from './flow.js';
import { Forwarders } from './forward.js';
import { Guards } from './guards.js';
import { Pickle } from './pickle.js';
import { printableType } from './printType.js';
import { type Runnable, runnableFunctions } from './runnable.js';
import { Symbols } from './symbols.js';
import { Targets } from './targets.js';
import { type Body, type FunctionNode, isBody, isFunctionNode, nodeAt } from './syntax.js';
import {
  type FileFacts,
  type FunctionRef,
  type Related,
  type Span,
  type TopLevelStart,
  type TypeOracle,
} from './types.js';

/** Everything the rules may ask about one program. Lives as long as the program; answers are computed once. */
export class Model implements TypeOracle {
  readonly #program: ts.Program;
  readonly #closure: ReadonlySet<string>;
  readonly #parts: ModelParts;
  readonly #flows: Flows;
  readonly #facts = new Map<string, FileFacts>();
  #reasons: Map<string, Related> | undefined;

  constructor(program: ts.Program, closure: ReadonlySet<string>, isRuntimeFile: (file: string) => boolean) {
    this.#program = program;
    this.#closure = closure;
    const symbols = new Symbols(program.getTypeChecker(), isRuntimeFile);
    const exports = new ModuleExports(symbols);
    const targets: Targets = new Targets(symbols, exports, () => pickle);
    const pickle: Pickle = new Pickle(symbols, exports, expression => targets.formOf(expression));
    const forwarders = new Forwarders(symbols, targets, file => closure.has(file));
    this.#parts = { symbols, targets, pickle, forwarders, options: program.getCompilerOptions() };
    this.#flows = new Flows(symbols, new Guards(symbols), ref => this.#body(ref));
  }

  facts(file: string): FileFacts {
    let facts = this.#facts.get(file);
    if (facts === undefined) {
      facts = fileFacts(this.#source(file), this.#parts);
      this.#facts.set(file, facts);
    }
    return facts;
  }

  startChain(fn: FunctionRef): Related[] | undefined {
    const node = this.#function(fn);
    const chain = node === undefined ? undefined : this.#flows.chain(node);
    return chain?.reached === 'always' ? chain.steps : undefined;
  }

  topLevelStarts(file: string): TopLevelStart[] {
    const found: TopLevelStart[] = [];
    for (const { steps, what, reached } of this.#flows.steps(this.#source(file))) {
      const first = steps[0];
      if (first !== undefined && (reached === 'always' || reached === 'exits'))
        found.push({ span: first.span, what, chain: steps.slice(1) });
    }
    return found;
  }

  importedByChildren(file: string): Related | undefined {
    return holders([this.facts(file)]).get(file) ?? this.#allReasons().get(file);
  }

  parameterTypes(fn: Span): (string | undefined)[] {
    const node = this.#function(fn);
    const { checker } = this.#parts.symbols;
    return (node?.parameters ?? []).map(parameter =>
      printableType(checker.getTypeAtLocation(parameter), checker, parameter),
    );
  }

  runnable(file: string): Runnable[] {
    const functions = runnableFunctions(this.#source(file));
    if (!this.#closure.has(file)) return functions;
    return functions.filter(({ fn }) => this.startChain(fn) === undefined);
  }

  #allReasons(): Map<string, Related> {
    if (this.#reasons !== undefined) return this.#reasons;
    const files = [...this.#closure].filter(file => this.#program.getSourceFile(file) !== undefined);
    const reasons = holders(files.map(file => this.facts(file)));
    // A Map grows while it is walked: what is added is visited too.
    for (const file of reasons.keys()) {
      const source = this.#program.getSourceFile(file);
      if (source === undefined) continue;
      for (const { file: imported, at } of importsOf(source, this.#parts.symbols)) {
        if (!reasons.has(imported))
          reasons.set(imported, { span: at, message: 'a child imports this module, which imports the one at fault' });
      }
    }
    this.#reasons = reasons;
    return reasons;
  }

  #source(file: string): ts.SourceFile {
    const source = this.#program.getSourceFile(file);
    if (source === undefined) throw new Error(`${file} is not part of the program`);
    return source;
  }

  #body(ref: FunctionRef): Body | undefined {
    const source = this.#program.getSourceFile(ref.file);
    return source === undefined ? undefined : (nodeAt(source, ref, isBody) as Body | undefined);
  }

  #function(ref: FunctionRef): FunctionNode | undefined {
    const source = this.#program.getSourceFile(ref.file);
    return source === undefined ? undefined : (nodeAt(source, ref, isFunctionNode) as FunctionNode | undefined);
  }
}
