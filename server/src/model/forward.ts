import { ts } from '@ts-morph/common';
import { directTargets } from './file.js';
import { runtimeUses } from './calls.js';
import { type Symbols } from './symbols.js';
import { type FunctionNode, isFunctionNode, peel, shortText, spanOf, walk } from './syntax.js';
import { type Targets } from './targets.js';
import { type TargetUse } from './types.js';

/** A parameter of a function that ends up as a target, and where. */
interface Forward {
  index: number;
  use: TargetUse;
}

/** Functions that pass a parameter on as a target: `function parallel(f, xs) { return pool.map(f, xs) }`. */
export class Forwarders {
  readonly #symbols: Symbols;
  readonly #targets: Targets;
  readonly #matters: (file: string) => boolean;
  readonly #byFile = new Map<ts.SourceFile, Map<ts.Node, Forward[]>>();

  constructor(symbols: Symbols, targets: Targets, matters: (file: string) => boolean) {
    this.#symbols = symbols;
    this.#targets = targets;
    this.#matters = matters;
  }

  /** Calls in this file that hand a function to such a function. */
  usesIn(source: ts.SourceFile): TargetUse[] {
    const found: TargetUse[] = [];
    walk(source, node => {
      if (ts.isCallExpression(node) && node.arguments.length > 0) found.push(...this.#usesOf(node));
    });
    return found;
  }

  #usesOf(call: ts.CallExpression): TargetUse[] {
    if (!call.arguments.some(mayBeFunction)) return [];
    const callee = this.#symbols.functionOf(call.expression);
    if (callee === undefined || !this.#matters(callee.getSourceFile().fileName)) return [];
    return this.#of(callee).flatMap(({ index, use }) => {
      const argument = call.arguments[index];
      if (argument === undefined || call.arguments.slice(0, index + 1).some(ts.isSpreadElement)) return [];
      return [
        {
          span: spanOf(argument),
          call: spanOf(call),
          form: this.#targets.formOf(argument),
          runner: { ...use.runner, construction: undefined },
          via: [
            { span: use.span, message: `${shortText(call.expression)}() passes it to ${use.runner.name} here` },
            ...use.via,
          ],
          args: undefined,
        },
      ];
    });
  }

  #of(fn: FunctionNode): Forward[] {
    const source = fn.getSourceFile();
    let forwards = this.#byFile.get(source);
    if (forwards === undefined) {
      forwards = new Map();
      this.#byFile.set(source, forwards); // met again on the way: a cycle adds nothing
      this.#compute(source, forwards);
    }
    return forwards.get(fn) ?? [];
  }

  #compute(source: ts.SourceFile, forwards: Map<ts.Node, Forward[]>): void {
    const { news, calls } = runtimeUses(source, this.#symbols);
    const parts = { symbols: this.#symbols, targets: this.#targets };
    // Twice: a function that forwards to a forwarder of the same file is seen in the second round.
    let uses = directTargets(news, calls, parts);
    for (let round = 0; round < 2; round++) {
      for (const use of uses) this.#note(source, use, forwards);
      uses = this.usesIn(source);
    }
    for (const use of uses) this.#note(source, use, forwards);
  }

  #note(source: ts.SourceFile, use: TargetUse, forwards: Map<ts.Node, Forward[]>): void {
    if (use.form.kind !== 'parameter') return;
    const { index } = use.form;
    let owner: FunctionNode | undefined;
    const search = (node: ts.Node): void => {
      if (node.pos > use.span.start || node.end < use.span.end) return;
      if (isFunctionNode(node)) owner = node;
      ts.forEachChild(node, search);
    };
    search(source);
    if (owner === undefined) return;
    const known = forwards.get(owner) ?? [];
    if (known.some(forward => forward.index === index && forward.use.span.start === use.span.start)) return;
    forwards.set(owner, [...known, { index, use }]);
  }
}

function mayBeFunction(argument: ts.Expression): boolean {
  const value = peel(argument);
  return (
    ts.isIdentifier(value) ||
    ts.isArrowFunction(value) ||
    ts.isFunctionExpression(value) ||
    ts.isPropertyAccessExpression(value) ||
    ts.isCallExpression(value)
  );
}
