import { ts } from '@ts-morph/common';
import { type FunctionNode, peel, spanOf } from './syntax.js';
import { type Span } from './types.js';

/** An exported function of a module that takes its inputs as arguments, as written; no types are asked for. */
export interface Runnable {
  name: string;
  exportName: string;
  nameSpan: Span;
  fn: Span;
  params: string[];
  paramTypes: string[] | undefined;
  isAsync: boolean;
}

/** Functions of a module that a pool's worker can import and call, found from the syntax alone. */
export function runnableFunctions(source: ts.SourceFile): Runnable[] {
  if (source.isDeclarationFile) return [];
  const exported = listedExports(source);
  const found: Runnable[] = [];
  for (const statement of source.statements) {
    if (ts.isFunctionDeclaration(statement) && statement.body !== undefined) {
      const own = statement.name?.text ?? 'default';
      const name = has(statement, ts.SyntaxKind.DefaultKeyword) ? 'default' : own;
      const exportName = has(statement, ts.SyntaxKind.ExportKeyword) ? name : exported.get(own);
      if (exportName !== undefined)
        add(found, statement, own, exportName, statement.name ?? statement.getFirstToken(source) ?? statement);
    } else if (ts.isVariableStatement(statement)) {
      for (const declaration of statement.declarationList.declarations) {
        const value = declaration.initializer === undefined ? undefined : peel(declaration.initializer);
        if (value === undefined || !ts.isIdentifier(declaration.name)) continue;
        if (!ts.isArrowFunction(value) && !ts.isFunctionExpression(value)) continue;
        const exportName = has(statement, ts.SyntaxKind.ExportKeyword)
          ? declaration.name.text
          : exported.get(declaration.name.text);
        if (exportName !== undefined) add(found, value, declaration.name.text, exportName, declaration.name);
      }
    }
  }
  return found;
}

function add(found: Runnable[], fn: FunctionNode, name: string, exportName: string, at: ts.Node): void {
  const isComponent = /\.[jt]sx$/.test(fn.getSourceFile().fileName) && /^[A-Z]/.test(name);
  if (fn.asteriskToken !== undefined || isComponent || found.some(other => other.name === name)) return;
  const parameters = fn.parameters.filter(parameter => parameter.name.getText() !== 'this');
  const types = parameters.map(parameter => parameter.type?.getText());
  found.push({
    name,
    exportName,
    nameSpan: spanOf(at),
    fn: spanOf(fn),
    params: parameters.map(
      ({ name: parameter, dotDotDotToken }) => (dotDotDotToken === undefined ? '' : '...') + parameter.getText(),
    ),
    paramTypes: types.every(type => type !== undefined) ? types : undefined,
    isAsync: has(fn, ts.SyntaxKind.AsyncKeyword),
  });
}

/** `export { f as g }`, `export default f`, `module.exports = { f }`, `exports.g = f`: local name to exported name. */
function listedExports(source: ts.SourceFile): Map<string, string> {
  const names = new Map<string, string>();
  for (const statement of source.statements) {
    if (ts.isExportDeclaration(statement) && statement.moduleSpecifier === undefined && !statement.isTypeOnly) {
      const clause = statement.exportClause;
      if (clause === undefined || !ts.isNamedExports(clause)) continue;
      for (const { name, propertyName } of clause.elements) names.set((propertyName ?? name).text, name.text);
    } else if (ts.isExportAssignment(statement) && ts.isIdentifier(statement.expression))
      names.set(statement.expression.text, 'default');
    else if (ts.isExpressionStatement(statement)) commonJs(statement.expression, names);
  }
  return names;
}

function commonJs(expression: ts.Expression, names: Map<string, string>): void {
  if (!ts.isBinaryExpression(expression) || expression.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return;
  const match = /^(?:module\.)?exports(?:\.([\w$]+))?$/.exec(expression.left.getText());
  const { right } = expression;
  if (match === null) return;
  if (match[1] !== undefined && ts.isIdentifier(right)) names.set(right.text, match[1]);
  else if (match[1] === undefined && ts.isObjectLiteralExpression(right)) {
    for (const property of right.properties) {
      if (ts.isShorthandPropertyAssignment(property)) names.set(property.name.text, property.name.text);
      else if (ts.isPropertyAssignment(property) && ts.isIdentifier(property.initializer))
        names.set(property.initializer.text, property.name.getText());
    }
  }
}

function has(node: ts.Node, kind: ts.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(modifier => modifier.kind === kind) === true;
}
