import { setTimeout as sleep } from 'node:timers/promises';
import { activeChildren, Pool } from 'manycore';
import { readProgram, readPrograms } from 'manycore/inspect';
import { seeded } from '../../fuzz/random.js';
import { Account, oneOf } from './account.js';
import type { PoolRole } from './roles.js';

export interface PoolStormOptions {
  readonly seed: number;
  /** It ends after so much harm or at this moment on `performance.now()`'s clock, but not before the first harm. */
  readonly kills: number;
  readonly until: number;
  /** Milliseconds within which some call has to be answered after any harm. */
  readonly patience: number;
}

export interface PoolStormResult {
  readonly kills: number;
  readonly longestPause: number;
  readonly failures: readonly string[];
  readonly figures: string;
}

/** The workers that live: those of other pools have ended before a storm begins. */
const workers = (): number[] =>
  activeChildren()
    .filter(child => child.name.startsWith('PoolWorker-'))
    .map(child => child.pid ?? 0);

/** Those that take tasks. */
function grown(): number[] {
  folder ??= readPrograms().find(program => program.mainPid === process.pid)?.dir;
  const processes = (folder === undefined ? undefined : readProgram(folder))?.processes ?? [];
  return processes.filter(({ kind, state }) => kind === 'worker' && /^(idle|busy)$/.test(state)).map(({ pid }) => pid);
}
let folder: string | undefined;

/** Mostly leaves one that works, or a loaded machine would do nothing but start workers. */
export function victimOf(rnd: () => number): number | undefined {
  if (rnd() < 0.1) return oneOf(workers(), rnd);
  const working = grown();
  return working.length > 1 ? oneOf(working, rnd) : undefined;
}

export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}

/** One pool after the other in one role: harmed at random instants, its calls accounted for. */
export async function poolStorm(role: PoolRole, options: PoolStormOptions): Promise<PoolStormResult> {
  const { seed, patience } = options;
  const rnd = seeded(seed);
  const account = new Account();
  let pool = new Pool(role.options);
  let kills = 0;
  let pools = 1;
  let longestPause = 0;
  let broken = 0;
  let lastAnswers = -1;
  let since = performance.now();
  const stopped = new Set<Promise<void>>();

  /** Something has to be answered within the patience, as long as there are calls to answer. */
  const watch = (): void => {
    const now = performance.now();
    if (account.answered !== lastAnswers || account.open === 0) since = now;
    lastAnswers = account.answered;
    longestPause = Math.max(longestPause, now - since);
    if (now - since > patience)
      account.fail(`nothing is answered within ${patience} ms after ${kills} kills; ${account.open} open`);
  };

  const renew = async (): Promise<void> => {
    const joined = pool.join();
    if ((await Promise.race([joined.then(() => 'joined'), sleep(patience, 'late', { ref: false })])) === 'late') {
      account.fail(`join takes longer than ${patience} ms`);
    }
    const left = workers();
    if (left.length > 0) account.fail(`${left.length} workers live after join`);
    pool = new Pool(role.options);
    pools++;
  };

  const harm = async (): Promise<void> => {
    const pid = role.harm === 'kill' ? victimOf(rnd) : oneOf(workers(), rnd);
    if (pid === undefined) return;
    kills++;
    if (role.harm === 'kill') send(pid, 'SIGKILL');
    if (role.harm === 'stop') {
      send(pid, 'SIGSTOP');
      const end = sleep(rnd() * 60).then(() => send(pid, 'SIGCONT'));
      stopped.add(end);
      void end.then(() => stopped.delete(end));
    }
    if (role.harm === 'terminate') {
      if (rnd() < 0.3) send(pid, 'SIGKILL');
      pool.terminate();
      await renew();
    }
  };

  const latest = performance.now() + patience;
  const isOver = (): boolean => performance.now() > (kills === 0 ? Math.max(latest, options.until) : options.until);
  while (kills < options.kills && !isOver() && account.failures.length === 0) {
    try {
      while (account.open < role.load) kills += role.call(pool, account, rnd);
    } catch (error) {
      account.fail(`a call was refused: ${String(error)}`);
    }
    await sleep(rnd() * (role.harm === 'terminate' ? 400 : 15));
    if (role.harm !== 'none') await harm();
    if (account.count('BrokenPoolError') > broken) {
      // Its initializer has failed: it takes no more calls, and has answered all it had.
      kills++;
      pool.close();
      await renew();
      broken = account.count('BrokenPoolError');
    }
    watch();
  }
  const end = performance.now() + patience * 5;
  while (account.open > 0 && performance.now() < end && account.failures.length === 0) {
    await sleep(5);
    watch();
  }
  await Promise.all(stopped);
  pool.close();
  if (account.failures.length > 0) {
    // What comes of the rest says nothing any more.
    account.isSpoiled = true;
    pool.terminate();
  }
  await pool.join();
  const lost = account.count('WorkerLostError');
  if (lost > kills * role.lost) account.fail(`${lost} calls lost by ${kills} kills`);
  account.close();
  const figures = `${String(account)}, ${kills} harmed, ${pools} pools, longest pause ${Math.round(longestPause)} ms`;
  return { kills, longestPause, failures: account.failures, figures };
}
