import { ts } from '@ts-morph/common';
import { type Guards, type Reached, weaker } from './guards.js';
import { constructors, methods, starters } from './runtimeApi.js';
import { type Symbols } from './symbols.js';
import { classBase, initializers } from './classes.js';
import { type Body, enclosingFunction, type FunctionNode, isFunctionNode, peel, shortText, spanOf } from './syntax.js';
import { type FunctionRef, type Related, type Span } from './types.js';

/** Facts of one function or of a module's top level; plain data, so they can be kept and compared. */
export interface Flow {
  starts: { span: Span; what: string; reached: Reached }[];
  calls: { span: Span; name: string; callee: FunctionRef; reached: Reached }[];
}

/** A chain of calls down to a start, and the weakest condition on its way. */
export interface Chain {
  steps: Related[];
  what: string;
  reached: Reached;
}

/** Methods that surely run the function they are given, at once or soon, in this process. */
const RUNS_CALLBACK = new Set([
  'map',
  'forEach',
  'filter',
  'reduce',
  'flatMap',
  'some',
  'every',
  'find',
  'then',
  'finally',
  'from',
]);
const RUNS_ARGUMENT = new Set(['setTimeout', 'setImmediate', 'queueMicrotask']);

/** Finds what functions do that matters across functions and files, on demand and with memory. */
export class Flows {
  readonly #symbols: Symbols;
  readonly #guards: Guards;
  readonly #flows = new Map<ts.Node, Flow>();
  readonly #chains = new Map<ts.Node, Chain | undefined>();
  readonly #node: (ref: FunctionRef) => Body | undefined;

  constructor(symbols: Symbols, guards: Guards, node: (ref: FunctionRef) => Body | undefined) {
    this.#symbols = symbols;
    this.#guards = guards;
    this.#node = node;
  }

  of(owner: Body | ts.SourceFile): Flow {
    let flow = this.#flows.get(owner);
    if (flow === undefined) {
      flow = { starts: [], calls: [] };
      this.#flows.set(owner, flow);
      this.#collect(owner, owner, flow);
    }
    return flow;
  }

  /** The likeliest chain from a function to a start: one under fewer conditions wins over one under more. */
  chain(owner: Body | ts.SourceFile, depth = 0): Chain | undefined {
    if (depth > 20) return undefined;
    if (this.#chains.has(owner)) return this.#chains.get(owner);
    this.#chains.set(owner, undefined); // a cycle adds nothing
    const best = this.steps(owner, depth).reduce<Chain | undefined>((a, b) => better(a, b), undefined);
    this.#chains.set(owner, best);
    return best;
  }

  /** Every start that `owner` leads to, one for each start and call of its own. */
  steps(owner: Body | ts.SourceFile, depth = 0): Chain[] {
    const { starts, calls } = this.of(owner);
    const found: Chain[] = starts.map(({ span, what, reached }) => ({
      steps: [{ span, message: `${what} starts here` }],
      what,
      reached,
    }));
    for (const call of calls) {
      const callee = this.#node(call.callee);
      const inner = callee === undefined ? undefined : this.chain(callee, depth + 1);
      if (inner === undefined) continue;
      const step = { span: call.span, message: `${call.name}() is called here` };
      found.push({ steps: [step, ...inner.steps], what: inner.what, reached: weaker(call.reached, inner.reached) });
    }
    return found;
  }

  #collect(node: ts.Node, owner: Body | ts.SourceFile, flow: Flow): void {
    node.forEachChild(child => {
      if (isFunctionNode(child) && !runsHere(child)) return;
      if (ts.isClassLike(child)) {
        for (const member of initializers(child, 'static')) this.#collect(member, owner, flow);
        return;
      }
      if (ts.isNewExpression(child)) this.#construction(child, owner, flow);
      else if (ts.isCallExpression(child)) this.#call(child, owner, flow);
      this.#collect(child, owner, flow);
    });
  }

  #construction(node: ts.NewExpression, owner: ts.Node, flow: Flow): void {
    const api = this.#symbols.runtimeClass(node.expression);
    if (api !== undefined) {
      if (constructors[api.name]?.starts !== true) return;
      flow.starts.push({ span: spanOf(node), what: `a ${api.name}`, reached: this.#guards.reached(node, owner) });
      return;
    }
    let made = this.#class(node.expression);
    for (let depth = 0; made !== undefined && depth < 10; depth++) {
      for (const part of initializers(made, 'instance')) this.#edge(node, part, owner, flow);
      const base = classBase(made);
      made = base === undefined ? undefined : this.#class(base);
    }
  }

  /** The class that an expression names, if its code is at hand. */
  #class(expression: ts.Expression): ts.ClassLikeDeclaration | undefined {
    const declaration = this.#symbols.declaration(this.#symbols.resolve(peel(expression)));
    const isCode = declaration !== undefined && ts.isClassLike(declaration);
    return isCode && !declaration.getSourceFile().isDeclarationFile ? declaration : undefined;
  }

  #call(call: ts.CallExpression, owner: ts.Node, flow: Flow): void {
    const method = this.#symbols.runtimeMethod(call);
    if (method !== undefined) {
      if (methods[method.owner]?.[method.name]?.starts !== true) return;
      flow.starts.push({ span: spanOf(call), what: 'a process', reached: this.#guards.reached(call, owner) });
      return;
    }
    const callee = this.#symbols.functionOf(call.expression);
    if (callee !== undefined) {
      if (!runsHere(callee)) this.#edge(call, callee, owner, flow);
      return;
    }
    const starter = this.#symbols.runtimeFunction(call);
    if (starter !== undefined && starter in starters)
      flow.starts.push({ span: spanOf(call), what: `a ${starter}`, reached: this.#guards.reached(call, owner) });
  }

  #edge(node: ts.CallExpression | ts.NewExpression, callee: Body, owner: ts.Node, flow: Flow): void {
    if (enclosingFunction(node) === callee) return;
    flow.calls.push({
      span: spanOf(node),
      name: shortText(node.expression),
      callee: spanOf(callee),
      reached: this.#guards.reached(node, owner),
    });
  }
}

/** A function expression that is called where it stands, or handed to a method that surely calls it. */
function runsHere(fn: FunctionNode): boolean {
  if (!ts.isArrowFunction(fn) && !ts.isFunctionExpression(fn)) return false;
  let outer: ts.Node = fn;
  while (ts.isParenthesizedExpression(outer.parent)) outer = outer.parent;
  const call = outer.parent;
  if (!ts.isCallExpression(call)) return false;
  if (call.expression === outer) return true;
  const callee = peel(call.expression);
  if (ts.isIdentifier(callee)) return RUNS_ARGUMENT.has(callee.text);
  return ts.isPropertyAccessExpression(callee) && RUNS_CALLBACK.has(callee.name.text) && !isPoolLike(callee);
}

/** `pool.map(x => …)` runs the function elsewhere; told by arguments, since types cost too much here. */
function isPoolLike(callee: ts.PropertyAccessExpression): boolean {
  const call = callee.parent as ts.CallExpression;
  return callee.name.text === 'map' && call.arguments.length > 1;
}

const order: readonly Reached[] = ['always', 'exits', 'condition', 'guard'];

function better(a: Chain | undefined, b: Chain): Chain {
  return a === undefined || order.indexOf(b.reached) < order.indexOf(a.reached) ? b : a;
}
