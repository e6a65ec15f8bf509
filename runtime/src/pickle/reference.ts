import { moduleUrl } from '../callSites.js';
import { ValueError } from '../errors.js';
import { Refusal } from './refusal.js';
import type { ShapeTable } from './shapes.js';
import { findReference } from './find.js';
import { corrupt } from './reader.js';
import { globalIndex } from './builtins.js';

/**
 * Where the receiver looks: an export of an ES module or of a CommonJS module, a name registered by `expose`, an export
 * of one of Node's own modules, a function every realm has, or a class of this library.
 */
export type ReferenceKind = 'esm' | 'cjs' | 'exposed' | 'node' | 'global' | 'library';
const KINDS: ReadonlySet<string> = new Set<ReferenceKind>(['esm', 'cjs', 'exposed', 'node', 'global', 'library']);

export type Callable = (...args: never[]) => unknown;

/** The name of a function or class that means the same in every process of the program. */
export interface Reference {
  readonly kind: ReferenceKind;
  /** The module: a `file:` or `node:` URL; empty for what belongs to no module. */
  readonly url: string;
  /** The export's name; for CommonJS `module.exports` stands for the whole. */
  readonly name: string;
  /** The static method, or property of an exported object, that is meant; empty for the export itself. */
  readonly member: string;
  /** Where the sender has it, `file:line:column`, for messages only. */
  readonly at: string;
  /** All of the above as it travels. */
  readonly strings: readonly string[];
  block: Buffer | null;
  table: ShapeTable | null;
  tableId: number;
  /** What it means here, once resolved. */
  value: Callable | null;
}

/** First string of a reference in the shared table, where lists of keys live too. */
const MARK = '\0reference';

export function makeReference(kind: ReferenceKind, url: string, name: string, member = '', at = ''): Reference {
  const strings = [MARK, kind, url, name, member, at];
  return { kind, url, name, member, at, strings, block: null, table: null, tableId: -1, value: null };
}

export function parseReference(strings: readonly string[]): Reference {
  const [mark, kind, url, name, member, at] = strings;
  if (mark !== MARK || strings.length !== 6 || kind === undefined || !KINDS.has(kind)) corrupt('a reference is none');
  const [isNode, isPlaceless] = [kind === 'node', kind === 'global' || kind === 'library'];
  if (isNode !== (url?.startsWith('node:') ?? false) || isPlaceless !== (url === '')) corrupt('a reference is none');
  return makeReference(kind as ReferenceKind, url ?? '', name ?? '', member, at);
}

/** `file:///a/b.ts#work` or `file:///a/b.ts#Class.method`: how tables and messages show a reference. */
export function describeReference({ url, name, member }: Reference): string {
  return `${url}${url === '' ? '' : '#'}${name}${member === '' ? '' : `.${member}`}`;
}

const byFunction = new WeakMap<Callable, Reference>();
const byName = new Map<string, Callable>();
const exposed = new Map<string, Map<string, Callable>>();
const library = new Map<string, Callable>();

/** The reference of a function or class; throws a `Refusal` when no other process could find it. */
export function referenceOf(fn: Callable): Reference {
  const known = byFunction.get(fn);
  if (known !== undefined) return known;
  const name = globalIndex().get(fn);
  const found = name === undefined ? findReference(fn) : makeReference('global', '', ...name);
  remember(found, fn);
  return found;
}

/** Notes what a reference means here, so that neither direction has to be looked for again. */
export function remember(reference: Reference, fn: Callable): void {
  reference.value = fn;
  if (!byFunction.has(fn)) byFunction.set(fn, reference);
  byName.set(keyOf(reference), fn);
}

export function remembered(reference: Reference): Callable | undefined {
  return byName.get(keyOf(reference));
}

/** What a reference says, unmistakably: a `#` or a dot may be part of a sender's words. */
const keyOf = ({ kind, url, name, member }: Reference): string => JSON.stringify([kind, url, name, member]);

/** The reference of the class that `prototype` belongs to. */
export function classReference(constructor: Callable | null, prototype: object): Reference {
  if (constructor === null || constructor.prototype !== prototype) {
    throw new Refusal(
      'an object whose prototype is not that of a class',
      'no module can be named that has it',
      'Copy it into a plain object: { ...value }, or make it an instance of an exported class.',
    );
  }
  try {
    return referenceOf(constructor);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(`an instance of ${error.what}`, error.why.replace(/^it /, 'that class '), error.mend);
  }
}

/**
 * Registers functions and classes of a module by hand: `expose(import.meta, { work })`, in CommonJS `expose(module, …)`.
 * For places where the library cannot find them itself (bundles, single executables, `--permission`), and for functions
 * that shall not be exported. Runs at the module's top level, in every process that loads it. With a class its static
 * methods are registered, too. Throws TypeError for what is no function, ValueError for a name that the file has exposed
 * for another function.
 */
export function expose(meta: ImportMeta | NodeModule, functions: Readonly<Record<string, Callable>>): void {
  const url = moduleUrl(meta, expose);
  if (url === undefined)
    throw new ValueError('expose must be called in a file: other processes load it to find what it has');
  const names = exposed.get(url) ?? new Map<string, Callable>();
  exposed.set(url, names);
  for (const [name, fn] of Object.entries(functions)) {
    if (typeof fn !== 'function') throw new TypeError(`expose: '${name}' is not a function or class`);
    assertSame(url, name, names.get(name) ?? fn, fn);
    names.set(name, fn);
    register(fn, makeReference('exposed', url, name));
    for (const [member, { value }] of Object.entries(Object.getOwnPropertyDescriptors(fn)))
      if (typeof value === 'function' && !byFunction.has(value as Callable))
        register(value as Callable, makeReference('exposed', url, name, member));
  }
}

function register(fn: Callable, reference: Reference): void {
  byFunction.set(fn, reference);
  reference.value = fn;
}

/** A module may be evaluated twice (by a test runner). Two modules that a bundler has put into one file are another matter. */
function assertSame(url: string, name: string, known: Callable, fn: Callable): void {
  if (known === fn || String(known) === String(fn)) return;
  throw new ValueError(
    `expose: ${url} has exposed another '${name}' before. What is bundled into one file shares its names: ` +
      `give one of them another, { ${name}2: ${name} }.`,
  );
}

export function exposedAs(url: string, name: string): Callable | undefined {
  return exposed.get(url)?.get(name);
}

/** Registers a class of this library under a name that is the same in every process. */
export function registerClass(name: string, Class: Callable): void {
  library.set(name, Class);
  byFunction.set(Class, makeReference('library', '', name));
}

export function libraryClass(name: string): Callable | undefined {
  return library.get(name);
}
