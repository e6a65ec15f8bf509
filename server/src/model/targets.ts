import { ts } from '@ts-morph/common';
import { capturedBy } from './captures.js';
import { type ModuleExports } from './exports.js';
import { type PickleOracle } from './pickle.js';
import { type Symbols } from './symbols.js';
import { enclosingFunction, type FunctionNode, isFunctionNode, isTopLevel, peel, shortText, spanOf } from './syntax.js';
import { type TargetForm } from './types.js';

const UNKNOWN: TargetForm = { kind: 'unknown' };

/** Says what kind of function an expression names, and whether a child could import it. */
export class Targets {
  readonly #symbols: Symbols;
  readonly #exports: ModuleExports;
  readonly #pickle: () => PickleOracle;

  constructor(symbols: Symbols, exports: ModuleExports, pickle: () => PickleOracle) {
    this.#symbols = symbols;
    this.#exports = exports;
    this.#pickle = pickle;
  }

  formOf(expression: ts.Expression, depth = 0): TargetForm {
    const value = peel(expression);
    if (depth > 5) return UNKNOWN;
    if (ts.isArrowFunction(value) || ts.isFunctionExpression(value)) return this.#closure(value, undefined);
    if (ts.isCallExpression(value)) return this.#call(value);
    if (ts.isIdentifier(value)) return this.#declared(this.#symbols.resolve(value), value, depth);
    if (ts.isPropertyAccessExpression(value)) return this.#property(value, depth);
    return UNKNOWN;
  }

  #closure(
    fn: ts.ArrowFunction | ts.FunctionExpression | ts.FunctionDeclaration,
    name: string | undefined,
  ): TargetForm {
    const shape =
      ts.isFunctionDeclaration(fn) || name !== undefined
        ? 'nested function'
        : ts.isArrowFunction(fn)
          ? 'arrow function'
          : 'function expression';
    return {
      kind: 'closure',
      shape,
      name,
      declaration: spanOf(fn),
      captured: capturedBy(fn, this.#symbols, this.#pickle()),
    };
  }

  /** `f.bind(…)` makes a function that no module exports. What other calls return is not known. */
  #call(call: ts.CallExpression): TargetForm {
    const callee = peel(call.expression);
    if (!ts.isPropertyAccessExpression(callee) || callee.name.text !== 'bind') return UNKNOWN;
    const declaration = this.#symbols.declaration(this.#symbols.resolve(callee.name));
    if (declaration?.getSourceFile().hasNoDefaultLib !== true && !isLib(declaration)) return UNKNOWN;
    return { kind: 'method', bound: true, text: shortText(call), declaration: undefined };
  }

  #property(access: ts.PropertyAccessExpression, depth: number): TargetForm {
    const symbol = this.#symbols.resolve(access.name);
    const declaration = this.#symbols.declaration(symbol);
    if (declaration === undefined || isElsewhere(declaration)) return UNKNOWN;
    if (ts.isMethodDeclaration(declaration) && ts.isClassLike(declaration.parent)) {
      const isStatic = (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Static) !== 0;
      return isStatic
        ? UNKNOWN
        : { kind: 'method', bound: false, text: shortText(access), declaration: spanOf(declaration.name) };
    }
    if (ts.isFunctionDeclaration(declaration) || ts.isVariableDeclaration(declaration))
      return this.#declared(symbol, access, depth);
    return UNKNOWN;
  }

  #declared(symbol: ts.Symbol | undefined, use: ts.Expression, depth: number): TargetForm {
    const declaration = this.#implementation(symbol);
    if (declaration === undefined || isElsewhere(declaration)) return UNKNOWN;
    if (ts.isParameter(declaration)) return this.#parameter(declaration, use);
    const exported = this.#exports.nameOf(declaration);
    const fn = this.#symbols.functionOfSymbol(symbol);
    if (exported !== undefined) {
      const file = declaration.getSourceFile().fileName;
      return { kind: 'importable', file, exportName: exported, fn: fn === undefined ? undefined : spanOf(fn) };
    }
    if (ts.isFunctionDeclaration(declaration)) {
      return isTopLevel(declaration)
        ? unexported(declaration, declaration.name?.text ?? '', fn)
        : this.#closure(declaration, declaration.name?.text);
    }
    return ts.isVariableDeclaration(declaration) ? this.#variable(declaration, fn, depth) : UNKNOWN;
  }

  #variable(declaration: ts.VariableDeclaration, fn: FunctionNode | undefined, depth: number): TargetForm {
    if (declaration.initializer === undefined || !ts.isIdentifier(declaration.name)) return UNKNOWN;
    const value = peel(declaration.initializer);
    if (!ts.isArrowFunction(value) && !ts.isFunctionExpression(value)) return this.formOf(value, depth + 1);
    return isTopLevel(declaration)
      ? unexported(declaration.parent.parent, declaration.name.text, fn)
      : this.#closure(value, declaration.name.text);
  }

  /** Overloads are declarations too: the one with a body counts. */
  #implementation(symbol: ts.Symbol | undefined): ts.Declaration | undefined {
    const withBody = symbol?.declarations?.find(
      declaration => ts.isFunctionDeclaration(declaration) && declaration.body !== undefined,
    );
    return withBody ?? this.#symbols.declaration(symbol);
  }

  /** A function that only passes a parameter on is judged where it is called. */
  #parameter(parameter: ts.ParameterDeclaration, use: ts.Expression): TargetForm {
    const owner = parameter.parent;
    if (!isFunctionNode(owner) || parameter.dotDotDotToken !== undefined || enclosingFunction(use) !== owner)
      return UNKNOWN;
    return { kind: 'parameter', index: owner.parameters.indexOf(parameter) };
  }
}

function unexported(declaration: ts.Node, name: string, fn: FunctionNode | undefined): TargetForm {
  return { kind: 'unexported', name, declaration: spanOf(declaration), fn: fn === undefined ? undefined : spanOf(fn) };
}

function isElsewhere(declaration: ts.Declaration): boolean {
  return declaration.getSourceFile().isDeclarationFile;
}

function isLib(declaration: ts.Declaration | undefined): boolean {
  return declaration?.getSourceFile().fileName.includes('/node_modules/typescript/lib/') === true;
}
