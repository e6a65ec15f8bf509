// `npm run chaos [-- seconds [seed [role …]]]`: processes are killed at random for so long, or until `KILLS` kills a storm.
import { isMain } from 'manycore';
import { POOL_STORMS } from './pools/index.js';
import { ROLES, storm } from './storm.js';
import type { RoleName } from './fixtures/roles.js';

const isRole = (word: string): word is RoleName => (ROLES as readonly string[]).includes(word);

if (isMain(import.meta)) {
  const words = process.argv.slice(2);
  const [seconds = 120, seed = Date.now() & 0xffff] = words.filter(word => /^\d+$/.test(word)).map(Number);
  const names = words.filter(word => !/^\d+$/.test(word));
  const wrong = names.find(name => !isRole(name) && !POOL_STORMS.has(name));
  if (wrong !== undefined) {
    throw new Error(`no role '${wrong}'; there are ${[...ROLES, ...POOL_STORMS.keys()].join(', ')}`);
  }
  const roles = names.length === 0 ? ROLES : names.filter(isRole);
  const pools = [...POOL_STORMS].filter(([name]) => names.length === 0 || names.includes(name));
  // They take turns: the storm of all roles around shared objects, then each pool by itself.
  const share = (seconds * 1000) / ((roles.length > 0 ? 1 : 0) + pools.length);
  const kills = Number(process.env['KILLS'] ?? Infinity);
  const patience = Number(process.env['PATIENCE'] ?? 2000);
  let failed = false;
  const tell = (name: string, figures: string, failures: readonly string[]): void => {
    console.log(`${name}: ${figures}`);
    for (const failure of failures) console.error(`FAILED: ${name}: ${failure}`);
    failed ||= failures.length > 0;
  };
  if (roles.length > 0) {
    const until = performance.now() + share;
    const players = Number(process.env['PLAYERS'] ?? 6);
    const result = await storm({ roles, players, seed, kills, until, patience, told: console.log });
    for (const [role, figures] of Object.entries(result.accounts)) tell(role, figures, []);
    const aMinute = Math.round((result.kills / result.ms) * 60_000);
    const pause = Math.round(result.longestPause);
    tell(
      'all of them',
      `${result.kills} kills (${aMinute} a minute), ${result.stops} stops, longest pause ${pause} ms`,
      result.failures,
    );
  }
  for (const [name, poolStorm] of pools) {
    const { figures, failures } = await poolStorm({ seed, kills, until: performance.now() + share, patience });
    tell(name, figures, failures);
  }
  console.log(`seed ${seed}`);
  process.exitCode = failed ? 1 : 0;
}
