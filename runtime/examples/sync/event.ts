// An event is a flag that processes can wait for, for ever or for a while.
import { setTimeout as sleep } from 'node:timers/promises';
import { Event, Process, isMain } from 'manycore';

export async function waitForEvent(e: Event): Promise<void> {
  console.log('waitForEvent: starting');
  await e.wait();
  console.log('waitForEvent: e.isSet()->', e.isSet());
}

export async function waitForEventTimeout(e: Event, timeout: number): Promise<void> {
  console.log('waitForEventTimeout: starting');
  await e.wait({ timeout });
  console.log('waitForEventTimeout: e.isSet()->', e.isSet());
}

if (isMain(import.meta)) {
  const e = new Event();
  const w1 = new Process({ name: 'block', target: waitForEvent, args: [e] });
  w1.start();

  const w2 = new Process({ name: 'nonblock', target: waitForEventTimeout, args: [e, 500] });
  w2.start();

  console.log('main: waiting before calling Event.set()');
  await sleep(3000);
  e.set();
  console.log('main: event is set');
}
