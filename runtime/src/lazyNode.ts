/**
 * The `require` of the bundle's file. Under a name of its own the bundler leaves it alone: what is loaded through it is
 * loaded when it is asked for. (One more from `createRequire` would take two milliseconds of every child's start.)
 */
export const requireHere: NodeJS.Require = require;

/**
 * Node's own modules that take up to three milliseconds to load and that a child does without, unless it starts
 * processes of its own or waits for something.
 */
export const childProcess = (): typeof import('node:child_process') =>
  requireHere('node:child_process') as typeof import('node:child_process');

export const crypto = (): typeof import('node:crypto') => requireHere('node:crypto') as typeof import('node:crypto');

export const net = (): typeof import('node:net') => requireHere('node:net') as typeof import('node:net');

export const workerThreads = (): typeof import('node:worker_threads') =>
  requireHere('node:worker_threads') as typeof import('node:worker_threads');

export const inspector = (): typeof import('node:inspector') =>
  requireHere('node:inspector') as typeof import('node:inspector');
