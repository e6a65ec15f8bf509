import { createRequire } from 'node:module';
import type * as Internals from '../../runtime/src/internals.js';

/** The inner layers of the runtime, from the bundle made for tests. One instance a process. */
export const internals = createRequire(import.meta.url)('../../../runtime/dist/internals.cjs') as typeof Internals;
