import fs from 'node:fs';
import path from 'node:path';
import { PlatformError } from '../errors.js';
import { isBundled, singleExecutable } from '../home.js';
import { os, requireHere } from '../lazyNode.js';
import { plainly } from './plainly.js';

/** The name of koffi's binary, as a file beside a bundle or as an asset of a single executable. */
const BINARY = 'koffi.node';

/** What to do where a bundled program has no koffi; undefined for any other program. */
export function bundledWayOut(target: string): string | undefined {
  const from = `node_modules/@koromix/koffi-${target}/…/${BINARY}`;
  if (singleExecutable() !== null)
    return `Name ${from} among the "assets" of the executable's configuration, as "${BINARY}", or put it beside the executable.`;
  if (isBundled) return `Copy ${from} to ${path.join(__dirname, BINARY)}, or install koffi where the bundle runs.`;
  return undefined;
}

/** The binary that lies beside a bundle or a single executable. Throws PlatformError for one that is not for this system. */
export function binaryBeside(): unknown {
  if (!isBundled) return undefined;
  const file = path.join(__dirname, BINARY);
  if (!fs.existsSync(file)) return undefined;
  try {
    return requireHere(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message =
      `manycore cannot load ${file}: ${reason}. Koffi has one binary for each system and C library: here that of ` +
      `@koromix/koffi-${process.platform}-${process.arch}, and where its folder has linux_… and musl_…, that of this libc.`;
    throw plainly(() => new PlatformError(message, { cause }));
  }
}

/** The binary that a single executable has inside. The system loads from files only: there is one for a moment. */
export function binaryInside(): unknown {
  const asset = isBundled ? rawAsset() : undefined;
  if (asset === undefined) return undefined;
  const dir = fs.mkdtempSync(path.join(os().tmpdir(), 'manycore-koffi-'));
  try {
    const file = path.join(dir, BINARY);
    fs.writeFileSync(file, Buffer.from(asset), { mode: 0o700 });
    const loaded = { exports: {} };
    process.dlopen(loaded, file);
    return loaded.exports;
  } finally {
    // Windows keeps a loaded file: there it stays in the folder for temporary files.
    if (process.platform !== 'win32') fs.rmSync(dir, { recursive: true, force: true });
  }
}

function rawAsset(): ArrayBuffer | undefined {
  try {
    return singleExecutable()?.getRawAsset(BINARY);
  } catch {
    return undefined; // there is no such asset
  }
}
