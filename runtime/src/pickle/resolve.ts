import { importModule, mayRequireAny } from '../userModules.js';
import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { UnpicklingError } from '../errors.js';
import { builtInExport, globalFunction } from './builtins.js';
import { hasScript } from './locate.js';
import { describeReference, exposedAs, libraryClass, remember, remembered } from './reference.js';
import type { Callable, Reference } from './reference.js';
import { userRequire } from './user-require.js';
import { exportByWitness, hasWitness } from './witness.js';

/** The ES modules imported here, by URL. */
const namespaces = new Map<string, object>();
/** Modules that were loaded for a message: what they still do not have, they will never have. */
const tried = new Set<string>();

/** The message names functions of modules that are not loaded here; import them and decode again. */
export class NeedsModules extends UnpicklingError {
  readonly references: readonly Reference[];
  constructor(references: readonly Reference[]) {
    super(
      `cannot read a message: it names ${references.map(describeReference).join(', ')}, and ` +
        `${references.length === 1 ? 'that module is' : 'those modules are'} not loaded in this process (pid ${process.pid}). ` +
        'Import it first, or use the asynchronous form of the call.',
    );
    this.references = references;
  }

  /** The modules to import. */
  get urls(): string[] {
    return [...new Set(this.references.map(reference => reference.url))];
  }
}

/** Answers whether this process lets a message name that export. The default allows `file:` and `node:` modules. */
export type ReferencePolicy = (url: string, name: string) => boolean;
const allowFiles: ReferencePolicy = url => url === '' || url.startsWith('file:') || url.startsWith('node:');
let policy = allowFiles;

/** Limits which modules messages may name here; the default again without an argument. */
export function setReferencePolicy(next: ReferencePolicy = allowFiles): void {
  policy = next;
}

/** Tells of a module that was imported, so that messages may name its exports at once. */
export function noteModule(url: string, namespace: object): void {
  namespaces.set(url, namespace);
}

/** Whether this process has loaded the module at the URL, in whatever way. */
export function isModuleLoaded(url: string): boolean {
  if (namespaces.has(url) || hasWitness(url)) return true;
  try {
    if (Object.hasOwn(userRequire().cache, fileURLToPath(url))) return true;
    return hasScript(url);
  } catch {
    return false; // no file, or the inspector is forbidden
  }
}

/**
 * What the references mean; throws one `NeedsModules` for all that need a module to be loaded. `check` may refuse any of
 * them: it is asked about all before anything is looked up.
 */
export function resolveLoaded(
  references: readonly Reference[],
  check?: ((reference: Reference) => void) | null,
): Callable[] {
  if (check != null) for (const reference of references) check(reference);
  const missing: Reference[] = [];
  const found = references.map(reference => {
    const value = lookUp(reference);
    if (value === undefined) missing.push(reference);
    return value;
  });
  if (missing.length > 0) throw new NeedsModules(missing);
  return found as Callable[]; // none is undefined: they would be missing
}

/** What a reference means here, its module imported if need be. Throws `UnpicklingError` when there is no such thing. */
export async function resolveReference(reference: Reference): Promise<Callable> {
  const known = lookUp(reference);
  if (known !== undefined) return known;
  await loadModules(new NeedsModules([reference]));
  return resolveLoaded([reference])[0] as Callable; // one in, one out
}

/** As `resolveReference`, with `require`: for CommonJS, and from Node 22.12 on for all modules. */
export function resolveReferenceSync(reference: Reference): Callable {
  const known = lookUp(reference);
  if (known !== undefined) return known;
  loadModulesSync(new NeedsModules([reference]));
  return resolveLoaded([reference])[0] as Callable; // one in, one out
}

function lookUp(reference: Reference): Callable | undefined {
  if (!policy(reference.url, reference.name)) {
    throw new UnpicklingError(`cannot read a message: this process does not allow ${describeReference(reference)}`);
  }
  if (reference.value !== null) return reference.value;
  const value = remembered(reference) ?? find(reference);
  if (typeof value !== 'function') {
    if (value !== undefined || isSettled(reference)) throw missingExport(reference, value);
    return undefined;
  }
  remember(reference, value as Callable);
  return value as Callable;
}

/** Whether looking again after loading something could change the answer. */
function isSettled({ kind, url }: Reference): boolean {
  return kind === 'node' || kind === 'global' || kind === 'library' || tried.has(url);
}

function find({ kind, url, name, member }: Reference): unknown {
  switch (kind) {
    case 'global':
      return globalFunction(name, member);
    case 'library':
      return libraryClass(name);
    case 'node':
      return builtInExport(url, name);
    case 'exposed':
      return memberOf(exposedAs(url, name), member);
    case 'cjs': {
      const module = userRequire().cache[fileURLToPath(url)];
      return module === undefined ? undefined : memberOf(exportOf(module.exports, name), member);
    }
    case 'esm': {
      const namespace = namespaces.get(url);
      const value = namespace === undefined ? exportByWitness(url, name) : ownValue(namespace, name);
      return memberOf(value, member);
    }
  }
}

