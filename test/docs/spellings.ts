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
  /** What has an entry of its own: `manycore/futures`. */
  readonly #submodules = new Map<string, ReadonlySet<string>>();

  constructor(specifiers: readonly string[]) {
    const { checker, exportsOf } = readDeclarations();
    this.#checker = checker;
    for (const specifier of specifiers) {
      const exported = exportsOf(specifier);
      for (const [name, { symbol }] of exported) this.#symbols.set(name, symbol);
      this.#submodules.set(specifier.replace('manycore/', ''), new Set(exported.keys()));
    }
  }

  get exports(): string[] {
    return [...this.#symbols.keys()];
  }

  rootOf(span: string): string {
    return this.#parse(span)?.root ?? '';
  }

  /** Whether a Python name has a counterpart, by the rule of the spellings. */
  hasPython(name: string): boolean {
    const parts = name.split('.');
    const [last = '', owner] = [camelCase(parts.at(-1) ?? ''), parts.at(-2)];
    if (owner === 'futures') return this.#submodules.get(owner)?.has(last) === true;
    if (owner === undefined || /^[a-z]/.test(owner)) return this.#symbols.has(last);
    return this.#member(owner, last) !== undefined;
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
    const match = /^(new )?([A-Za-z]\w*)(?:\.([A-Za-z]\w*))?(\(.*\))?$/.exec(span);
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
    return type.getProperties().map(({ name }) => name);
  }
}
