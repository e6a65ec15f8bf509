import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { RuntimeError, ValueError } from '../../errors.js';
import { checkNames } from '../../optionNames.js';
import { programEntry } from '../../memory/index.js';

export type PreloadErrors = 'ignore' | 'warn' | 'fail';

/** How `setForkserverPreload` treats what it is given. */
export interface ForkserverPreloadOptions {
  /**
   * When a module cannot be imported. `'ignore'`, the default: processes do without it. `'warn'`: that, and a warning of
   * Node's. `'fail'`: a process that cannot import it ends with the error, and once that is known a start throws it.
   */
  readonly onError?: PreloadErrors | undefined;
  /** How many spares to keep ready; by default 1, and more after bursts, up to the number of processors. 0 for none. */
  readonly spares?: number | undefined;
}

/** What is imported ahead, as it travels to children of the method. */
export interface PreloadSettings {
  /** Changes with each setting, so that processes made under an earlier one are told apart. */
  readonly revision: number;
  /** As the user wrote them. */
  readonly named: readonly string[];
  /** What to import, in the same order: URLs, and names of packages. */
  readonly modules: readonly string[];
  /** Names of packages are resolved as if this module imported them. */
  readonly base: string;
  readonly onError: PreloadErrors;
  /** Null: as many as it takes. */
  readonly spares: number | null;
}

const POLICIES: readonly PreloadErrors[] = ['ignore', 'warn', 'fail'];
const MAIN = '__main__';

let settings: PreloadSettings = { revision: 0, named: [], modules: [], base: '', onError: 'ignore', spares: null };
/** Why starts are refused: a module of `onError: 'fail'` that cannot be imported. */
let broken: RuntimeError | undefined;

export const preloadSettings = (): PreloadSettings => settings;

/** For the child's bootstrap. */
export function inheritPreload(inherited: PreloadSettings): void {
  settings = inherited;
}

/**
 * Names the modules that every process started by the method `'forkserver'` has imported before it does anything else,
 * the spares ahead of time (Python: `multiprocessing.set_forkserver_preload`). Names of packages and paths count from
 * the main module, paths also from the working directory; `import.meta.resolve('./heavy.js')` is always right. The
 * main module itself is `'__main__'`; it must have a guard (see `isMain`). Replaces what was named before, and applies
 * to what is started from now on.
 *
 * Throws TypeError if not all are strings or an option has the wrong type, ValueError if it has a wrong value.
 */
export function setForkserverPreload(specifiers: readonly string[], options?: ForkserverPreloadOptions): void {
  const checked = checkNames(options, ['onError', 'spares'], 'setForkserverPreload');
  const { onError = 'ignore', spares } = checked;
  if (!Array.isArray(specifiers) || !specifiers.every(each => typeof each === 'string'))
    throw new TypeError('setForkserverPreload takes an array of strings, the modules to import');
  if (!POLICIES.includes(onError))
    throw new ValueError(`onError must be ${POLICIES.map(each => `'${each}'`).join(', ')}, not ${String(onError)}`);
  if (spares !== undefined && !Number.isInteger(spares)) throw new TypeError('spares must be an integer of at least 0');
  if (spares !== undefined && spares < 0) throw new ValueError('spares must be an integer of at least 0');
  const main = mainModule();
  broken = undefined;
  settings = {
    revision: settings.revision + 1,
    named: [...specifiers],
    modules: specifiers.map(each => urlOf(each, main)),
    base: main ?? pathToFileURL(path.resolve('main.js')).href,
    onError,
    spares: spares ?? null,
  };
}

/** Throws RuntimeError when it is known that the modules cannot be imported without which nothing shall start. */
export function assertPreloadable(): void {
  if (broken !== undefined) throw new RuntimeError(broken.message);
}

/** False when it is known that starts would be refused. */
export const isPreloadable = (): boolean => broken === undefined;

/** A process could not import one of the modules, and has told why. */
export function preloadFailed(index: number, why: string): void {
  const { onError, named, modules } = settings;
  const error = preloadError(named[index] ?? '', why);
  if (onError === 'fail') {
    broken = error;
    return;
  }
  if (onError === 'warn') warnOf(error);
  const others = (_: string, at: number): boolean => at !== index;
  settings = { ...settings, named: named.filter(others), modules: modules.filter(others) };
}

export const warnOf = (error: Error): void => process.emitWarning(error.message, 'ForkserverPreloadWarning');

export const preloadError = (name: string, why: string, cause?: unknown): RuntimeError =>
  new RuntimeError(
    `'${name}', which setForkserverPreload names, cannot be imported: ${why}`,
    cause === undefined ? undefined : { cause },
  );

function urlOf(specifier: string, main: string | undefined): string {
  if (specifier === MAIN) return main ?? specifier;
  if (path.isAbsolute(specifier)) return pathToFileURL(specifier).href;
  if (!/^\.{1,2}(\/|$)/.test(specifier)) return specifier;
  const besideMain = main === undefined ? undefined : new URL(specifier, main).href;
  const here = pathToFileURL(path.resolve(specifier)).href;
  if (besideMain === undefined || (!isFile(besideMain) && isFile(here))) return here;
  return besideMain;
}

const isFile = (url: string): boolean => fs.statSync(fileURLToPath(url), { throwIfNoEntry: false })?.isFile() === true;

/** The URL of the module that the program was started with; undefined where there is none, as with `node -e`. */
function mainModule(): string | undefined {
  const entry = programEntry();
  if (entry === '') return undefined;
  try {
    return pathToFileURL(fs.realpathSync(entry)).href;
  } catch {
    return pathToFileURL(entry).href;
  }
}