function exportOf(exports: unknown, name: string): unknown {
  return name === 'module.exports' ? exports : ownValue(exports, name);
}

/** Getters of an export are the module's way to export; those of its members are code that nobody asked for. */
function memberOf(holder: unknown, member: string): unknown {
  if (member === '') return holder;
  if ((typeof holder !== 'object' && typeof holder !== 'function') || holder === null) return undefined;
  return Object.getOwnPropertyDescriptor(holder, member)?.value as unknown;
}

/** An own property only: what is inherited is nobody's export. */
function ownValue(holder: unknown, name: string): unknown {
  if ((typeof holder !== 'object' && typeof holder !== 'function') || holder === null) return undefined;
  return Object.prototype.hasOwnProperty.call(holder, name) ? (Reflect.get(holder, name) as unknown) : undefined;
}

/** Imports the modules. Throws `UnpicklingError` that names the module and what it was needed for. */
export async function loadModules({ references }: NeedsModules): Promise<void> {
  const mayRequire = mayRequireAny();
  for (const reference of references) {
    if (tried.has(reference.url)) continue;
    try {
      if (reference.kind === 'cjs' ? requires(reference.url) : mayRequire && requiresModule(reference.url)) continue;
      noteModule(reference.url, (await importModule(reference.url)) as object);
    } catch (error) {
      throw missingModule(reference, error);
    }
    tried.add(reference.url);
  }
}

/** Loads the modules without a turn of the event loop, or throws the `NeedsModules` again. */
export function loadModulesSync(needed: NeedsModules): void {
  for (const reference of needed.references) {
    if (tried.has(reference.url)) continue;
    try {
      requires(reference.url);
    } catch (error) {
      if (isNotRequirable(error)) throw needed;
      throw missingModule(reference, error);
    }
  }
}

function requires(url: string): true {
  const exports: unknown = userRequire()(fileURLToPath(url));
  if (types.isModuleNamespaceObject(exports)) noteModule(url, exports as object);
  tried.add(url);
  return true;
}

/** An ES module by `require`, if that can be done; `import()` says better what is wrong with a module that is not there. */
function requiresModule(url: string): boolean {
  if (!/^file:.*\.m?js$/.test(url)) return false;
  try {
    const exports: unknown = userRequire()(fileURLToPath(url));
    if (!types.isModuleNamespaceObject(exports)) return false;
    noteModule(url, exports as object);
    tried.add(url);
    return true;
  } catch (error) {
    if (isNotRequirable(error) || isNotFound(error)) return false;
    throw error;
  }
}

const isNotFound = (error: unknown): boolean =>
  error instanceof Error && Reflect.get(error, 'code') === 'MODULE_NOT_FOUND';

function isNotRequirable(error: unknown): boolean {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' && /^ERR_REQUIRE_/.test(code);
}

function missingModule(reference: Reference, error: unknown): UnpicklingError {
  return new UnpicklingError(
    `cannot read a message: process ${process.pid} cannot import ${reference.url}, which '${reference.name}' ` +
      `${sentFrom(reference)}belongs to: ${error instanceof Error ? error.message : String(error)}` +
      loaderWayOut(error),
    { cause: error },
  );
}

/** The sender's Node could load that file: by an option that this one was started without, or because a test runner did. */
function loaderWayOut(error: unknown): string {
  if (!(error instanceof Error) || Reflect.get(error, 'code') !== 'ERR_UNKNOWN_FILE_EXTENSION') return '';
  const options = process.execArgv.length === 0 ? 'without options' : `with ${process.execArgv.join(' ')}`;
  return (
    `. Its Node (${process.version}, started ${options}) has nothing to load such a file with: start it with a loader, ` +
    `such as --import tsx. An execArgv replaces the options of the parent: [...process.execArgv, …] keeps them`
  );
}

function missingExport(reference: Reference, found: unknown): UnpicklingError {
  const { url, name, member, kind } = reference;
  const wanted = `'${name}${member === '' ? '' : `.${member}`}'`;
  const what = found === undefined ? `has no ${kind === 'exposed' ? 'exposed function' : 'export'}` : 'has no function';
  return new UnpicklingError(
    `cannot read a message: process ${process.pid} loaded ${url === '' ? 'nothing' : url}, which ${what} ${wanted} ` +
      `${sentFrom(reference)}(was it exported under another name, or is the module another version there?)`,
  );
}

function sentFrom({ at }: Reference): string {
  return at === '' ? '' : `(sent from ${at}) `;
}
