import { ts } from '@ts-morph/common';
import { constructors, memberNames, methods } from './runtimeApi.js';
import { type FunctionNode, isFunctionNode, peel } from './syntax.js';

/** A symbol is the runtime's when its declaring file belongs to the package `manycore`; its name alone says nothing. */
export class Symbols {
  readonly checker: ts.TypeChecker;
  readonly #isRuntimeFile: (file: string) => boolean;
  readonly #runtimeFiles = new Map<string, boolean>();

  constructor(checker: ts.TypeChecker, isRuntimeFile: (file: string) => boolean) {
    this.checker = checker;
    this.#isRuntimeFile = isRuntimeFile;
  }

  /** What a name finally stands for, through imports and re-exports. */
  resolve(node: ts.Node): ts.Symbol | undefined {
    return this.unalias(this.checker.getSymbolAtLocation(node));
  }

  unalias(symbol: ts.Symbol | undefined): ts.Symbol | undefined {
    if (symbol === undefined) return undefined;
    return (symbol.flags & ts.SymbolFlags.Alias) !== 0 ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  declaration(symbol: ts.Symbol | undefined): ts.Declaration | undefined {
    return symbol?.valueDeclaration ?? symbol?.declarations?.[0];
  }

  isRuntime(symbol: ts.Symbol | undefined): boolean {
    const file = this.declaration(symbol)?.getSourceFile().fileName;
    if (file === undefined) return false;
    let known = this.#runtimeFiles.get(file);
    if (known === undefined) this.#runtimeFiles.set(file, (known = this.#isRuntimeFile(file)));
    return known;
  }

  /** The runtime's class that an expression names, itself or as the base of a class of the program. */
  runtimeClass(expression: ts.Expression): { name: string; subclass: ts.ClassLikeDeclaration | undefined } | undefined {
    let symbol = this.resolve(peel(expression));
    let subclass: ts.ClassLikeDeclaration | undefined;
    for (let depth = 0; depth < 10; depth++) {
      if (symbol === undefined) return undefined;
      if (this.isRuntime(symbol)) return symbol.name in constructors ? { name: symbol.name, subclass } : undefined;
      const declaration = this.declaration(symbol);
      if (declaration === undefined || !ts.isClassLike(declaration)) return undefined;
      subclass ??= declaration;
      const base = declaration.heritageClauses?.find(clause => clause.token === ts.SyntaxKind.ExtendsKeyword)?.types[0];
      if (base === undefined) return undefined;
      symbol = this.resolve(base.expression);
    }
    return undefined;
  }

  /** The runtime's method that a call goes to. The name is looked at before any type: most calls end there. */
  runtimeMethod(call: ts.CallExpression): { owner: string; name: string; receiver: ts.Expression } | undefined {
    const callee = peel(call.expression);
    if (!ts.isPropertyAccessExpression(callee) || !memberNames.has(callee.name.text)) return undefined;
    const symbol = this.checker.getSymbolAtLocation(callee.name);
    if (!this.isRuntime(symbol)) return undefined;
    const owner = this.#owner(symbol, callee);
    return owner === undefined ? undefined : { owner, name: callee.name.text, receiver: callee.expression };
  }

  #owner(symbol: ts.Symbol | undefined, callee: ts.PropertyAccessExpression): string | undefined {
    const parent = this.declaration(symbol)?.parent;
    if (parent !== undefined && (ts.isClassLike(parent) || ts.isInterfaceDeclaration(parent))) {
      const name = parent.name?.text;
      if (name !== undefined && callee.name.text in (methods[name] ?? {})) return name;
    }
    const seen = [this.checker.getTypeAtLocation(callee.expression)];
    for (const type of seen) {
      const name = (type.getSymbol() as ts.Symbol | undefined)?.name;
      if (name !== undefined && callee.name.text in (methods[name] ?? {})) return name;
      if (seen.length < 10) seen.push(...(type.getBaseTypes() ?? []), ...(type.isUnion() ? type.types : []));
    }
    return undefined;
  }

  /** The runtime's function that a call goes to. */
  runtimeFunction(call: ts.CallExpression): string | undefined {
    const callee = peel(call.expression);
    if (!ts.isIdentifier(callee) && !ts.isPropertyAccessExpression(callee)) return undefined;
    const symbol = this.resolve(ts.isIdentifier(callee) ? callee : callee.name);
    return symbol !== undefined && this.isRuntime(symbol) && (symbol.flags & ts.SymbolFlags.Function) !== 0
      ? symbol.name
      : undefined;
  }

  /** The program's function behind a callee, with a body to look into. */
  functionOf(expression: ts.Expression, depth = 0): FunctionNode | undefined {
    const callee = peel(expression);
    if (isFunctionNode(callee)) return callee;
    if (!ts.isIdentifier(callee) && !ts.isPropertyAccessExpression(callee)) return undefined;
    const symbol = this.resolve(ts.isIdentifier(callee) ? callee : callee.name);
    return depth > 5 ? undefined : this.functionOfSymbol(symbol, depth);
  }

  functionOfSymbol(symbol: ts.Symbol | undefined, depth = 0): FunctionNode | undefined {
    for (const declaration of symbol?.declarations ?? []) {
      if (isFunctionNode(declaration) && declaration.body !== undefined) return declaration;
      if (ts.isVariableDeclaration(declaration) && declaration.initializer !== undefined)
        return this.functionOf(declaration.initializer, depth + 1);
      if (ts.isPropertyAssignment(declaration)) return this.functionOf(declaration.initializer, depth + 1);
      if (ts.isExportAssignment(declaration)) return this.functionOf(declaration.expression, depth + 1);
    }
    return undefined;
  }

  /** The variable behind a name, when its value can only be its initializer or an assignment in sight. */
  variableOf(expression: ts.Expression): ts.VariableDeclaration | undefined {
    const name = peel(expression);
    if (!ts.isIdentifier(name)) return undefined;
    const declaration = this.declaration(this.resolve(name));
    return declaration !== undefined && ts.isVariableDeclaration(declaration) ? declaration : undefined;
  }
}
