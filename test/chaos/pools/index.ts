import { floodStorm, parentStorm } from './masses.js';
import { POOL_ROLES, type PoolRole } from './roles.js';
import { poolStorm, type PoolStormOptions, type PoolStormResult } from './storm.js';

export type PoolStorm = (options: PoolStormOptions) => Promise<PoolStormResult>;
export type { PoolStormOptions, PoolStormResult };

/** How many calls a flood has. */
const FLOOD = Number(process.env['FLOOD'] ?? 1_000_000);

/** A storm for each role a pool can play, by its name on the command line. */
export const POOL_STORMS: ReadonlyMap<string, PoolStorm> = new Map<string, PoolStorm>([
  ...Object.entries<PoolRole>(POOL_ROLES).map(
    ([name, role]) => [name, (options: PoolStormOptions) => poolStorm(role, options)] as const,
  ),
  ['pool-flood', options => floodStorm(options, FLOOD)],
  ['pool-parents', parentStorm],
]);
