import * as index from './index.js';
import { nameClasses } from './nameClasses.js';
import * as ground from './pool/ground.js';
import { bootFromBundle } from './process/index.js';
import { VERSION } from './version.js';

export { providePart } from './parts.js';

/**
 * The library as bundlers take it in (the `module` condition of package.json): everything in one ES module, with no
 * file beside it, and a child's bootstrap for a process that was started to be one. See process/starting/frozen.ts.
 */
const registry = Symbol.for(`manycore@${VERSION}`);

const api = { ...index };
nameClasses(api);
Object.defineProperty(api, Symbol.for('manycore.ground'), { value: ground });

// A bundle that a program loads which has the library itself must not bring another one.
const loaded: unknown = Reflect.get(globalThis, registry);
if (loaded === undefined) {
  Reflect.set(globalThis, registry, api);
  bootFromBundle();
}

/** The library of this process. */
export const library = (loaded ?? api) as typeof api;
