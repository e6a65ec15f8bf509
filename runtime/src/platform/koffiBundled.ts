import fs from 'node:fs';
import path from 'node:path';
import { isBundled, singleExecutable } from '../home.js';
import { os, requireHere } from '../lazyNode.js';

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

/** The binary that lies beside a bundle or a single executable. */
export function binaryBeside(): unknown {
  if (!isBundled) return undefined;
  const file = path.join(__dirname, BINARY);
  return fs.existsSync(file) ? requireHere(file) : undefined;
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
