import { ts } from '@ts-morph/common';
import { type ModuleExports } from './exports.js';
import { hasReduceHook, Instances } from './instances.js';
import { languageBad, languageContainers, nodeBad, spreadable } from './pickleTable.js';
import { grounded } from './runtimeApi.js';
import { type Symbols } from './symbols.js';
import { peel, spanOf } from './syntax.js';
import { type Bad, type TargetForm, type Verdict } from './types.js';

/** Whether a value or a type can travel to another process. Says `bad` only with certainty. */
export interface PickleOracle {
  ofType(type: ts.Type): Verdict;
  ofExpression(expression: ts.Expression): Verdict;
}

const OK: Verdict = { kind: 'ok' };
const UNKNOWN: Verdict = { kind: 'unknown' };
const DEEPEST = 6;
const SILENT =
  ts.TypeFlags.Any |
  ts.TypeFlags.Unknown |
  ts.TypeFlags.Never |
  ts.TypeFlags.TypeParameter |
  ts.TypeFlags.NonPrimitive |
  ts.TypeFlags.Conditional |
  ts.TypeFlags.IndexedAccess |
  ts.TypeFlags.Substitution |
  ts.TypeFlags.ESSymbolLike;
const PRIMITIVE =
  ts.TypeFlags.StringLike |
  ts.TypeFlags.NumberLike |
  ts.TypeFlags.BigIntLike |
  ts.TypeFlags.BooleanLike |
  ts.TypeFlags.Undefined |
  ts.TypeFlags.Null |
  ts.TypeFlags.Void |
  ts.TypeFlags.EnumLike;

function bad(why: string, remedy?: Bad['remedy']): Bad {
  return { kind: 'bad', path: [], why, culprit: undefined, remedy };
}

function within(verdict: Bad, step: string): Bad {
  return { ...verdict, path: [step, ...verdict.path] };
}

export class Pickle implements PickleOracle {
  readonly #symbols: Symbols;
  readonly #formOf: (expression: ts.Expression) => TargetForm;
  readonly #instances: Instances;
  readonly #known = new Map<ts.Type, Verdict>();

  constructor(symbols: Symbols, exports: ModuleExports, formOf: (expression: ts.Expression) => TargetForm) {
    this.#symbols = symbols;
    this.#formOf = formOf;
    this.#instances = new Instances(symbols, exports);
  }

