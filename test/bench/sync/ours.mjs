// Our side of bench:sync: two processes for the rows, a crowd for the growth.
import { setTimeout as pause } from 'node:timers/promises';
import { Barrier, Condition, Event, Lock, Process, Queue, RLock, Semaphore } from 'manycore';
import { obey, takesTwo, waiter } from './parts.mjs';

export async function startOurs() {
  const objects = {
    ...{ lock: new Lock(), rlock: new RLock(), semaphore: new Semaphore(1), ping: new Lock(), pong: new Lock() },
    ...{ there: new Event(), back: new Event(), start: new Barrier(2) },
    ...{ condition: new Condition(), ready: new Semaphore(0), barrier: new Barrier(2) },
  };
  // Taken by this process and given back by the two in turn.
  await objects.ping.acquire();
  await objects.pong.acquire();
  const [measuring, answering] = ['measuring', 'answering'].map(role => {
    const [orders, answers] = [new Queue(), new Queue()];
    const child = new Process({ target: obey, args: [role, objects, orders, answers], name: role, daemon: true });
    child.start();
    return { orders, answers, child };
  });
  return {
    /** ns an operation. */
    async ask(what, n) {
      const sides = takesTwo(what) ? [measuring, answering] : [measuring];
      for (const { orders } of sides) await orders.put({ what, n });
      const answers = await Promise.all(sides.map(side => side.answers.get()));
      if (what !== 'fight') return answers[0];
      return (Math.max(...answers.map(times => times[1])) - Math.min(...answers.map(times => times[0]))) / (2 * n);
    },
    async stop() {
      for (const { orders } of [measuring, answering]) await orders.put(null);
      for (const { child } of [measuring, answering]) await child.join();
    },
  };
}

/** `count` processes asleep before one lock: µs a hand-over, from its release until the last of them has had it. */
export function startWaiters(count) {
  const objects = { lock: new Lock(), ready: new Semaphore(0), go: new Semaphore(0) };
  const answers = new Queue();
  const crowd = Array.from({ length: count }, () => {
    return new Process({ target: waiter, args: [objects, answers], name: 'waiter', daemon: true });
  });
  for (const one of crowd) one.start();
  return {
    async run() {
      await objects.lock.acquire();
      for (let i = 0; i < count; i++) objects.go.release();
      for (let i = 0; i < count; i++) await objects.ready.acquire();
      // They have said that they are about to ask for it; nothing tells when the last one sleeps.
      await pause(5 + count);
      const began = Number(process.hrtime.bigint());
      objects.lock.release();
      let last = began;
      for (let i = 0; i < count; i++) last = Math.max(last, await answers.get());
      return (last - began) / count / 1000;
    },
    async close() {
      for (const one of crowd) one.kill();
      for (const one of crowd) await one.join();
    },
  };
}
