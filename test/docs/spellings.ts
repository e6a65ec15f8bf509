import ts from 'typescript';
import * as library from 'manycore';
import { readDeclarations } from '../package/surface.js';

interface Spelling {
  readonly isNew: boolean;
  readonly root: string;
  readonly member: string | undefined;
  readonly options: readonly string[];
}

const camelCase = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** Holds what a page writes, such as `new Process({ target })` or `Queue.get({ timeout })`, against the declarations. */
export class Spellings {
  readonly #checker: ts.TypeChecker;
  readonly #symbols = new Map<string, ts.Symbol>();

  constructor(specifiers: readonly string[]) {
    const { checker, exportsOf } = readDeclarations();
    this.#checker = checker;
    for (const specifier of specifiers) {
      // Its names are Python's, so some are those of the other module as well.
      const prefix = specifier === 'manycore/futures' ? 'futures.' : '';
      for (const [name, { symbol }] of exportsOf(specifier)) this.#symbols.set(prefix + name, symbol);
    }
  }

  /** Every export; what two entries have in common, once. */
  get exports(): string[] {
    const isTwice = (name: string): boolean => {
      const plain = this.#symbols.get(name.replace('futures.', ''));
      return name.startsWith('futures.') && plain === this.#symbols.get(name);
    };
    return [...this.#symbols.keys()].filter(name => !isTwice(name));
  }

  rootOf(span: string): string {
    return this.#parse(span)?.root ?? '';
  }

  /** Whether a Python name has a counterpart, by the rule of the spellings. */
  hasPython(name: string): boolean {
    const parts = name.split('.').map(camelCase);
    const isFutures = parts[0] === 'futures' && parts.shift() !== undefined;
    const prefix = isFutures ? 'futures.' : '';
    const [last = '', owner] = [parts.at(-1), parts.at(-2)];
    if (owner === undefined || /^[a-z]/.test(owner)) return this.#symbols.has(prefix + last);
    return this.#member(prefix + owner, last) !== undefined;
  }

  faultsOf(span: string): string[] {
    const spelling = this.#parse(span);
    if (spelling === undefined) return [`${span}: not a name with or without a call`];
    const { isNew, root, member, options } = spelling;
    const symbol = this.#symbols.get(root);
    if (symbol === undefined) return [`${span}: there is no ${root}`];
    const found = member === undefined ? symbol : this.#member(root, member);
    if (found === undefined) return [`${span}: ${root} has no ${member ?? ''}`];
    const atRunTime: unknown = (library as Record<string, unknown>)[root];
    const isClass = (symbol.flags & ts.SymbolFlags.Class) !== 0;
    if (member !== undefined && isClass && typeof atRunTime === 'function' && !this.#isOwn(found)) {
      // A getter is not called: it may want an instance.
      const prototype: unknown = atRunTime.prototype;
      if (typeof prototype === 'object' && prototype !== null && !(member in prototype))
        return [`${span}: the prototype of ${root} has no ${member}`];
    }
    const known = this.#optionsOf(found, isNew);
    return options.filter(option => !known.has(option)).map(option => `${span}: no option ${option}`);
  }

  #parse(span: string): Spelling | undefined {
    const match = /^(new )?((?:futures\.)?[A-Za-z]\w*)(?:\.([A-Za-z]\w*))?(\(.*\))?$/.exec(span);
    if (match === null) return undefined;
    const [, isNew, root = '', member, call = ''] = match;
    const options = /\{([^}]*)\}/.exec(call)?.[1] ?? '';
    return { isNew: isNew !== undefined, root, member, options: options.split(',').flatMap(name => name.trim() || []) };
  }

  /** A field, which the constructor sets: no prototype has it. */
  #isOwn(symbol: ts.Symbol): boolean {
    return symbol.declarations?.some(ts.isPropertyDeclaration) === true;
  }

  #member(owner: string, name: string): ts.Symbol | undefined {
    const symbol = this.#symbols.get(owner);
    if (symbol === undefined) return undefined;
    const isType = (symbol.flags & ts.SymbolFlags.Type) !== 0;
    const type = isType ? this.#checker.getDeclaredTypeOfSymbol(symbol) : this.#checker.getTypeOfSymbol(symbol);
    return this.#checker.getPropertyOfType(type, name);
  }

  /** The names of all options that a call, or a `new`, of it takes. */
  #optionsOf(symbol: ts.Symbol, isNew: boolean): Set<string> {
    const type = this.#checker.getTypeOfSymbol(symbol);
    const signatures = isNew ? type.getConstructSignatures() : type.getCallSignatures();
    const parameters = signatures.flatMap(signature => signature.getParameters());
    const types = parameters.map(parameter =>
      this.#checker.getNonNullableType(this.#checker.getTypeOfSymbol(parameter)),
    );
    return new Set(types.flatMap(each => this.#propertiesOf(each)));
  }

  #propertiesOf(type: ts.Type): string[] {
    if (type.isUnionOrIntersection()) return type.types.flatMap(each => this.#propertiesOf(each));
    const constraint =
      (type.flags & ts.TypeFlags.Conditional) === 0 ? type : this.#checker.getBaseConstraintOfType(type);
    if (constraint === undefined) return [];
    if (constraint !== type) return this.#propertiesOf(constraint);
    // What stands behind a function may be one parameter, of one tuple or another.
    if (this.#checker.isTupleType(type))
      return this.#checker
        .getTypeArguments(type as ts.TypeReference)
        .flatMap(each => this.#propertiesOf(this.#checker.getNonNullableType(each)));
    return type.getProperties().map(({ name }) => name);
  }
}
