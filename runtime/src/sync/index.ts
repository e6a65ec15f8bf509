export { Barrier, type BarrierOptions } from './barrier.js';
export { Condition } from './condition.js';
export { Event } from './event.js';
export { Held, type UntilHeld } from './held.js';
export { Lock } from './lock.js';
export { RLock } from './rlock.js';
export { BoundedSemaphore, Semaphore } from './semaphore.js';
export type { ObjectHandle } from './sharedObject.js';
export type { SyncWaitOptions, WaitOptions } from './waitOptions.js';
