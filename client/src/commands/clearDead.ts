import type { Services } from '../services.js';

/** Removes the processes and programs that have ended from the tree. */
export const clearDead = (services: Services) => () => services.tree.clearDead();
