import { requireHere } from './lazyNode.js';

/** The loader's; there is none where a bundler has taken the loader away. */
declare const manycoreHost: unknown;
/** Set by the build that bundlers take in, `dist/bundled.js`. */
declare const MANYCORE_BUNDLED: boolean | undefined;

/**
 * Whether a bundler has put this library into one file with code of the user's. That file is then the only place that
 * children can boot from, and no frame of a stack can be told to be ours.
 */
export const isBundled: boolean =
  typeof MANYCORE_BUNDLED !== 'undefined' ||
  (typeof manycoreHost === 'undefined' && !/\binternals\.cjs$/.test(__filename));

interface SingleExecutable {
  isSea(): boolean;
  getRawAsset(name: string): ArrayBuffer;
}

let sea: SingleExecutable | null | undefined;

/** Node's module for single executable applications; null in any other process, and where Node has no such thing. */
export function singleExecutable(): SingleExecutable | null {
  if (sea === undefined) {
    try {
      const found = requireHere('node:sea') as SingleExecutable;
      sea = found.isSea() ? found : null;
    } catch {
      sea = null; // before Node 20.12
    }
  }
  return sea;
}
