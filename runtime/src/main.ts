import { nameClasses } from './nameClasses.js';
import * as ground from './pool/ground.js';
import { bootFromBundle, childArguments, runChild } from './process/index.js';

export * from './index.js';

/** The library and, when Node was started with the loader (loader.ts) to be a child, its bootstrap. */
nameClasses(module.exports as object);

// What the library's other entry points are built on (futures/): no name that people see.
Object.defineProperty(module.exports, Symbol.for('manycore.ground'), { value: ground });

const child = childArguments();
if (child !== undefined) {
  if (require.main === module) void runChild(child);
  else bootFromBundle();
}
