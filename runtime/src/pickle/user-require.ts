import { createRequire } from 'node:module';

let made: NodeJS.Require | null = null;

/** `require` for absolute paths and Node's own modules; its cache is that of every CommonJS module of the process. */
export function userRequire(): NodeJS.Require {
  return (made ??= createRequire(__filename));
}
