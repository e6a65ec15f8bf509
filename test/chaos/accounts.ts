import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { Barrier, Condition, Event, JoinableQueue, Lock, Queue, RLock, Semaphore } from 'manycore';
import type { RoleName, Shared } from './fixtures/roles.js';

export const BOUND = 20;
const PERMITS = 3;
const PARTIES = 2;

export function makeShared(): Shared {
  const none = (): Semaphore => new Semaphore(0);
  return {
    items: new Queue(BOUND),
    relayed: new Queue(BOUND),
    produced: new Queue(BOUND),
    lock: new Lock(),
    lockEntered: none(),
    lockLeft: none(),
    rlock: new RLock(),
    rlockEntered: none(),
    rlockLeft: none(),
    permits: new Semaphore(PERMITS),
    permitsUsed: none(),
    condition: new Condition(),
    tokens: none(),
    tokensTaken: none(),
    talk: new Condition(new Lock()),
    talks: none(),
    event: new Event(),
    eventSeen: none(),
    barrier: new Barrier(PARTIES),
    barrierPassed: none(),
    jobs: new JoinableQueue(BOUND),
    jobsDone: none(),
  };
}

/** What a storm's own process does for a role, how it sees that the role goes on, and what must be true at the end. */
export interface Account {
  /** Feeds the role until `stopped`; absent where the role feeds itself. */
  readonly feed?: (stopped: AbortSignal) => Promise<void>;
  /** Grows with each turn that anybody finishes. */
  readonly progress: () => number;
  /** The state of its objects, for who wonders why it stands still. */
  readonly state?: () => string;
  /** Asked when everybody has been killed, `kills` of them while they played the role. A sentence with the figures. */
  readonly settle: (kills: number) => string | Promise<string>;
}

export function makeAccounts(shared: Shared, failed: (error: Error) => void): Record<RoleName, Account> {
  const must = (holds: boolean, what: string): void => {
    if (!holds) failed(new Error(what));
  };
  return {
    relay: relayAccount(shared, must),
    producer: producerAccount(shared, must),
    lock: sectionAccount(shared.lock, shared.lockEntered, shared.lockLeft, must),
    rlock: sectionAccount(shared.rlock, shared.rlockEntered, shared.rlockLeft, must),
    semaphore: {
      // A dead process's permit stays taken: whoever manages the permits gives it back, here when there is none left.
      async feed(stopped) {
        for (let before = -1; !stopped.aborted; before = shared.permitsUsed.getValue()) {
          await sleep(100);
          const isStuck = shared.permits.getValue() === 0 && shared.permitsUsed.getValue() === before;
          if (isStuck) for (let i = 0; i < PERMITS; i++) shared.permits.release();
        }
      },
      progress: () => shared.permitsUsed.getValue(),
      settle: () => `${shared.permitsUsed.getValue()} permits used`,
    },
    waiter: {
      async feed(stopped) {
        while (!stopped.aborted) {
          await paced(stopped, () => shared.tokens.getValue() < BOUND);
          using _held = await shared.condition.acquire();
          shared.tokens.release();
          shared.condition.notify();
        }
      },
      progress: () => shared.tokensTaken.getValue(),
      state: () => `${inspect(shared.condition)}, ${shared.tokens.getValue()} tokens`,
      async settle(kills) {
        must((await shared.condition.acquire({ timeout: 2000 })) !== false, 'the lock of the condition is lost');
        must(shared.tokens.getValue() <= BOUND + kills, `${shared.tokens.getValue()} tokens that nobody took`);
        return `${shared.tokensTaken.getValue()} notifications heard`;
      },
    },
    notifier: {
      progress: () => shared.talks.getValue(),
      state: () => inspect(shared.talk),
      async settle() {
        must((await shared.talk.acquire({ timeout: 2000 })) !== false, 'the lock of the condition is lost');
        shared.talk.notifyAll();
        shared.talk.release();
        return `${shared.talks.getValue()} turns of waiting and notifying`;
      },
    },
    event: {
      async feed(stopped) {
        while (!stopped.aborted) {
          shared.event.set();
          shared.event.clear();
          await sleep(2);
        }
      },
      progress: () => shared.eventSeen.getValue(),
      settle: () => `${shared.eventSeen.getValue()} waits released by set() then clear()`,
    },
    barrier: {
      async feed(stopped) {
        while (!stopped.aborted) {
          await sleep(5);
          if (shared.barrier.broken) shared.barrier.reset();
        }
      },
      progress: () => shared.barrierPassed.getValue(),
      state: () => inspect(shared.barrier),
      settle: () => `${shared.barrierPassed.getValue()} passages`,
    },
    joinable: joinableAccount(shared, must),
    pipe: { progress: () => 0, settle: () => '' },
  };
}

