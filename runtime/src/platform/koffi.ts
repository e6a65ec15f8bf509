import { createRequire } from 'node:module';
import type * as KoffiModule from 'koffi';
import { PlatformError } from '../errors.js';
import { plainly } from './plainly.js';

type Koffi = typeof KoffiModule;

/** Resolved from where the bundle lies, so that the extension's copy and a workspace's copy each find their own. */
const requireHere = createRequire(__filename);

/**
 * Loads the foreign-function library. It comes as a prebuilt binary in an optional package of its own, which package
 * managers leave out with `--omit=optional`, or when node_modules was copied from another system.
 */
export function loadKoffi(): Koffi {
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
