/**
 * What the layer above, `futures`, is built on. It is bundled by itself and brings no copy of the pool along: it finds
 * these in the library that is loaded (main.ts), so what is added here is added to the library's size.
 */
export { withoutStack } from './breakage.js';
export { submitCall } from './calls.js';
export { checkBufferSize, checkChunkSize, timeoutOf } from './callOptions.js';
export { ImapIterator } from './imapIterator.js';
export { type Inputs, isAsyncIterable, iterable } from './inputs.js';
export { TaskKind } from './messages.js';
export { checkPoolOptions, type PoolOptions } from './options.js';
export { Runner, type Source } from './runner.js';
export type { Job, Task } from './task.js';
