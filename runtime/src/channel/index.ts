export { Connection, type ReceiveBytesOptions, type ReceiveOptions } from './connection.js';
export { JoinableQueue } from './joinableQueue.js';
export { collectReferences, type Underway } from './messages.js';
export { Pipe, type PipeOptions } from './pipe.js';
export { Queue, type QueueOptions } from './queue.js';
export { Ring } from './ring.js';
export { SimpleQueue } from './simpleQueue.js';
