import { ts } from '@ts-morph/common';
import { type RuntimeCall } from './calls.js';
import { leaves } from './guards.js';
import { constructionOf } from './calls.js';
import { type Symbols } from './symbols.js';
import { enclosingFunction, isAwaitUsing, isFunctionNode, peel, spanOf, walk } from './syntax.js';
import { type EarlyJoin } from './types.js';

type State = 'open' | 'maybe' | 'closed' | 'gone';

/**
 * Follows a pool that never leaves its function through the statements: `join()` needs `close()` or `terminate()`
 * before it. A pool that is passed on, returned, stored, or closed from a callback is nobody's business here.
 */
export function earlyJoins(calls: readonly RuntimeCall[], symbols: Symbols): EarlyJoin[] {
  const found: EarlyJoin[] = [];
  const seen = new Set<ts.VariableDeclaration>();
  for (const call of calls) {
    if (call.owner !== 'Pool' || call.name !== 'join') continue;
    const variable = symbols.variableOf(call.receiver);
    if (variable === undefined || seen.has(variable) || constructionOf(call.receiver, symbols) === undefined) continue;
    seen.add(variable);
    found.push(...new Life(variable, symbols).joins());
  }
  return found;
}

class Life {
  readonly #variable: ts.VariableDeclaration;
  readonly #symbols: Symbols;
  readonly #events = new Map<ts.Node, 'close' | 'join'>();
  readonly #found: EarlyJoin[] = [];
  #certainOnly = 0;

  constructor(variable: ts.VariableDeclaration, symbols: Symbols) {
    this.#variable = variable;
    this.#symbols = symbols;
  }

  joins(): EarlyJoin[] {
    const statement = this.#variable.parent.parent;
    if (
      !ts.isVariableStatement(statement) ||
      (ts.getCombinedModifierFlags(this.#variable) & ts.ModifierFlags.Export) !== 0
    )
      return [];
    const scope = statement.parent;
    if (!ts.isBlock(scope) && !ts.isSourceFile(scope)) return [];
    if (!this.#stays(scope)) return [];
    this.#statements(scope.statements.slice(scope.statements.indexOf(statement) + 1), 'open');
    return this.#found;
  }

  /** Notes the pool's calls; false when the pool escapes, so that somebody else may close it. */
  #stays(scope: ts.Node): boolean {
    const home = enclosingFunction(this.#variable);
    let stays = true;
    walk(scope, node => {
      if (!stays || !ts.isIdentifier(node) || node === this.#variable.name) return;
      if (
        node.text !== (this.#variable.name as ts.Identifier).text ||
        this.#symbols.variableOf(node) !== this.#variable
      )
        return;
      const access = node.parent;
      const call = ts.isPropertyAccessExpression(access) && access.expression === node ? access.parent : undefined;
      if (call === undefined || !ts.isCallExpression(call) || call.expression !== access) {
        stays = false;
        return;
      }
      const name = (access as ts.PropertyAccessExpression).name.text;
      const kind = name === 'close' || name === 'terminate' ? 'close' : name === 'join' ? 'join' : undefined;
      if (kind === undefined) return;
      if (enclosingFunction(node) !== home) stays = false;
      this.#events.set(call, kind);
    });
    return stays;
  }

  #statements(statements: readonly ts.Statement[], state: State): State {
    let now = state;
    for (const statement of statements) now = this.#statement(statement, now);
    return now;
  }

  #statement(statement: ts.Statement, state: State): State {
    if (state === 'gone') return state;
    if (ts.isBlock(statement)) return this.#statements(statement.statements, state);
    if (ts.isIfStatement(statement)) return this.#if(statement, state);
    if (ts.isTryStatement(statement)) return this.#try(statement, state);
    if (ts.isIterationStatement(statement, false) || ts.isSwitchStatement(statement)) {
      const after = this.#guarded(() => this.#branches(statement, state));
      // `break` may leave right behind a close: in doubt, closed.
      return this.#closesIn(statement) ? 'closed' : after;
    }
    const after = this.#expressions(statement, state);
    return leaves(statement) ? 'gone' : after;
  }

  #if(statement: ts.IfStatement, state: State): State {
    const before = this.#expressions(statement.expression, state);
    return this.#guarded(() => {
      const then = this.#statement(statement.thenStatement, before);
      const otherwise =
        statement.elseStatement === undefined ? before : this.#statement(statement.elseStatement, before);
      return merge(then, otherwise);
    });
  }

  #branches(statement: ts.IterationStatement | ts.SwitchStatement, state: State): State {
    if (!ts.isSwitchStatement(statement)) return merge(state, this.#statement(statement.statement, state));
    const ends = statement.caseBlock.clauses.map(clause => this.#statements(clause.statements, state));
    return ends.reduce<State>((a, b) => merge(a, b), state);
  }

  /** An exception may leave a `try` anywhere: what its handlers see is open only if nothing in it closes. */
  #try(statement: ts.TryStatement, state: State): State {
    const end = this.#statement(statement.tryBlock, state);
    const closes = this.#closesIn(statement.tryBlock);
    const thrown: State = closes ? 'closed' : state; // in doubt, closed: silence
    const { catchClause } = statement;
    const caught = catchClause === undefined ? 'gone' : this.#statement(catchClause.block, thrown);
    const handled = merge(end, caught === 'closed' && closes ? end : caught);
    if (statement.finallyBlock === undefined) return handled;
    const entering: State = handled === 'open' ? 'open' : handled === 'gone' ? thrown : 'closed';
    const final = this.#statement(statement.finallyBlock, entering);
    return handled === 'gone' ? 'gone' : final;
  }

  #closesIn(node: ts.Node): boolean {
    let closes = false;
    walk(node, at => {
      closes ||= this.#events.get(at) === 'close';
    });
    return closes;
  }

  /** Under a condition only what is certain counts: the same condition may have closed the pool before. */
  #guarded<T>(work: () => T): T {
    this.#certainOnly++;
    try {
      return work();
    } finally {
      this.#certainOnly--;
    }
  }

  #expressions(node: ts.Node, state: State): State {
    let now = state;
    walk(node, at => {
      const event = this.#events.get(at);
      if (event === 'close') now = 'closed';
      else if (event === 'join' && now !== 'closed') this.#early(at, now);
    });
    return now;
  }

  #early(call: ts.Node, state: State): void {
    if (state === 'maybe' && this.#certainOnly > 0) return;
    for (let up = call.parent; !ts.isSourceFile(up) && !isFunctionNode(up); up = up.parent) {
      if (ts.isConditionalExpression(up)) return;
    }
    this.#found.push({
      span: spanOf(call),
      pool: this.#variable.name.getText(),
      certain: state === 'open',
      created: spanOf(peel(this.#variable.initializer ?? (this.#variable.name as ts.Identifier))),
      disposable: isAwaitUsing(this.#variable.parent as ts.VariableDeclarationList),
    });
  }
}

function merge(a: State, b: State): State {
  if (a === 'gone') return b;
  if (b === 'gone' || a === b) return a;
  return 'maybe';
}
