import type { Pool, PoolOptions } from 'manycore';
import { oneOf, type Account, type Fate } from './account.js';
import * as tasks from '../fixtures/poolTasks.js';

/** What the storm does to workers from outside; `none` where tasks do it to themselves. */
export type Harm = 'kill' | 'stop' | 'terminate' | 'none';

export interface PoolRole {
  readonly options: PoolOptions;
  readonly harm: Harm;
  /** Calls that are kept open. */
  readonly load: number;
  /** Makes one call, or several; the answer is how many workers will end of it. */
  readonly call: (pool: Pool, account: Account, rnd: () => number) => number;
  /** How many calls may be lost by one harm: one, unless it is a map; none that the call itself has not asked for. */
  readonly lost: number;
}

const KILLED: readonly Fate[] = ['done', 'WorkerLostError'];

function apply(pool: Pool, account: Account, rnd: () => number, allowed: readonly Fate[] = KILLED): number {
  const n = account.next();
  // Now and then a message that travels beside the ring, in a segment of its own.
  const payload = rnd() < 0.01 ? 'x'.repeat(300_000) : rnd() < 0.05 ? 'y'.repeat(20_000) : 'z';
  const isRight = (value: unknown): boolean => {
    const { n: number, payload: text } = value as { n: number; payload: string };
    return number === n && text === payload;
  };
  void account.settle(n, pool.apply(tasks.work, [account.journal, n, payload]), allowed, isRight);
  return 0;
}

const MAP = 200;
/** Maps fail as a whole when one of their chunks is lost, an imap item by item. */
function mapAndImap(pool: Pool, account: Account, rnd: () => number): number {
  const numbers = Array.from({ length: MAP }, () => account.next());
  const inputs = numbers.map(n => [account.journal, n] as const);
  const chunkSize = 1 + Math.floor(rnd() * 20);
  if (rnd() < 0.5) {
    const mapped = pool.map(tasks.item, inputs, { chunkSize });
    numbers.forEach((n, i) => {
      const answer = mapped.then(all => all[i]);
      void account.settle(n, answer, KILLED, value => value === n);
    });
  } else {
    const it = pool.imap(tasks.item, inputs, { chunkSize });
    for (const n of numbers) {
      const answer = it.next().then(step => step.value);
      void account.settle(n, answer, KILLED, value => value === n);
    }
  }
  return 0;
}

function endings(pool: Pool, account: Account, rnd: () => number): number {
  if (rnd() >= 0.02) return apply(pool, account, rnd, ['done']);
  const n = account.next();
  const answer = pool.apply(tasks.end, [account.journal, n, oneOf(tasks.ENDINGS, rnd) ?? 'exit']);
  void account.settle(n, answer, ['WorkerLostError'], () => false);
  return 1;
}

/** 100 MB are allowed; a worker that keeps more is replaced, one that takes far more within a task is killed. */
function memory(pool: Pool, account: Account, rnd: () => number): number {
  const kind = rnd();
  if (kind >= 0.03) return apply(pool, account, rnd, ['done']);
  const n = account.next();
  if (kind < 0.01) {
    const held = pool.apply(tasks.hold, [account.journal, n, 60]);
    void account.settle(n, held, ['done'], value => value === n);
    return 0;
  }
  const lost =
    kind < 0.02 ? pool.apply(tasks.swell, [account.journal, n]) : pool.apply(tasks.fillHeap, [account.journal, n]);
  void account.settle(n, lost, ['WorkerLostError'], () => false);
  return 1;
}

function limited(pool: Pool, account: Account, rnd: () => number): number {
  const kind = rnd();
  if (kind >= 0.1) return apply(pool, account, rnd, ['done']);
  const n = account.next();
  const right = (value: unknown): boolean => value === n;
  if (kind < 0.03) {
    const late = pool.apply(tasks.linger, [account.journal, n, 600_000], { timeout: rnd() * 30 });
    void account.settle(n, late, ['TimeoutError'], right);
    return 1;
  }
  const controller = new AbortController();
  const ms = kind < 0.06 ? 600_000 : rnd() * 10;
  const call = pool.apply(tasks.linger, [account.journal, n, ms], { signal: controller.signal, grace: 0 });
  void account.settle(n, call, kind < 0.06 ? ['AbortError'] : ['done', 'AbortError'], right);
  setTimeout(() => controller.abort(), rnd() * 30);
  return 0;
}

const BROKEN: readonly Fate[] = ['done', 'BrokenPoolError'];
const ENDED: readonly Fate[] = ['done', 'PoolTerminatedError', 'WorkerLostError'];

export const POOL_ROLES = {
  'pool-calls': { options: { processes: 3 }, harm: 'kill', load: 300, call: apply, lost: 1 },
  'pool-maps': { options: { processes: 3 }, harm: 'kill', load: 800, call: mapAndImap, lost: MAP },
  'pool-stops': {
    options: { processes: 3 },
    harm: 'stop',
    load: 300,
    call: (pool, account, rnd) => apply(pool, account, rnd, ['done']),
    lost: 0,
  },
  'pool-exits': { options: { processes: 3, stdio: 'ignore' }, harm: 'none', load: 200, call: endings, lost: 1 },
  'pool-memory': {
    options: { processes: 2, stdio: 'ignore', memoryLimit: '100MB', execArgv: ['--max-old-space-size=40'] },
    ...{ harm: 'none', load: 100, call: memory, lost: 1 },
  },
  'pool-limits': { options: { processes: 3 }, harm: 'none', load: 200, call: limited, lost: 0 },
  'pool-recycling': { options: { processes: 3, maxTasksPerChild: 1 }, harm: 'kill', load: 8, call: apply, lost: 1 },
  'pool-initializers': {
    options: { processes: 2, initializer: tasks.initialize, initArgs: [5], maxTasksPerChild: 5, stdio: 'ignore' },
    harm: 'none',
    load: 50,
    call: (pool, account, rnd) => apply(pool, account, rnd, BROKEN),
    lost: 0,
  },
  'pool-terminations': {
    options: { processes: 2 },
    harm: 'terminate',
    load: 500,
    call: (pool, account, rnd) => apply(pool, account, rnd, ENDED),
    lost: 1,
  },
  'pool-crowd': { options: { processes: 200 }, harm: 'kill', load: 2000, call: apply, lost: 1 },
} as const satisfies Record<string, PoolRole>;

export type PoolRoleName = keyof typeof POOL_ROLES;
