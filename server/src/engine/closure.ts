import { type FileStore } from './files.js';
import { isRuntimeSpecifier, isSourceFile, resolveRelative, specifiers } from './scan.js';

interface Scanned {
  version: number;
  imports: readonly string[];
}

/**
 * Which files of a project matter: those that import the runtime, and those that import these (a pool or a function
 * that starts processes may have leaked to them). Found by scanning texts; nothing is parsed.
 */
export class Closure {
  readonly #store: FileStore;
  readonly #resolve: (specifier: string, from: string) => string | undefined;
  readonly #scanned = new Map<string, Scanned>();
  #files: ReadonlySet<string> = new Set();
  #known: ReadonlySet<string> = new Set();
  #seen = '';

  constructor(store: FileStore, resolveAlias: (specifier: string, from: string) => string | undefined) {
    this.#store = store;
    this.#resolve = resolveAlias;
  }

  /** The closure among `candidates`, all absolute paths. Cheap when nothing changed since the last call. */
  of(candidates: ReadonlySet<string>): ReadonlySet<string> {
    const state = `${String(this.#store.clock)}:${String(this.#store.structure)}`;
    if (state === this.#seen && candidates === this.#known) return this.#files;
    let changed = candidates !== this.#known;
    this.#known = candidates;
    this.#seen = state;
    for (const file of candidates) changed = this.#scan(file) || changed;
    if (changed) this.#files = this.#compute(candidates);
    return this.#files;
  }

  /** Reads what a file imports; true when that changed. */
  #scan(file: string): boolean {
    if (!isSourceFile(file)) return false;
    const known = this.#scanned.get(file);
    if (known !== undefined && known.version === this.#store.version(file)) return false;
    const text = this.#store.read(file);
    const imports = text === undefined ? [] : specifiers(text);
    this.#scanned.set(file, { version: this.#store.version(file), imports });
    return known === undefined || known.imports.join('\n') !== imports.join('\n');
  }

  #compute(candidates: ReadonlySet<string>): ReadonlySet<string> {
    const importers = new Map<string, string[]>();
    const found = new Set<string>();
    for (const file of candidates) {
      for (const specifier of this.#scanned.get(file)?.imports ?? []) {
        if (isRuntimeSpecifier(specifier)) found.add(file);
        const target = specifier.startsWith('.')
          ? resolveRelative(file, specifier, candidates)
          : this.#resolve(specifier, file);
        if (target === undefined) continue;
        const known = importers.get(target);
        if (known === undefined) importers.set(target, [file]);
        else known.push(file);
      }
    }
    // A Set grows while it is walked: what is added is visited too.
    for (const file of found) for (const importer of importers.get(file) ?? []) found.add(importer);
    return found;
  }
}
