// `npm run chaos [-- seconds [seed [role …]]]`: processes are killed at random for so long, or until `KILLS` kills.
import { isMain } from 'manycore';
import { ROLES, storm } from './storm.js';
import type { RoleName } from './fixtures/roles.js';

const isRole = (word: string): word is RoleName => (ROLES as readonly string[]).includes(word);

if (isMain(import.meta)) {
  const words = process.argv.slice(2);
  const [seconds = 120, seed = Date.now() & 0xffff] = words.filter(word => /^\d+$/.test(word)).map(Number);
  const wrong = words.find(word => !/^\d+$/.test(word) && !isRole(word));
  if (wrong !== undefined) throw new Error(`no role '${wrong}'; there are ${ROLES.join(', ')}`);
  const asked = words.filter(isRole);
  const { failures, accounts, kills, stops, ms, longestPause } = await storm({
    roles: asked.length === 0 ? ROLES : asked,
    players: Number(process.env['PLAYERS'] ?? 6),
    seed,
    kills: Number(process.env['KILLS'] ?? Infinity),
    until: performance.now() + seconds * 1000,
    patience: Number(process.env['PATIENCE'] ?? 2000),
    told: console.log,
  });
  for (const [role, figures] of Object.entries(accounts)) console.log(`${role}: ${figures}`);
  for (const failure of failures) console.error(`FAILED: ${failure}`);
  const aMinute = Math.round((kills / ms) * 60_000);
  console.log(
    `seed ${seed}: ${kills} kills (${aMinute} a minute), ${stops} stops, longest pause ${Math.round(longestPause)} ms`,
  );
  process.exitCode = failures.length === 0 ? 0 : 1;
}
