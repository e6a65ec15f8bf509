import fs from 'node:fs';
import path from 'node:path';
import { ts } from '@ts-morph/common';
import { Closure } from './closure.js';
import { FALLBACK_PATH, FALLBACK_TYPES } from './fallbackTypes.js';
import { type FileStore, normalize } from './files.js';
import { isLibPath, libFolder, readLib } from './libs.js';
import { Packages } from './packages.js';
import { type Project } from './project.js';
import { isRuntimeSpecifier, RUNTIME_PACKAGE } from './scan.js';

/** The one entry point beside the package's own whose calls the rules look at. */
const FUTURES = `${RUNTIME_PACKAGE}/futures`;

const registry = ts.createDocumentRegistry();
const TYPED = new Set<string>([
  ts.Extension.Dts,
  ts.Extension.Dcts,
  ts.Extension.Dmts,
  ts.Extension.Ts,
  ts.Extension.Mts,
  ts.Extension.Cts,
  ts.Extension.Tsx,
]);

/** Two members that the service reads and its declarations leave out; without them each keystroke costs ten times more. */
interface Host extends ts.LanguageServiceHost {
  hasInvalidatedResolutions: () => boolean;
  getModuleResolutionCache: () => ts.ModuleResolutionCache;
}

export interface EngineOptions {
  /** Declarations of `manycore` to use where it is not installed. */
  runtimeTypes?: string | undefined;
}

/** One project's compiler: a language service over the files that matter and what they import. */
export class Engine {
  #project: Project;
  readonly #store: FileStore;
  readonly #options: EngineOptions;
  readonly #closure: Closure;
  readonly #packages = new Packages();
  readonly #snapshots = new Map<string, { version: number; snapshot: ts.IScriptSnapshot }>();
  readonly #exists = new Map<string, boolean>();
  readonly #extra = new Set<string>();
  readonly #service: ts.LanguageService;
  #resolutions: ts.ModuleResolutionCache;
  #candidates: ReadonlySet<string> | undefined;
  #structure: number;
  /** Files or packages came or went: what an unchanged file imports has to be looked up again, once. */
  #stale = false;
  #runtime: 'package' | 'supplied' | 'built-in' | 'not used' = 'not used';

  constructor(store: FileStore, project: Project, options: EngineOptions = {}) {
    this.#project = project;
    this.#store = store;
    this.#options = options;
    this.#structure = store.structure;
    this.#resolutions = this.#newResolutions();
    this.#closure = new Closure(store, (specifier, from) => this.#alias(specifier, from));
    this.#service = ts.createLanguageService(this.#host(), registry);
  }

  get project(): Project {
    return this.#project;
  }

  /** Takes over the project as it is now; false when its options changed, which needs a new engine. */
  adopt(project: Project): boolean {
    if (project === this.#project) return true;
    if (JSON.stringify(project.options) !== JSON.stringify(this.#project.options)) return false;
    this.#project = project;
    this.#candidates = undefined;
    return true;
  }

  /** Where the project's files find the runtime's types; known once a program was made. */
  get runtime(): 'package' | 'supplied' | 'built-in' | 'not used' {
    return this.#runtime;
  }

  /** A file the project's configuration does not list, or not yet: just created, or asked for by name. */
  include(file: string): void {
    if (this.#extra.has(file) || this.project.files.includes(file)) return;
    this.#extra.add(file);
    this.#candidates = undefined;
  }

  /** The files that matter, see Closure. */
  closure(): ReadonlySet<string> {
    this.#candidates ??= new Set([...this.project.files, ...this.#extra]);
    return this.#closure.of(this.#candidates);
  }

  program(): ts.Program {
    this.#refresh();
    const program = this.#service.getProgram();
    this.#stale = false;
    if (program === undefined) throw new Error('the compiler gave no program');
    return program;
  }

  /** Whether the declarations in `file` are the runtime's own. */
  isRuntimeFile(file: string): boolean {
    if (file === FALLBACK_PATH) return true;
    if (this.#options.runtimeTypes !== undefined) {
      const supplied = normalize(this.#options.runtimeTypes);
      if (file.startsWith(supplied.slice(0, supplied.lastIndexOf('/') + 1))) return true;
    }
    return this.#packages.nameOf(file) === RUNTIME_PACKAGE;
  }

  dispose(): void {
    this.#service.dispose();
  }

  #refresh(): void {
    if (this.#structure === this.#store.structure) return;
    this.#structure = this.#store.structure;
    this.#stale = true;
    this.#exists.clear();
    this.#packages.clear();
    this.#resolutions = this.#newResolutions();
  }

  #newResolutions(): ts.ModuleResolutionCache {
    return ts.createModuleResolutionCache(this.project.root, name => name, this.project.options);
  }

  #alias(specifier: string, from: string): string | undefined {
    const { paths, baseUrl } = this.project.options;
    const mapped =
      specifier.startsWith('#') ||
      baseUrl !== undefined ||
      Object.keys(paths ?? {}).some(pattern => matches(pattern, specifier));
    if (!mapped || isRuntimeSpecifier(specifier)) return undefined;
    const { resolvedModule } = ts.resolveModuleName(
      specifier,
      from,
      this.project.options,
      this.#files(),
      this.#resolutions,
    );
    return resolvedModule === undefined || resolvedModule.isExternalLibraryImport === true
      ? undefined
      : normalize(resolvedModule.resolvedFileName);
  }

  #fileExists(file: string): boolean {
    if (file === FALLBACK_PATH || isLibPath(file)) return true;
    let exists = this.#exists.get(file);
    if (exists === undefined) {
      exists = this.#store.isOpen(file) || ts.sys.fileExists(file);
      this.#exists.set(file, exists);
    }
    return exists;
  }

  #read(file: string): string | undefined {
    if (file === FALLBACK_PATH) return FALLBACK_TYPES;
    return isLibPath(file) ? readLib(file) : this.#store.read(file);
  }

  #files(): ts.ModuleResolutionHost {
    return {
      fileExists: file => this.#fileExists(file),
      readFile: file => this.#read(file),
      directoryExists: folder => ts.sys.directoryExists(folder),
      getDirectories: folder => ts.sys.getDirectories(folder),
      getCurrentDirectory: () => this.project.root,
      realpath: file => (file === FALLBACK_PATH ? file : realpath(file)),
      useCaseSensitiveFileNames: ts.sys.useCaseSensitiveFileNames,
    };
  }

