import { createRequire } from 'node:module';

/**
 * Node's own modules that take up to three milliseconds to load and that a child does without, unless it starts
 * processes of its own.
 */
const load = createRequire(__filename);

export const childProcess = (): typeof import('node:child_process') =>
  load('node:child_process') as typeof import('node:child_process');

export const crypto = (): typeof import('node:crypto') => load('node:crypto') as typeof import('node:crypto');

export const inspector = (): typeof import('node:inspector') =>
  load('node:inspector') as typeof import('node:inspector');

export const workerThreads = (): typeof import('node:worker_threads') =>
  load('node:worker_threads') as typeof import('node:worker_threads');
