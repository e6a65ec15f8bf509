import { type FileStore } from './files.js';
import { Engine, type EngineOptions } from './program.js';
import { type Project, ProjectFinder } from './project.js';

/** One engine per project, made when first needed and replaced when the project's configuration or files change. */
export class Engines {
  readonly finder: ProjectFinder;
  readonly #store: FileStore;
  readonly #options: EngineOptions;
  readonly #engines = new Map<string, Engine>();

  constructor(store: FileStore, roots: readonly string[], options: EngineOptions = {}) {
    this.#store = store;
    this.#options = options;
    this.finder = new ProjectFinder(store, roots);
  }

  engineOf(file: string): Engine {
    const project = this.finder.projectOf(file);
    const engine = this.#engineFor(project);
    engine.include(file);
    return engine;
  }

  all(): Engine[] {
    return [...this.#engines.values()];
  }

  dispose(): void {
    for (const engine of this.#engines.values()) engine.dispose();
    this.#engines.clear();
  }

  #engineFor(project: Project): Engine {
    const known = this.#engines.get(project.key);
    if (known !== undefined && known.adopt(project)) return known;
    const engine = new Engine(this.#store, project, this.#options);
    known?.dispose();
    this.#engines.set(project.key, engine);
    return engine;
  }
}
