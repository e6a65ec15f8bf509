import { lastly, Rank } from '../lastly.js';
import { meanwhile } from '../sync/meanwhile.js';

/** What has been put and is not in its ring yet, of all queues of this process. */
export interface Flushable {
  /** Writes what there is room for; true when nothing is left. Never throws. */
  flush(): boolean;
  /** Whether `process.exit()` waits until everything is written. */
  readonly bindsExit: boolean;
  /** Blocks the thread until everything is written. */
  flushSync(): void;
}

const waiting = new Set<Flushable>();
let watching = false;

/** From now until it is empty, the outbox is flushed also while this process blocks its thread in any Sync form. */
export function watchOutbox(outbox: Flushable): void {
  waiting.add(outbox);
  if (watching) return;
  watching = true;
  meanwhile(() => {
    flushOutboxes();
    return waiting.size > 0;
  });
  // An event loop that runs dry has delivered everything. process.exit() has not: it is held up here, as Python holds
  // a process up until its feeder threads are done.
  process.prependListener('exit', flushBinding);
  lastly(Rank.flush, flushBinding); // what exit handlers and finalizers have put
}

export function forgetOutbox(outbox: Flushable): void {
  waiting.delete(outbox);
}

/**
 * For waits that block the thread: no event loop delivers what was put before, and what is waited for may depend on
 * just that.
 */
export function flushOutboxes(): void {
  if (waiting.size === 0) return;
  for (const outbox of waiting) outbox.flush();
}

function flushBinding(): void {
  for (const each of waiting) if (each.bindsExit) each.flushSync();
}
