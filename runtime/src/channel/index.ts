export { JoinableQueue } from './joinableQueue.js';
export { Queue, type QueueOptions } from './queue.js';
export { Ring } from './ring.js';
export { SimpleQueue } from './simpleQueue.js';