  /** The expression in front of us says more than its type: which function it is, which member of a literal is bad. */
  ofExpression(expression: ts.Expression): Verdict {
    const value = peel(expression);
    if (ts.isArrowFunction(value) || ts.isFunctionExpression(value)) return this.#function(value);
    if (ts.isObjectLiteralExpression(value)) return this.#objectLiteral(value);
    if (ts.isArrayLiteralExpression(value)) return this.#arrayLiteral(value);
    if (ts.isConditionalExpression(value)) return this.#both(value);
    if (ts.isCallExpression(value) && value.expression.getText() === 'Symbol')
      return this.#located(bad('a unique symbol'), value);
    const verdict = this.ofType(this.#symbols.checker.getTypeAtLocation(value));
    if (verdict.kind === 'bad') return this.#located(verdict, value);
    const made = this.#instances.verdict(value);
    if (made !== undefined) return this.#located(made, value);
    return verdict.kind === 'unknown' &&
      (ts.isIdentifier(value) || ts.isPropertyAccessExpression(value) || ts.isCallExpression(value))
      ? this.#function(value)
      : verdict;
  }

  ofType(type: ts.Type): Verdict {
    return this.#type(type, 0);
  }

  /** Functions travel by reference: as good as the module and name under which a child can import them. */
  #function(value: ts.Expression): Verdict {
    const form = this.#formOf(value);
    if (form.kind === 'closure') {
      const remedy = form.captured.length === 0 ? 'extract' : 'leave-out';
      const name = form.name === undefined ? '' : ` (${form.name})`;
      return this.#located(
        bad(
          `${form.shape === 'arrow function' ? 'an arrow' : 'a'} ${form.shape === 'arrow function' ? 'function' : form.shape}${name}, which no child can import`,
          remedy,
        ),
        value,
      );
    }
    if (form.kind === 'unexported')
      return this.#located(
        { ...bad(`the function ${form.name}, which its module does not export`, 'export'), unexported: form.name },
        value,
      );
    if (form.kind === 'method' && form.bound)
      return this.#located(bad('a bound function, which no child can import'), value);
    return UNKNOWN;
  }

  #located(verdict: Bad, node: ts.Node): Bad {
    return { ...verdict, culprit: verdict.culprit ?? spanOf(node) };
  }

  #both(value: ts.ConditionalExpression): Verdict {
    const first = this.ofExpression(value.whenTrue);
    const second = this.ofExpression(value.whenFalse);
    return first.kind === 'bad' && second.kind === 'bad' ? first : UNKNOWN;
  }

  #objectLiteral(object: ts.ObjectLiteralExpression): Verdict {
    if (
      object.properties.some(property => property.name !== undefined && property.name.getText().includes('Symbol.for'))
    )
      return UNKNOWN;
    let result: Verdict = OK;
    for (const property of object.properties) {
      const verdict = this.#property(property);
      if (verdict.kind === 'bad') return within(verdict, `.${property.name?.getText() ?? ''}`);
      if (verdict.kind === 'unknown') result = UNKNOWN;
    }
    return result;
  }

  #property(property: ts.ObjectLiteralElementLike): Verdict {
    if (ts.isPropertyAssignment(property)) return this.ofExpression(property.initializer);
    if (ts.isShorthandPropertyAssignment(property)) {
      const verdict = this.ofType(this.#symbols.checker.getTypeAtLocation(property.name));
      return verdict.kind === 'bad' ? this.#located(verdict, property) : verdict;
    }
    // A method of a literal is an own property: a function that no module exports.
    if (ts.isMethodDeclaration(property))
      return this.#located(bad('a method of an object literal, which no child can import', 'leave-out'), property);
    return UNKNOWN;
  }

  #arrayLiteral(array: ts.ArrayLiteralExpression): Verdict {
    let result: Verdict = OK;
    for (const [index, element] of array.elements.entries()) {
      if (ts.isSpreadElement(element) || ts.isOmittedExpression(element)) {
        result = UNKNOWN;
        continue;
      }
      const verdict = this.ofExpression(element);
      if (verdict.kind === 'bad') return within(verdict, `[${String(index)}]`);
      if (verdict.kind === 'unknown') result = UNKNOWN;
    }
    return result;
  }

  #type(type: ts.Type, depth: number): Verdict {
    if ((type.flags & PRIMITIVE) !== 0) return OK;
    if ((type.flags & SILENT) !== 0 || depth > DEEPEST) return UNKNOWN;
    const known = this.#known.get(type);
    if (known !== undefined) return known;
    this.#known.set(type, UNKNOWN);
    const verdict = this.#compute(type, depth);
    // Cut off by the depth, an answer may be better from nearer: it is not kept.
    if (verdict.kind === 'unknown') this.#known.delete(type);
    else this.#known.set(type, verdict);
    return verdict;
  }

  #compute(type: ts.Type, depth: number): Verdict {
    if (type.isUnion()) return this.#union(type, depth);
    if (type.isIntersection()) {
      if (type.types.some(part => (part.flags & PRIMITIVE) !== 0)) return OK; // a branded primitive
      return type.types.map(part => this.#type(part, depth)).find(verdict => verdict.kind === 'bad') ?? UNKNOWN;
    }
    const unwrapped = this.#unwrapped(type);
    if (unwrapped !== undefined) return this.#type(unwrapped, depth + 1);
    if (type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0) return UNKNOWN;
    const symbol = type.getSymbol() as ts.Symbol | undefined;
    if (symbol === undefined) return UNKNOWN;
    if (this.#symbols.checker.isTupleType(type)) return this.#arguments(type, depth, index => `[${String(index)}]`);
    return this.#named(type, symbol, depth);
  }

  #union(type: ts.UnionType, depth: number): Verdict {
    const verdicts = type.types.map(part => this.#type(part, depth));
    const first = verdicts[0];
    if (first?.kind === 'bad' && verdicts.every(verdict => verdict.kind === 'bad')) return first;
    return verdicts.every(verdict => verdict.kind === 'ok') ? OK : UNKNOWN;
  }

  /** `Readonly<Date>` is a mapped type with a Date's methods as properties: look at what it was made from. */
  #unwrapped(type: ts.Type): ts.Type | undefined {
    const alias = type.aliasSymbol;
    if (alias === undefined || !isLibrary(this.#symbols.declaration(alias))) return undefined;
    return alias.name === 'Readonly' || alias.name === 'Required' || alias.name === 'NonNullable'
      ? type.aliasTypeArguments?.[0]
      : undefined;
  }

  #arguments(type: ts.Type, depth: number, step: (index: number) => string): Verdict {
    let result: Verdict = OK;
    for (const [index, argument] of this.#symbols.checker.getTypeArguments(type as ts.TypeReference).entries()) {
      const verdict = this.#type(argument, depth + 1);
      if (verdict.kind === 'bad') return within({ ...verdict, remedy: undefined }, step(index));
      if (verdict.kind === 'unknown') result = UNKNOWN;
    }
    return result;
  }

  #named(type: ts.Type, symbol: ts.Symbol, depth: number): Verdict {
    const declaration = this.#symbols.declaration(symbol);
    if (isLibrary(declaration)) {
      const why = languageBad[symbol.name];
      if (why !== undefined) return bad(why, remedyFor(symbol.name));
      return languageContainers.has(symbol.name) ? this.#arguments(type, depth, () => '[…]') : OK;
    }
    if (this.#symbols.isRuntime(symbol))
      return grounded.has(symbol.name) ? bad(`a ${symbol.name}, which stays in the process that made it`) : OK;
    if (isNode(declaration)) return symbol.name in nodeBad ? bad(nodeBad[symbol.name] ?? '') : UNKNOWN;
    if (declaration === undefined || declaration.getSourceFile().isDeclarationFile) return this.#bases(type);
    const inherited = this.#bases(type);
    return inherited.kind === 'bad' ? inherited : this.#members(type, depth);
  }

  #bases(type: ts.Type): Verdict {
    if (!type.isClassOrInterface()) return UNKNOWN;
    for (const base of type.getBaseTypes() ?? []) {
      const symbol = base.getSymbol() as ts.Symbol | undefined;
      if (symbol === undefined) continue;
      const declaration = this.#symbols.declaration(symbol);
      const why = isNode(declaration) ? nodeBad[symbol.name] : undefined;
      if (why !== undefined) return bad(`${why} (${type.symbol.name})`);
      const verdict = this.#bases(base);
      if (verdict.kind === 'bad') return verdict;
    }
    return UNKNOWN;
  }

  /** Own fields travel, the prototype is re-attached: methods and accessors do not matter, function fields do. */
  #members(type: ts.Type, depth: number): Verdict {
    const properties = type.getProperties();
    if (properties.length > 60 || properties.some(property => property.declarations?.some(hasReduceHook) === true))
      return UNKNOWN;
    let result: Verdict = type.isClass() ? UNKNOWN : OK;
    for (const property of properties) {
      if ((property.flags & (ts.SymbolFlags.Method | ts.SymbolFlags.Accessor | ts.SymbolFlags.Optional)) !== 0)
        continue;
      const declaration = this.#symbols.declaration(property);
      if (declaration === undefined) return UNKNOWN;
      const verdict = this.#field(property, declaration, depth);
      // A copy of a plain object may lack the part; a copy of an instance would lack its class.
      if (verdict.kind === 'bad')
        return within({ ...verdict, remedy: type.isClass() ? undefined : 'leave-out' }, `.${property.name}`);
      if (verdict.kind === 'unknown') result = UNKNOWN;
    }
    return result;
  }

  #field(property: ts.Symbol, declaration: ts.Declaration, depth: number): Verdict {
    if (ts.isPropertyDeclaration(declaration) && declaration.initializer !== undefined) {
      const value = peel(declaration.initializer);
      if (ts.isArrowFunction(value) || ts.isFunctionExpression(value))
        return bad('a function made by each instance, which no child can import');
    }
    return this.#type(this.#symbols.checker.getTypeOfSymbol(property), depth + 1);
  }
}

function remedyFor(name: string): Bad['remedy'] {
  if (name === 'Promise') return 'await';
  return spreadable.has(name) ? 'spread' : undefined;
}

function isLibrary(declaration: ts.Declaration | undefined): boolean {
  const file = declaration?.getSourceFile().fileName;
  return file !== undefined && /\/node_modules\/typescript\/lib\/lib\.[^/]*\.d\.ts$/.test(file);
}

/** `@types/node` takes the types of fetch from a package of their own. */
function isNode(declaration: ts.Declaration | undefined): boolean {
  const file = declaration?.getSourceFile().fileName;
  return file !== undefined && /\/node_modules\/(@types\/node|undici-types)\//.test(file);
}
