/** What the tests and benches of the inner layers reach for; no part of the library's public face. */
export * as memory from './memory/index.js';
export * as platform from './platform/index.js';
export { createDarwinPlatform } from './platform/darwin.js';
export { createWin32Platform } from './platform/win32.js';
export { isSlotLocked } from './inspect/slotLock.js';
export * as programDir from './memory/programDir.js';
export * as doorbell from './sync/doorbell.js';
export * as errors from './errors.js';
export * from './sync/index.js';
export { Mutex } from './sync/mutex.js';
export { WaitPoint } from './sync/waitPoint.js';
export * as channel from './channel/index.js';
export { Ring } from './channel/ring.js';
export * as pickle from './pickle/index.js';
export * as cgroup from './process/cgroup.js';
export { usableCpus } from './process/cpuCount.js';
