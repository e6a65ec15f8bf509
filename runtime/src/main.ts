import { childArguments, runChild } from './process/index.js';
import { VERSION } from './version.js';

export * from './index.js';

/**
 * The bundle's entry: the library and, when Node was started with this very file to be a child, its bootstrap. The
 * build puts a line before all this that hands out a copy of the same version that the process has loaded already.
 */
const api = module.exports as Record<string, unknown>;
Reflect.set(globalThis, Symbol.for(`manycore@${VERSION}`), api);

// The bundler renames classes that mention themselves; what people see is the name they import.
for (const [name, value] of Object.entries(api)) {
  if (typeof value === 'function' && value.name === `_${name}`) Object.defineProperty(value, 'name', { value: name });
}

const child = require.main === module ? childArguments() : undefined;
if (child !== undefined) void runChild(child);