  #host(): Host {
    const files = this.#files();
    const { options } = this.project;
    return {
      fileExists: files.fileExists,
      readFile: files.readFile,
      directoryExists: folder => ts.sys.directoryExists(folder),
      getDirectories: folder => ts.sys.getDirectories(folder),
      realpath: file => (file === FALLBACK_PATH ? file : realpath(file)),
      getCurrentDirectory: () => this.project.root,
      useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
      getCompilationSettings: () => options,
      getDefaultLibFileName: settings => `${libFolder}/${ts.getDefaultLibFileName(settings)}`,
      getProjectVersion: () =>
        `${String(this.#store.clock)}:${String(this.#store.structure)}:${String(this.#extra.size)}`,
      getScriptFileNames: () => [...this.closure(), ...this.project.files.filter(file => /\.d\.[cm]?ts$/.test(file))],
      getScriptVersion: file => String(this.#store.version(file)),
      getScriptSnapshot: file => this.#snapshot(file),
      hasInvalidatedResolutions: () => this.#stale,
      getModuleResolutionCache: () => this.#resolutions,
      resolveModuleNameLiterals: (literals, from, redirected, settings, source) =>
        literals.map(literal =>
          this.#resolveModule(
            literal.text,
            from,
            redirected,
            settings,
            ts.getModeForUsageLocation(source, literal, settings),
          ),
        ),
    };
  }

  #resolveModule(
    name: string,
    from: string,
    redirected: ts.ResolvedProjectReference | undefined,
    settings: ts.CompilerOptions,
    mode: ts.ResolutionMode,
  ): ts.ResolvedModuleWithFailedLookupLocations {
    const result = ts.resolveModuleName(name, from, settings, this.#files(), this.#resolutions, redirected, mode);
    if (name !== RUNTIME_PACKAGE && name !== FUTURES) return result;
    if (result.resolvedModule !== undefined && TYPED.has(result.resolvedModule.extension)) {
      this.#runtime = 'package';
      return result;
    }
    const index = this.#options.runtimeTypes;
    const supplied = index && (name === FUTURES ? path.join(path.dirname(index), 'futures', 'index.d.ts') : index);
    const given = supplied !== undefined && fs.existsSync(supplied);
    this.#runtime = given ? 'supplied' : 'built-in';
    return {
      resolvedModule: {
        resolvedFileName: given ? normalize(supplied) : FALLBACK_PATH,
        extension: ts.Extension.Dts,
        isExternalLibraryImport: true,
        resolvedUsingTsExtension: false,
      },
    };
  }

  #snapshot(file: string): ts.IScriptSnapshot | undefined {
    const text = this.#read(file);
    if (text === undefined) return undefined;
    const version = this.#store.version(file);
    const known = this.#snapshots.get(file);
    if (known?.version === version) return known.snapshot;
    const snapshot = ts.ScriptSnapshot.fromString(text);
    this.#snapshots.set(file, { version, snapshot });
    return snapshot;
  }
}

function realpath(file: string): string {
  try {
    return normalize(fs.realpathSync.native(file));
  } catch {
    return file;
  }
}

function matches(pattern: string, specifier: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === specifier;
  return specifier.startsWith(pattern.slice(0, star)) && specifier.endsWith(pattern.slice(star + 1));
}
