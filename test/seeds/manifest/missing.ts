import type { MissingExample } from './types.js';

/** What waits for a part of the library that does not exist yet. Their recordings are there already. */
export const missing: readonly MissingExample[] = [
  { name: 'sharing/manager-dict', shows: 'a dictionary in a manager', needs: 'Manager' },
  { name: 'sharing/manager-list', shows: 'a list in a manager', needs: 'Manager' },
  { name: 'sharing/namespace', shows: 'a shared namespace', needs: 'Manager' },
  { name: 'sharing/namespace-mutable', shows: 'a change that does not propagate', needs: 'Manager' },
  { name: 'pools/manager-queue', shows: "a manager's queue in a pool", needs: 'Manager' },
];
