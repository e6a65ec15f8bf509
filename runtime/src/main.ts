import { childArguments, runChild } from './process/index.js';
import { VERSION } from './version.js';

export * from './index.js';

/**
 * The bundle's entry: the library and, when Node was started with this very file to be a child, its bootstrap. The
 * build puts a line before all this that hands out a copy of the same version that the process has loaded already.
 */
Reflect.set(globalThis, Symbol.for(`manycore@${VERSION}`), module.exports);

const child = require.main === module ? childArguments() : undefined;
if (child !== undefined) void runChild(child);
