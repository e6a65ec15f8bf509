import { copier } from './copier.js';
import { logging } from './logging.js';
import { pools } from './pools.js';
import { processes } from './processes.js';
import { queues } from './queues.js';
import { sync } from './sync.js';

export type { Lines, MissingExample, SeedExample } from './types.js';
export { missing } from './missing.js';

export const examples = [...processes, ...logging, ...queues, ...sync, ...pools, ...copier];
