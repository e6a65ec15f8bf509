import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { importModule } from '../../userModules.js';
import { nodeModule, vm } from '../../lazyNode.js';
import { preloadError, warnOf, type PreloadSettings } from './preload.js';
import { unguardedStart, whileImporting } from '../unguarded.js';

/** A module that could not be imported: which of the list, and why. */
export interface ImportFailure {
  readonly index: number;
  readonly error: unknown;
}

/** Imports the modules in their order, up to the first that cannot be imported. */
export async function importAll(
  { modules, base }: PreloadSettings,
  skip: ReadonlySet<number> = new Set(),
): Promise<ImportFailure | undefined> {
  for (const [index, module] of modules.entries()) {
    if (skip.has(index)) continue;
    try {
      await whileImporting(() => importFrom(base, module));
    } catch (error) {
      return { index, error };
    }
  }
  return undefined;
}

/** In a process that was no spare: imports the same as a spare has, and does what `onError` says. */
export async function importPreloads(settings: PreloadSettings): Promise<void> {
  const failed = new Set<number>();
  for (;;) {
    const failure = await importAll(settings, failed);
    // Whatever is to be ignored, a main module without a guard is not: it would do its work in every process.
    const unguarded = unguardedStart();
    if (unguarded !== undefined) throw unguarded;
    if (failure === undefined) return;
    const { index, error } = failure;
    const name = settings.named[index] ?? '';
    const why = preloadError(name, messageOf(error), error);
    if (settings.onError === 'fail') throw why;
    if (settings.onError === 'warn') warnOf(why);
    failed.add(index);
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What `import(specifier)` would give in the module `base`. */
function importFrom(base: string, specifier: string): Promise<unknown> {
  if (/^(file|node|data):/.test(specifier)) return importModule(specifier);
  if (specifier === '__main__') throw new Error('this program has no main module');
  const { Script, constants } = vm();
  // Not there in the first releases of Node 20.
  const importModuleDynamically = (constants as Partial<typeof constants> | undefined)?.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  if (importModuleDynamically === undefined) {
    const file = nodeModule().createRequire(base).resolve(specifier);
    return importModule(path.isAbsolute(file) ? pathToFileURL(file).href : file);
  }
  // A script counts as lying where its name says, and may ask for packages as modules there may.
  const filename = base.startsWith('file:') ? fileURLToPath(base) : base;
  const script = new Script(`import(${JSON.stringify(specifier)})`, { filename, importModuleDynamically });
  return script.runInThisContext() as Promise<unknown>;
}
