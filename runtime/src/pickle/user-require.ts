import { hasNodesRequire } from '../code.js';
import { nodeModule, requireHere } from '../lazyNode.js';

let made: NodeJS.Require | null = null;

/** `require` for absolute paths and Node's own modules; its cache is that of every CommonJS module of the process. */
export function userRequire(): NodeJS.Require {
  return (made ??= hasNodesRequire ? requireHere : nodeModule().createRequire(__filename));
}
