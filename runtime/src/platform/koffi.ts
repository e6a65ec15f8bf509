import fs from 'node:fs';
import type * as KoffiModule from 'koffi';
import { knownBinary } from '../host.js';
import { OSError, PlatformError } from '../errors.js';
import { requireHere } from '../lazyNode.js';
import { binaryBeside, binaryInside, bundledWayOut } from './koffiBundled.js';
import { plainly } from './plainly.js';
import { keepStandardOutputsOpen } from './standardOutputs.js';

/** The foreign-function library, of which `load`, `view` and `errno` are used. */
export type Koffi = Pick<typeof KoffiModule, 'load' | 'view' | 'errno'>;
/** A library of the system, of which `func` is used. */
export type Library = ReturnType<Koffi['load']>;

const MAJOR = 3;

/**
 * Loads the foreign-function library. It comes as a prebuilt binary in an optional package of its own, which package
 * managers leave out with `--omit=optional`, or when node_modules was copied from another system. A bundle may have it
 * as a file beside itself, a single executable inside.
 */
export function loadKoffi(): Koffi {
  keepStandardOutputsOpen();
  return (loaded =
    binaryBefore() ?? checked(binaryInside()) ?? binaryAlone() ?? checked(binaryBeside()) ?? koffiItself());
}

let loaded: Koffi | undefined;

function koffiItself(): Koffi {
  try {
    return requireHere('koffi') as Koffi;
  } catch (cause) {
    throwIfNoFiles(cause);
    const target = `${process.platform}-${process.arch}`;
    const message =
      `manycore cannot reach the operating system: koffi's prebuilt binary for ${target} did not load ` +
      `(npm package @koromix/koffi-${target}). ` +
      (forbiddenWayOut(cause) ??
        bundledWayOut(target) ??
        `Run 'npm install --include=optional' on this machine; a node_modules folder copied from another system ` +
          `does not have it.`);
    throw plainly(() => new PlatformError(message, { cause }));
  }
}

/** A library that is there cannot be loaded either when this process may open no more files. */
function throwIfNoFiles(cause: unknown): void {
  try {
    fs.closeSync(fs.openSync(__filename, 'r'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EMFILE' && code !== 'ENFILE') return;
    const message = `manycore cannot load its library: no file descriptor is left (${code}); ulimit -n says how many there may be`;
    throw plainly(() => new OSError(code, message, { cause }));
  }
}

/** Where Node was told to load no native code: by `--no-addons`, or by its permissions. */
function forbiddenWayOut(cause: unknown): string | undefined {
  if ((cause as { code?: unknown }).code !== 'ERR_DLOPEN_DISABLED') return undefined;
  const permitted = Reflect.get(process, 'permission') === undefined ? '' : '; under --permission, with --allow-addons';
  return `This process may not load native code: start Node without --no-addons${permitted}.`;
}

/**
 * The binary has all that is used here. Koffi's own JavaScript, which looks for it in many places, takes 5 ms of a
 * process's start, so it is asked only if the binary is not where packages are usually put.
 */
function binaryAlone(): Koffi | undefined {
  try {
    return checked(requireHere(`@koromix/koffi-${process.platform}-${process.arch}`));
  } catch {
    return undefined;
  }
}

/** Of the right version, and so with all that is used here. */
function checked(exports: unknown): Koffi | undefined {
  const binary = exports as typeof KoffiModule | undefined;
  return binary?.version.startsWith(`${MAJOR}.`) === true ? binary : undefined;
}

/**
 * The binary where the program's first process has found it: looking for it anew, and reading which C library this
 * system has, takes longer than loading it. It is left where `require` would have put it.
 */
function binaryBefore(): Koffi | undefined {
  const file = knownBinary();
  if (file === undefined) return undefined;
  try {
    const Module = module.constructor as new (id: string, parent: null) => NodeJS.Module;
    const made = new Module(file, null);
    made.filename = file;
    process.dlopen(made, file);
    made.loaded = true;
    requireHere.cache[file] = made;
    return checked(made.exports);
  } catch {
    return undefined;
  }
}

/** The file that `binary` was loaded from; undefined where there is no telling. */
export function binaryFile(): string | undefined {
  // A bundler's `require` may have no cache.
  const cache: NodeJS.Require['cache'] | undefined = requireHere.cache;
  return Object.keys(cache ?? {}).find(file => file.endsWith('.node') && cache[file]?.exports === loaded);
}
