import { hasNodesRequire } from '../host.js';
import { nodeModule, requireHere } from '../lazyNode.js';

let made: NodeJS.Require | null = null;

/** `require` for absolute paths and Node's own modules; its cache is that of every CommonJS module of the process. */
export function userRequire(): NodeJS.Require {
  // What Node gives a CommonJS module that a hook of `import` has read (tsx, for a .cts) has no cache.
  const cache: NodeJS.Require['cache'] | undefined = requireHere.cache;
  return (made ??= hasNodesRequire && cache !== undefined ? requireHere : nodeModule().createRequire(__filename));
}
