import { ts } from '@ts-morph/common';
import { type Symbols } from './symbols.js';
import { isTopLevel } from './syntax.js';

/** Which declarations of a module can be imported, and by which name: a function travels to a child as module and name. */
export class ModuleExports {
  readonly #symbols: Symbols;
  readonly #known = new WeakMap<ts.SourceFile, Map<ts.Node, string>>();

  constructor(symbols: Symbols) {
    this.#symbols = symbols;
  }

  nameOf(declaration: ts.Node): string | undefined {
    return this.of(declaration.getSourceFile()).get(declaration);
  }

  of(source: ts.SourceFile): Map<ts.Node, string> {
    let names = this.#known.get(source);
    if (names === undefined) {
      names = new Map();
      this.#known.set(source, names);
      this.#declared(source, names);
      this.#assigned(source, names);
    }
    return names;
  }

  /** `export`, `export { f as g }`, `export default`, `export =`, and what the compiler sees in JavaScript. */
  #declared(source: ts.SourceFile, names: Map<ts.Node, string>): void {
    const module = this.#symbols.checker.getSymbolAtLocation(source);
    if (module === undefined) return;
    for (const exported of this.#symbols.checker.getExportsOfModule(module)) {
      for (const declaration of this.#symbols.unalias(exported)?.declarations ?? [])
        this.#add(names, declaration, exported.name);
    }
    const equals = module.exports?.get(ts.InternalSymbolName.ExportEquals);
    for (const declaration of this.#symbols.unalias(equals)?.declarations ?? [])
      this.#add(names, declaration, 'default');
  }

  /** `module.exports = …`, `exports.f = …`, and what is registered by hand with `expose(import.meta, { f })`. */
  #assigned(source: ts.SourceFile, names: Map<ts.Node, string>): void {
    for (const statement of source.statements) {
      if (!ts.isExpressionStatement(statement)) continue;
      const { expression } = statement;
      if (ts.isCallExpression(expression)) this.#exposed(expression, names);
      else this.#assignment(expression, names);
    }
  }

  #assignment(expression: ts.Expression, names: Map<ts.Node, string>): void {
    if (!ts.isBinaryExpression(expression) || expression.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return;
    const left = expression.left.getText();
    const match = /^(?:module\.)?exports(?:\.([\w$]+))?$/.exec(left);
    if (match === null || left === 'exports') return;
    if (ts.isBinaryExpression(expression.right)) this.#assignment(expression.right, names);
    if (ts.isObjectLiteralExpression(expression.right) && match[1] === undefined)
      this.#members(expression.right, names);
    else this.#value(expression.right, match[1] ?? 'default', names);
  }

  #exposed(call: ts.CallExpression, names: Map<ts.Node, string>): void {
    const argument = call.arguments[1];
    if (argument === undefined || !ts.isObjectLiteralExpression(argument)) return;
    if (this.#symbols.runtimeFunction(call) === 'expose') this.#members(argument, names);
  }

  #members(object: ts.ObjectLiteralExpression, names: Map<ts.Node, string>): void {
    for (const property of object.properties) {
      if (ts.isShorthandPropertyAssignment(property)) {
        const symbol = this.#symbols.checker.getShorthandAssignmentValueSymbol(property);
        for (const declaration of symbol?.declarations ?? []) this.#add(names, declaration, property.name.text);
      } else if (ts.isPropertyAssignment(property)) this.#value(property.initializer, property.name.getText(), names);
      else if (ts.isMethodDeclaration(property)) this.#add(names, property, property.name.getText());
    }
  }

  #value(value: ts.Expression, name: string, names: Map<ts.Node, string>): void {
    if (ts.isIdentifier(value)) {
      for (const declaration of this.#symbols.resolve(value)?.declarations ?? []) this.#add(names, declaration, name);
    } else this.#add(names, value, name);
  }

  #add(names: Map<ts.Node, string>, declaration: ts.Node, name: string): void {
    const known = names.get(declaration);
    if (known === undefined || known === 'default') names.set(declaration, name);
    // `export const f = () => …`: the function itself is looked up as often as the variable.
    if (ts.isVariableDeclaration(declaration) && declaration.initializer !== undefined && isTopLevel(declaration))
      names.set(declaration.initializer, name);
  }
}
