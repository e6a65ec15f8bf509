import fs from 'node:fs';
import path from 'node:path';
import { callerUrl } from '../../callSites.js';
import { RuntimeError } from '../../errors.js';
import { isBundled, singleExecutable } from '../../home.js';
import { isChildProcess } from '../current.js';

/** The file children are started with: the loader of this very bundle, which is library and bootstrap in one. */
const LOADER = path.join(__dirname, 'runtime.cjs');

/**
 * What the children of a bundled program are started with, in its folder: not the bundle itself, which would take
 * itself for the program's main module (`require.main === module`, `import.meta.main`) and start it all over.
 */
const STUB_FILE = 'boot.cjs';
const EVALUATED = 'manycore.evaluated';
const STUB = `globalThis[Symbol.for('${EVALUATED}')] = import(process.argv[5]);\n`;

/** The URL of the module by which a bundled program's children boot. */
let entry: string | undefined;

/**
 * For programs that a bundler has put together with this library, and for single executables: call it first thing in
 * the main module (Python: `multiprocessing.freeze_support`). Children import the file it is called from, and become
 * what they are to be instead of running the program. Elsewhere it does nothing.
 */
export function freezeSupport(): void {
  if (isBundled && !isChildProcess()) entry = callerUrl(freezeSupport) ?? '';
}

/**
 * The arguments a child is started with: Node's options, the file it boots from, and `who` it is: a flag, the program's
 * folder, and what the flag asks for besides.
 */
export function bootArguments(execArgv: readonly string[], who: readonly [string, string, string]): string[] {
  // It reads no options of Node's from its command line, and its arguments begin where a script's would.
  if (singleExecutable() !== null) return [...who];
  return isBundled ? [...execArgv, stubIn(who[1]), ...who, entry ?? ''] : [...execArgv, LOADER, ...who];
}

/** Throws RuntimeError if this process cannot have children, since nobody has said which file they are to boot from. */
export function assertCanBoot(): void {
  if (!isBundled || isChildProcess() || entry !== undefined) return;
  const what = singleExecutable() === null ? `is bundled (into ${__filename})` : 'is a single executable';
  throw new RuntimeError(
    `this program ${what}, and has not called freezeSupport(). Its children start as it does, and have to know before ` +
      `anything else that they are children.\n\nCall it first thing in the main module, and keep the guard:\n\n` +
      `    import { freezeSupport, isMain } from 'manycore';\n\n    freezeSupport();\n` +
      `    if (isMain(import.meta)) {\n      // start processes here\n    }\n`,
  );
}

function stubIn(dir: string): string {
  const file = path.join(dir, STUB_FILE);
  if (!fs.existsSync(file)) {
    fs.writeFileSync(`${file}-${process.pid}`, STUB, { mode: 0o600 });
    fs.renameSync(`${file}-${process.pid}`, file);
  }
  return file;
}

/** In a child that has booted from there: its own children do, too. */
export function rememberEntry(url: string | undefined): void {
  entry = url;
}

/** In a child of a bundled program: resolves when its modules have been evaluated, rejects when they cannot be. */
export const evaluated = (): Promise<unknown> => Reflect.get(globalThis, Symbol.for(EVALUATED)) as Promise<unknown>;
