import fs from 'node:fs';
import path from 'node:path';
import { ts } from '@ts-morph/common';
import { type FileStore, normalize, sourceFilesUnder } from './files.js';
import { isJavaScript } from './scan.js';

/** A set of files that are checked together, and how the compiler is to see them. */
export interface Project {
  /** Names the project; stable. */
  readonly key: string;
  readonly configFile: string | undefined;
  readonly root: string;
  readonly options: ts.CompilerOptions;
  readonly files: readonly string[];
}

/** What the analyzer needs whatever a project asks for: JavaScript counts, nothing is written, nobody's types are checked. */
const IMPOSED: ts.CompilerOptions = {
  allowJs: true,
  checkJs: false,
  noEmit: true,
  composite: false,
  incremental: false,
  skipLibCheck: true,
  declaration: false,
};

const DEFAULTS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ['lib.esnext.d.ts'],
  allowImportingTsExtensions: true,
  jsx: ts.JsxEmit.Preserve,
  strict: true,
};

function complete(options: ts.CompilerOptions): ts.CompilerOptions {
  const all = { ...options, ...IMPOSED };
  // TypeScript 6 takes in no `@types` unless told so; a project written for 5 relies on Node's being there.
  all.types ??= ['node'];
  delete all.tsBuildInfoFile;
  return all;
}

/** Finds the project of a file: the nearest tsconfig or jsconfig that holds it, or one it refers to; else a default. */
export class ProjectFinder {
  readonly #store: FileStore;
  readonly #parsed = new Map<string, ts.ParsedCommandLine | undefined>();
  readonly #byFile = new Map<string, Project>();
  readonly #projects = new Map<string, Project>();
  #structure = -1;
  /** Workspace folders: files without a configuration are taken together by the folder they are in. */
  roots: string[];

  constructor(store: FileStore, roots: readonly string[] = []) {
    this.#store = store;
    this.roots = roots.map(normalize);
  }

  projectOf(file: string): Project {
    this.#refresh();
    let project = this.#byFile.get(file);
    if (project === undefined) {
      project = this.#configured(file) ?? this.#inferred(file);
      this.#byFile.set(file, project);
    }
    return project;
  }

  #refresh(): void {
    if (this.#structure === this.#store.structure) return;
    this.#structure = this.#store.structure;
    this.#parsed.clear();
    this.#byFile.clear();
    this.#projects.clear();
  }

  #configured(file: string): Project | undefined {
    const onDisk = fs.existsSync(file);
    for (let folder = path.posix.dirname(file); ; folder = path.posix.dirname(folder)) {
      for (const name of ['tsconfig.json', 'jsconfig.json']) {
        const config = `${folder}/${name}`;
        if (!fs.existsSync(config)) continue;
        const holder = this.#holder(config, file, new Set());
        if (holder !== undefined) return this.#project(holder);
        // Not saved yet: it would belong to the nearest configuration that holds anything at all.
        if (!onDisk && !isJavaScript(file) && (this.#parse(config)?.fileNames.length ?? 0) > 0)
          return this.#project(config);
      }
      if (folder === path.posix.dirname(folder)) return undefined;
    }
  }

  #holder(config: string, file: string, seen: Set<string>): string | undefined {
    if (seen.has(config)) return undefined;
    seen.add(config);
    const parsed = this.#parse(config);
    if (parsed === undefined) return undefined;
    if (parsed.fileNames.includes(file)) return config;
    for (const reference of parsed.projectReferences ?? []) {
      const held = this.#holder(normalize(ts.resolveProjectReferencePath(reference)), file, seen);
      if (held !== undefined) return held;
    }
    return undefined;
  }

  #parse(config: string): ts.ParsedCommandLine | undefined {
    if (!this.#parsed.has(config)) {
      const { config: json } = ts.readConfigFile(config, name => this.#store.read(normalize(name)));
      const parsed =
        json === undefined
          ? undefined
          : ts.parseJsonConfigFileContent(json, ts.sys, path.posix.dirname(config), undefined, config);
      this.#parsed.set(config, parsed);
    }
    return this.#parsed.get(config);
  }

  #project(config: string): Project {
    let project = this.#projects.get(config);
    if (project === undefined) {
      const parsed = this.#parse(config);
      project = {
        key: config,
        configFile: config,
        root: path.posix.dirname(config),
        options: complete(parsed?.options ?? DEFAULTS),
        files: (parsed?.fileNames ?? []).map(normalize),
      };
      this.#projects.set(config, project);
    }
    return project;
  }

  #inferred(file: string): Project {
    const root = this.roots.find(folder => file.startsWith(`${folder}/`)) ?? packageFolder(file);
    const key = `${root}/`;
    let project = this.#projects.get(key);
    if (project === undefined) {
      project = { key, configFile: undefined, root, options: complete(DEFAULTS), files: sourceFilesUnder(root, 5_000) };
      this.#projects.set(key, project);
    }
    return project;
  }
}

function packageFolder(file: string): string {
  const own = path.posix.dirname(file);
  for (let folder = own; ; folder = path.posix.dirname(folder)) {
    if (fs.existsSync(`${folder}/package.json`)) return folder;
    if (folder === path.posix.dirname(folder)) return own;
  }
}
