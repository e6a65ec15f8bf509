import { nodeModule } from '../lazyNode.js';

let made: NodeJS.Require | null = null;

/** `require` for absolute paths and Node's own modules; its cache is that of every CommonJS module of the process. */
export function userRequire(): NodeJS.Require {
  return (made ??= nodeModule().createRequire(__filename));
}
