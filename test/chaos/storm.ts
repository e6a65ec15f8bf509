import { setTimeout as sleep } from 'node:timers/promises';
import { Pipe, Process, type Connection } from 'manycore';
import { makeAccounts, makeShared } from './accounts.js';
import { play, type RoleName } from './fixtures/roles.js';

export const ROLES: readonly RoleName[] = [
  'relay',
  'producer',
  'lock',
  'rlock',
  'semaphore',
  'waiter',
  'notifier',
  'event',
  'barrier',
  'joinable',
  'pipe',
];

export interface StormOptions {
  readonly roles: readonly RoleName[];
  /** How many processes play at once; half of them block their threads. */
  readonly players: number;
  readonly seed: number;
  /** It ends after so many kills or at this moment on `performance.now()`'s clock, whichever comes first. */
  readonly kills: number;
  readonly until: number;
  /** Milliseconds within which every role has to go on after a kill: 2,000 on a machine that is not busy. */
  readonly patience: number;
  readonly told?: (line: string) => void;
}

export interface StormResult {
  readonly kills: number;
  readonly stops: number;
  readonly ms: number;
  /** The longest any role stood still after a kill. */
  readonly longestPause: number;
  readonly failures: readonly string[];
  readonly accounts: Readonly<Record<string, string>>;
}

interface Player {
  readonly process: Process;
  readonly pipe: Connection;
  readonly sync: boolean;
}

/** Kills processes that play all the roles at random instants, and sees that the others go on. */
export async function storm(options: StormOptions): Promise<StormResult> {
  const { roles, players, patience } = options;
  const started = performance.now();
  const shared = makeShared();
  const failures: string[] = [];
  const accounts = makeAccounts(shared, error => {
    if (failures.length < 20) failures.push(error.message);
  });
  const stopping = new AbortController();
  const feeding = roles.map(async role => {
    try {
      await accounts[role].feed?.(stopping.signal);
    } catch (error) {
      failures.push(`${role}: ${String(error)}`);
    }
  });
  let random = options.seed;
  const below = (limit: number): number => {
    random = (Math.imul(random, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (random / 0x8000_0000) * limit;
  };
  let who = 0;
  const start = async (sync: boolean): Promise<Player> => {
    const [ours, theirs] = Pipe();
    const orders = { who: who++, roles, sync, shared, pipe: theirs };
    const player = { process: new Process({ target: play, args: [orders], daemon: true }), pipe: ours, sync };
    player.process.start();
    theirs.close();
    await ours.recv();
    return player;
  };
  const playing = await Promise.all(Array.from({ length: players }, (_, i) => start(i % 2 === 0)));
  const least = Math.max(2, players - 2);
  let starting = 0;
  let ended = 0;
  const replace = async (sync: boolean): Promise<void> => {
    starting++;
    try {
      playing.push(await start(sync));
    } catch (error) {
      failures.push(`a player did not start: ${String(error)}`);
    }
    starting--;
  };
  let kills = 0;
  let stops = 0;
  let longestPause = 0;

  /** Every role has to move on from `before` within the patience. */
  const goesOn = async (before: ReadonlyMap<RoleName, number>, after: string): Promise<void> => {
    const since = performance.now();
    for (;;) {
      const still = [...before].filter(([role, count]) => accounts[role].progress() === count).map(([role]) => role);
      longestPause = Math.max(longestPause, performance.now() - since);
      if (still.length === 0) return;
      if (performance.now() - since > patience) {
        const what = still.map(role => `${role} ${accounts[role].state?.() ?? ''}`).join(', ');
        failures.push(`after ${after} nothing moves within ${patience} ms: ${what}; ${playing.length} play`);
        return;
      }
      await sleep(5);
    }
  };
  const moving = roles.filter(role => role !== 'pipe');
  const progress = (): Map<RoleName, number> => new Map(moving.map(role => [role, accounts[role].progress()]));

  /** The peer of the dead reads what it had sent, then the end. */
  const seesTheEnd = async (pipe: Connection): Promise<void> => {
    const signal = AbortSignal.timeout(patience);
    try {
      for (;;) await pipe.recv({ signal });
    } catch (error) {
      if ((error as Error).name === 'EOFError') ended++;
      else failures.push(`the peer of the dead gets ${String(error)}`);
    } finally {
      pipe.close();
    }
  };

  const buried = async ({ process }: Player): Promise<void> => {
    await process.join();
    if (process.exitCode !== -9) failures.push(`a player ended by itself with ${String(process.exitCode)}`);
  };

  const checks: Promise<void>[] = [];
  while (kills < options.kills && performance.now() < options.until && failures.length === 0) {
    await sleep(below(15));
    if (playing.length < least) continue;
    const index = Math.floor(below(playing.length));
    const player = playing[index];
    if (player === undefined) break;
    if (roles.includes('pipe') && below(2) < 1) void player.pipe.send(kills).catch(() => undefined);
    if (below(12) < 1) {
      stops++;
      process.kill(player.process.pid ?? 0, 'SIGSTOP');
      await sleep(below(100));
      process.kill(player.process.pid ?? 0, 'SIGCONT');
      checks.push(goesOn(progress(), `stop ${stops}`));
      continue;
    }
    kills++;
    playing.splice(index, 1);
    player.process.kill();
    checks.push(goesOn(progress(), `kill ${kills}`), seesTheEnd(player.pipe), replace(player.sync), buried(player));
    if (kills % 100 === 0) options.told?.(`${kills} kills, ${Math.round(performance.now() - started)} ms`);
    // Those that have been answered need not be kept.
    if (checks.length > 1000) await Promise.all(checks.splice(0));
  }
  while (starting > 0) await sleep(5);
  await Promise.all(checks);
  for (const { process } of playing) process.kill();
  await Promise.all(playing.map(buried));
  for (const { pipe } of playing) pipe.close();
  stopping.abort();
  await Promise.all(feeding);
  const dead = kills + players;
  const figures: Record<string, string> = {};
  for (const role of roles) figures[role] = await accounts[role].settle(dead);
  if (roles.includes('pipe')) figures['pipe'] = `${ended} peers of the dead saw the end`;
  return { kills, stops, ms: performance.now() - started, longestPause, failures, accounts: figures };
}
