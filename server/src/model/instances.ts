import { ts } from '@ts-morph/common';
import { type ModuleExports } from './exports.js';
import { reduceHook } from './runtimeApi.js';
import { type Symbols } from './symbols.js';
import { isConst, isTopLevel, peel } from './syntax.js';
import { type Bad } from './types.js';

/** Instances whose class is in sight: what `new C()` makes, directly or held by a constant. */
export class Instances {
  readonly #symbols: Symbols;
  readonly #exports: ModuleExports;

  constructor(symbols: Symbols, exports: ModuleExports) {
    this.#symbols = symbols;
    this.#exports = exports;
  }

  /** Why the instance cannot travel, when that is certain: its class cannot be imported, or keeps private state. */
  verdict(expression: ts.Expression): Bad | undefined {
    const made = this.#construction(expression);
    const declaration =
      made === undefined ? undefined : this.#symbols.declaration(this.#symbols.resolve(peel(made.expression)));
    if (declaration === undefined || !ts.isClassLike(declaration) || declaration.getSourceFile().isDeclarationFile)
      return undefined;
    const family = this.#family(declaration);
    if (family === undefined || family.some(each => each.members.some(hasReduceHook))) return undefined;
    const name = declaration.name?.text ?? 'a class without a name';
    const field = family
      .flatMap(each => [...each.members])
      .find(isPrivate)
      ?.name?.getText();
    if (field !== undefined) return bad(`an instance of ${name}, whose private state (${field}) is out of reach`);
    if (this.#exports.nameOf(declaration) !== undefined || this.#isValueOfExport(declaration)) return undefined;
    const why = `an instance of ${name}, a class that its module does not export`;
    if (!ts.isClassDeclaration(declaration) || !isTopLevel(declaration)) return bad(why);
    return { ...bad(why), remedy: 'export', unexported: name };
  }

  #construction(expression: ts.Expression): ts.NewExpression | undefined {
    const value = peel(expression);
    if (ts.isNewExpression(value)) return value;
    const variable = this.#symbols.variableOf(value);
    const initial = variable?.initializer === undefined || !isConst(variable) ? undefined : peel(variable.initializer);
    return initial !== undefined && ts.isNewExpression(initial) ? initial : undefined;
  }

  /** The class and those it extends; undefined when one of them is not in sight or not of this program. */
  #family(declaration: ts.ClassLikeDeclaration): ts.ClassLikeDeclaration[] | undefined {
    const family = [declaration];
    for (let at = declaration; ;) {
      const base = at.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)?.types[0];
      if (base === undefined) return family;
      const next = this.#symbols.declaration(this.#symbols.resolve(peel(base.expression)));
      if (next === undefined || !ts.isClassLike(next) || next.getSourceFile().isDeclarationFile || family.length > 10)
        return undefined;
      family.push(next);
      at = next;
    }
  }

  #isValueOfExport(declaration: ts.ClassLikeDeclaration): boolean {
    return ts.isClassExpression(declaration);
  }
}

function bad(why: string): Bad {
  return { kind: 'bad', path: [], why, culprit: undefined, remedy: undefined };
}

function isPrivate(member: ts.ClassElement): boolean {
  const isStatic =
    ts.canHaveModifiers(member) &&
    ts.getModifiers(member)?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) === true;
  return !isStatic && member.name !== undefined && ts.isPrivateIdentifier(member.name);
}

/** A member named by a symbol may be a reduce hook under another name: then nothing is certain. */
export function hasReduceHook(declaration: ts.Declaration): boolean {
  const name = ts.getNameOfDeclaration(declaration);
  if (name === undefined || !ts.isComputedPropertyName(name)) return false;
  const text = name.getText();
  return text.includes(reduceHook) || text.includes('Symbol.for') || /reduce/i.test(text);
}
