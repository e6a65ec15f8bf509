import * as ground from './pool/ground.js';
import { childArguments, runChild } from './process/index.js';

export * from './index.js';

/** The library and, when Node was started with the loader (loader.ts) to be a child, its bootstrap. */
const api = module.exports as Record<string, unknown>;

// The bundler renames classes that mention themselves; what people see is the name they import.
for (const [name, value] of Object.entries(api)) {
  if (typeof value === 'function' && value.name === `_${name}`) Object.defineProperty(value, 'name', { value: name });
}

// What the library's other entry points are built on (futures/): no name that people see.
Object.defineProperty(api, Symbol.for('manycore.ground'), { value: ground });

const child = require.main === module ? childArguments() : undefined;
if (child !== undefined) void runChild(child);
