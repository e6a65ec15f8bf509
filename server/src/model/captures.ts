import { ts } from '@ts-morph/common';
import { type PickleOracle } from './pickle.js';
import { type Symbols } from './symbols.js';
import { type FunctionNode, isFunctionNode, isTopLevel, spanOf } from './syntax.js';
import { type Captured } from './types.js';
import { printableType } from './printType.js';

/** What a function takes from the functions and blocks around it; what stands at the top level of its module is not captured. */
export function capturedBy(fn: FunctionNode, symbols: Symbols, pickle: PickleOracle): Captured[] {
  const found = new Map<string, Captured>();
  const visit = (node: ts.Node): void => {
    if (isThisLike(node, fn))
      found.set('this', {
        name: node.getText(),
        kind: 'this',
        declaration: undefined,
        written: false,
        type: undefined,
        travels: false,
      });
    else if (ts.isIdentifier(node)) addName(node, fn, symbols, pickle, found);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(fn, visit);
  return [...found.values()];
}

function addName(
  node: ts.Identifier,
  fn: FunctionNode,
  symbols: Symbols,
  pickle: PickleOracle,
  found: Map<string, Captured>,
): void {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return;
  if (ts.isPropertyAssignment(parent) && parent.name === node) return;
  const symbol = ts.isShorthandPropertyAssignment(parent)
    ? symbols.checker.getShorthandAssignmentValueSymbol(parent)
    : symbols.checker.getSymbolAtLocation(node);
  const declaration = symbols.declaration(symbol);
  if (symbol === undefined || declaration === undefined || declaration.getSourceFile() !== fn.getSourceFile()) return;
  if (declaration.pos >= fn.pos && declaration.end <= fn.end) return;
  if ((symbol.flags & (ts.SymbolFlags.Alias | ts.SymbolFlags.Property | ts.SymbolFlags.Method)) !== 0) return;
  if (isOutermost(declaration)) return;
  const known = found.get(node.text);
  const written = isWrite(node);
  if (known !== undefined) {
    known.written ||= written;
    return;
  }
  const kind = kindOf(symbol);
  const type = kind === 'variable' ? symbols.checker.getTypeOfSymbolAtLocation(symbol, node) : undefined;
  found.set(node.text, {
    name: node.text,
    kind,
    declaration: spanOf(ts.getNameOfDeclaration(declaration) ?? declaration),
    written,
    type: type === undefined ? undefined : printableType(type, symbols.checker, fn),
    travels: type !== undefined && pickle.ofType(type).kind !== 'bad',
  });
}

function isOutermost(declaration: ts.Declaration): boolean {
  const variable = ts.isBindingElement(declaration) ? ts.walkUpBindingElementsAndPatterns(declaration) : declaration;
  return isTopLevel(variable);
}

function kindOf(symbol: ts.Symbol): Captured['kind'] {
  if ((symbol.flags & ts.SymbolFlags.Function) !== 0) return 'function';
  if ((symbol.flags & ts.SymbolFlags.Class) !== 0) return 'class';
  return (symbol.flags & ts.SymbolFlags.Variable) !== 0 ? 'variable' : 'type';
}

/** `this`, `super` and `arguments` of an arrow function belong to the function around it. */
function isThisLike(node: ts.Node, fn: FunctionNode): boolean {
  const kind = node.kind;
  if (kind !== ts.SyntaxKind.ThisKeyword && kind !== ts.SyntaxKind.SuperKeyword && kind !== ts.SyntaxKind.ThisType)
    return false;
  if (ts.isFunctionDeclaration(fn) && kind === ts.SyntaxKind.ThisType) return false;
  for (let up = node.parent; up !== fn.parent; up = up.parent) {
    if ((isFunctionNode(up) && !ts.isArrowFunction(up)) || ts.isClassLike(up)) return false;
  }
  return true;
}

function isWrite(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent)) {
    return parent.operator === ts.SyntaxKind.PlusPlusToken || parent.operator === ts.SyntaxKind.MinusMinusToken;
  }
  if (!ts.isBinaryExpression(parent) || parent.left !== node) return false;
  const operator = parent.operatorToken.kind;
  return operator >= ts.SyntaxKind.FirstAssignment && operator <= ts.SyntaxKind.LastAssignment;
}
