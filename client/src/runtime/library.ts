import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import type { RuntimeSource } from '../config/settings.js';

/** The copy of the library inside the extension: the same places in the packed extension and in a checkout. */
export function bundledRuntime(extensionPath: string): { entry: string; types: string } {
  const dist = path.join(extensionPath, 'runtime', 'dist');
  return { entry: path.join(dist, 'index.cjs'), types: path.join(dist, 'types', 'index.d.ts') };
}

/** Whether a module finds a copy of the library of its own. */
export function hasOwnLibrary(module: string): boolean {
  try {
    createRequire(module).resolve('manycore');
    return true;
  } catch {
    return false;
  }
}

/**
 * Arguments for Node that make `import 'manycore'` find the bundled copy where the setting asks for it. Children inherit
 * them, so what works in the parent works in every worker.
 */
export function libraryArguments(extensionPath: string, module: string, source: RuntimeSource): string[] {
  if (source === 'workspace') {
    if (hasOwnLibrary(module)) return [];
    throw new Error(
      "manycore is not installed in this workspace. Run 'npm install manycore', or set manycore.runtime.source to 'auto' to use the copy inside the extension.",
    );
  }
  if (source === 'auto' && hasOwnLibrary(module)) return [];
  if (!fs.existsSync(bundledRuntime(extensionPath).entry)) {
    throw new Error(`The extension's own copy of manycore is missing (${bundledRuntime(extensionPath).entry}).`);
  }
  return ['--require', path.join(extensionPath, 'client', 'dist', 'bundledLibrary.cjs')];
}
