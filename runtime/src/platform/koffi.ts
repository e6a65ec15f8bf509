import type * as KoffiModule from 'koffi';
import { PlatformError } from '../errors.js';
import { requireHere } from '../lazyNode.js';
import { plainly } from './plainly.js';

/** The foreign-function library, of which `load`, `view` and `errno` are used. */
export type Koffi = Pick<typeof KoffiModule, 'load' | 'view' | 'errno'>;
/** A library of the system, of which `func` is used. */
export type Library = ReturnType<Koffi['load']>;

const MAJOR = 3;

/**
 * Loads the foreign-function library. It comes as a prebuilt binary in an optional package of its own, which package
 * managers leave out with `--omit=optional`, or when node_modules was copied from another system.
 */
export function loadKoffi(): Koffi {
  const binary = binaryAlone();
  if (binary !== undefined) return binary;
  try {
    return requireHere('koffi') as Koffi;
  } catch (cause) {
    const target = `${process.platform}-${process.arch}`;
    const message =
      `manycore cannot reach the operating system: koffi's prebuilt binary for ${target} did not load ` +
      `(npm package @koromix/koffi-${target}). Run 'npm install --include=optional' on this machine; ` +
      `a node_modules folder copied from another system does not have it.`;
    throw plainly(() => new PlatformError(message, { cause }));
  }
}

/**
 * The binary has all that is used here. Koffi's own JavaScript, which looks for it in many places, takes 5 ms of a
 * process's start, so it is asked only if the binary is not where packages are usually put.
 */
function binaryAlone(): Koffi | undefined {
  try {
    const binary = requireHere(`@koromix/koffi-${process.platform}-${process.arch}`) as typeof KoffiModule;
    return binary.version.startsWith(`${MAJOR}.`) ? binary : undefined;
  } catch {
    return undefined;
  }
}
