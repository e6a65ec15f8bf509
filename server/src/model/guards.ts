import { ts } from '@ts-morph/common';
import { guards } from './runtimeApi.js';
import { type Symbols } from './symbols.js';
import { peel } from './syntax.js';

/**
 * On what the execution of a node depends, once its function or module runs.
 * `always`; `exits`: an earlier `if` may have left; `condition`: stands under one; `guard`: only in the main process, or
 * only where children are allowed.
 */
export type Reached = 'always' | 'exits' | 'condition' | 'guard';

const order: readonly Reached[] = ['always', 'exits', 'condition', 'guard'];

export function weaker(a: Reached, b: Reached): Reached {
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}

export class Guards {
  readonly #symbols: Symbols;

  constructor(symbols: Symbols) {
    this.#symbols = symbols;
  }

  /** Looks from `node` up to `boundary`: a function or the source file. */
  reached(node: ts.Node, boundary: ts.Node): Reached {
    let result: Reached = 'always';
    for (let at = node; at !== boundary && !ts.isSourceFile(at); at = at.parent) {
      result = weaker(result, this.#step(at, at.parent));
      if (result === 'guard') return result;
    }
    return result;
  }

  #step(child: ts.Node, parent: ts.Node): Reached {
    if (ts.isIfStatement(parent) && child !== parent.expression) return this.#under(parent.expression);
    if (ts.isConditionalExpression(parent) && child !== parent.condition) return this.#under(parent.condition);
    if (ts.isBinaryExpression(parent) && child === parent.right && isShortCircuit(parent))
      return this.#under(parent.left);
    if (ts.isCaseOrDefaultClause(parent) || ts.isCatchClause(parent)) return 'condition';
    if (ts.isWhileStatement(parent) && child !== parent.expression) return this.#under(parent.expression);
    if (ts.isBlock(parent) || ts.isSourceFile(parent)) return this.#exitsBefore(child, parent.statements);
    return 'always';
  }

  #under(condition: ts.Expression): Reached {
    if (condition.kind === ts.SyntaxKind.TrueKeyword) return 'always';
    return this.isGuard(condition) ? 'guard' : 'condition';
  }

  /** `if (!isMain(import.meta)) return;` and its kin guard all that follows. */
  #exitsBefore(statement: ts.Node, statements: ts.NodeArray<ts.Statement>): Reached {
    let result: Reached = 'always';
    for (const earlier of statements) {
      if (earlier === statement) break;
      if (!ts.isIfStatement(earlier) || !(leaves(earlier.thenStatement) || leaves(earlier.elseStatement))) continue;
      result = weaker(result, this.isGuard(earlier.expression) ? 'guard' : 'exits');
    }
    return result;
  }

  /** Whether a condition tells the main process from its children in any of the known forms. */
  isGuard(condition: ts.Node, depth = 0): boolean {
    if (depth > 4) return false;
    const text = condition.getText();
    if (/\bimport\.meta\.main\b|\brequire\.main\b|\bmodule\.parent\b|\bprocess\.argv(?:\[1\]|\.at\(1\))/.test(text))
      return true;
    if (/\bimport\.meta\.(?:url|filename)\b/.test(text)) return true;
    let found = false;
    const look = (node: ts.Node): void => {
      if (found) return;
      if (ts.isIdentifier(node) && this.#nameGuards(node, depth)) found = true;
      else ts.forEachChild(node, look);
    };
    look(condition);
    return found;
  }

  #nameGuards(name: ts.Identifier, depth: number): boolean {
    if (/^is_?main/i.test(name.text) || name.text === 'daemon') return true;
    const symbol = this.#symbols.resolve(name);
    if (symbol === undefined) return false;
    if (this.#symbols.isRuntime(symbol)) return guards.has(symbol.name);
    const declaration = this.#symbols.declaration(symbol);
    if (declaration === undefined || declaration.getSourceFile().isDeclarationFile) return false;
    if (ts.isVariableDeclaration(declaration) && declaration.initializer !== undefined) {
      return this.isGuard(declaration.initializer, depth + 1);
    }
    if (ts.isBindingElement(declaration)) {
      const { initializer } = ts.walkUpBindingElementsAndPatterns(declaration) as ts.VariableDeclaration;
      return initializer !== undefined && this.isGuard(initializer, depth + 1);
    }
    return ts.isFunctionDeclaration(declaration) && returnsGuard(declaration, node => this.isGuard(node, depth + 1));
  }
}

function returnsGuard(fn: ts.FunctionDeclaration, isGuard: (node: ts.Node) => boolean): boolean {
  return (fn.body?.statements ?? []).some(
    statement => ts.isReturnStatement(statement) && statement.expression !== undefined && isGuard(statement.expression),
  );
}

function isShortCircuit(node: ts.BinaryExpression): boolean {
  const kind = node.operatorToken.kind;
  return (
    kind === ts.SyntaxKind.AmpersandAmpersandToken ||
    kind === ts.SyntaxKind.BarBarToken ||
    kind === ts.SyntaxKind.QuestionQuestionToken
  );
}

/** Whether a statement surely leaves its function, loop or process. */
export function leaves(statement: ts.Statement | undefined): boolean {
  if (statement === undefined) return false;
  if (ts.isBlock(statement)) return statement.statements.some(leaves);
  if (ts.isReturnStatement(statement) || ts.isThrowStatement(statement) || ts.isBreakOrContinueStatement(statement))
    return true;
  if (!ts.isExpressionStatement(statement)) return false;
  const call = peel(statement.expression);
  return ts.isCallExpression(call) && /^process\.(?:exit|abort|reallyExit)$/.test(call.expression.getText());
}