type Must = (holds: boolean, what: string) => void;

async function paced(stopped: AbortSignal, mayGoOn: () => boolean): Promise<void> {
  do await sleep(1);
  while (!mayGoOn() && !stopped.aborted);
}

/** Numbers go out to whoever relays them, and come back in any order: each once, but for those in dead hands. */
function relayAccount({ items, relayed }: Shared, must: Must): Account {
  const out = new Set<number>();
  let sent = 0;
  let back = 0;
  const receive = (number: number): void => {
    must(out.delete(number), `${number} came back twice`);
    back++;
  };
  return {
    async feed(stopped) {
      const receiving = (async () => {
        for (;;) receive(await relayed.get({ signal: stopped }));
      })().catch(() => undefined);
      while (!stopped.aborted) {
        await paced(stopped, () => !items.full());
        out.add(sent);
        await items.put(sent++, { signal: stopped }).catch(() => out.delete(--sent));
      }
      await receiving;
    },
    progress: () => back,
    state: () => `${inspect(items)}, ${inspect(relayed)}`,
    settle(kills) {
      while (!relayed.empty()) receive(relayed.getNowait());
      while (!items.empty()) out.delete(items.getNowait());
      must(out.size <= kills, `${out.size} items lost by ${kills} kills`);
      return `${back} items relayed, ${out.size} gone with the dead`;
    },
  };
}

/** Each producer's numbers arrive in order and without a gap: what was not written yet when it died leaves none. */
function producerAccount({ produced }: Shared, must: Must): Account {
  const next = new Map<number, number>();
  let received = 0;
  const receive = ([who, number]: readonly [number, number]): void => {
    must(number === (next.get(who) ?? 0), `producer ${who} sent ${number}, not ${next.get(who) ?? 0}`);
    next.set(who, number + 1);
    received++;
  };
  return {
    async feed(stopped) {
      try {
        for (;;) receive(await produced.get({ signal: stopped }));
      } catch {
        // Stopped.
      }
    },
    progress: () => received,
    state: () => inspect(produced),
    settle() {
      while (!produced.empty()) receive(produced.getNowait());
      return `${received} items of ${next.size} producers, in order and without a gap`;
    },
  };
}

function sectionAccount(lock: Lock | RLock, entered: Semaphore, left: Semaphore, must: Must): Account {
  return {
    progress: () => left.getValue(),
    state: () => inspect(lock),
    async settle(kills) {
      must((await lock.acquire({ timeout: 2000 })) !== false, 'the lock is lost');
      const halfDone = entered.getValue() - left.getValue();
      must(halfDone <= lock.recovered, `${halfDone} sections half done, but ${lock.recovered} recovered`);
      must(lock.recovered <= kills, `recovered ${lock.recovered} times by ${kills} kills`);
      return `${left.getValue()} sections, killed within ${halfDone}, recovered ${lock.recovered}`;
    },
  };
}

/** Of each consumer that dies between get and taskDone one task stays open: who knows of the death may close it. */
function joinableAccount({ jobs, jobsDone }: Shared, must: Must): Account {
  let put = 0;
  return {
    async feed(stopped) {
      while (!stopped.aborted) {
        await paced(stopped, () => !jobs.full());
        await jobs.put(put++, { signal: stopped }).catch(() => put--);
      }
    },
    progress: () => jobsDone.getValue(),
    state: () => inspect(jobs),
    async settle(kills) {
      while (!jobs.empty()) {
        jobs.getNowait();
        jobs.taskDone();
      }
      let open = 0;
      for (; open <= kills && !(await jobs.join({ timeout: 0 })); open++) jobs.taskDone();
      must(open <= kills, `more than ${kills} tasks open after ${kills} kills`);
      must(await jobs.join({ timeout: 0 }), 'join does not end when everything is done');
      return `${jobsDone.getValue()} jobs done, ${open} left open by the dead`;
    },
  };
}
