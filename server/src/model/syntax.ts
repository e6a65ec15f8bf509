import { ts } from '@ts-morph/common';
import { type Span } from './types.js';

/** Small questions about the syntax tree that every part of the model asks. */

export type FunctionNode =
  | ts.FunctionDeclaration
  | ts.FunctionExpression
  | ts.ArrowFunction
  | ts.MethodDeclaration
  | ts.ConstructorDeclaration
  | ts.AccessorDeclaration;

/** What runs when something else runs it: a function, or what a class does first to each of its instances. */
export type Body = FunctionNode | ts.PropertyDeclaration;

export function isFunctionNode(node: ts.Node): node is FunctionNode {
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isArrowFunction(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isConstructorDeclaration(node) ||
    ts.isAccessor(node)
  );
}

export const isBody = (node: ts.Node): node is Body => isFunctionNode(node) || ts.isPropertyDeclaration(node);

export function spanOf(node: ts.Node): Span {
  return { file: node.getSourceFile().fileName, start: node.getStart(), end: node.end };
}

/** Without what changes nothing at run time: parentheses, casts, `satisfies`, `!`. */
export function peel(node: ts.Expression): ts.Expression {
  let inner = node;
  while (
    ts.isParenthesizedExpression(inner) ||
    ts.isAsExpression(inner) ||
    ts.isSatisfiesExpression(inner) ||
    ts.isNonNullExpression(inner) ||
    ts.isTypeAssertionExpression(inner)
  )
    inner = inner.expression;
  return inner;
}

export function enclosingFunction(node: ts.Node): FunctionNode | undefined {
  for (let up = node.parent; !ts.isSourceFile(up); up = up.parent) if (isFunctionNode(up)) return up;
  return undefined;
}

/** The statement of the source file that a node stands in. */
export function topLevelStatement(node: ts.Node): ts.Statement | undefined {
  let at = node;
  while ((at.parent as ts.Node | undefined) !== undefined && !ts.isSourceFile(at.parent)) at = at.parent;
  return ts.isStatement(at) ? at : undefined;
}

export function isTopLevel(declaration: ts.Node): boolean {
  if (ts.isVariableDeclaration(declaration)) {
    const list = declaration.parent;
    return ts.isVariableStatement(list.parent) && ts.isSourceFile(list.parent.parent);
  }
  return ts.isSourceFile(declaration.parent);
}

export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild(child => {
    walk(child, visit);
  });
}

/** The member of an object literal; undefined when absent, 'hidden' when a spread or computed name may hold it. */
export function member(
  object: ts.ObjectLiteralExpression,
  name: string,
): ts.ObjectLiteralElementLike | 'hidden' | undefined {
  let found: ts.ObjectLiteralElementLike | 'hidden' | undefined;
  for (const property of object.properties) {
    if (ts.isSpreadAssignment(property)) found = 'hidden';
    else if (ts.isIdentifier(property.name) || ts.isStringLiteral(property.name)) {
      if (property.name.text === name) found = property;
    } else if (ts.isComputedPropertyName(property.name)) found = 'hidden';
  }
  return found;
}

/** The expression that gives a member its value: `{ a: x }`, `{ a }`. A method gives none. */
export function memberValue(object: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  const found = member(object, name);
  if (found === undefined || found === 'hidden') return undefined;
  if (ts.isPropertyAssignment(found)) return found.initializer;
  return ts.isShorthandPropertyAssignment(found) ? found.name : undefined;
}

export function shortText(node: ts.Node, limit = 40): string {
  const text = node.getText().replace(/\s+/g, ' ');
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}

export function nodeAt(
  source: ts.SourceFile,
  span: Span,
  accept: (node: ts.Node) => boolean = () => true,
): ts.Node | undefined {
  const search = (node: ts.Node): ts.Node | undefined => {
    if (node.end < span.end || node.pos > span.start) return undefined;
    if (node.getStart(source) === span.start && node.end === span.end && accept(node)) return node;
    return ts.forEachChild(node, search);
  };
  return search(source);
}

export function isAwaitUsing(list: ts.VariableDeclarationList): boolean {
  return (list.flags & ts.NodeFlags.Using) !== 0;
}

export function isConst(declaration: ts.VariableDeclaration): boolean {
  const list = declaration.parent;
  return ts.isVariableDeclarationList(list) && (list.flags & (ts.NodeFlags.Const | ts.NodeFlags.Using)) !== 0;
}
