import { Ring } from '../channel/ring.js';
import { instant } from '../clock.js';
import { program, selfSlot, type OwnerWord } from '../memory/index.js';
import { decodeAsync, type Encoded } from '../pickle/index.js';
import type { Wait } from '../sync/waitPoint.js';
import { dieWithParent, onUnguardedDeath, registerEntry, unguardedStart, whileImporting } from '../process/index.js';
import { AbortLine } from './abortLine.js';
import { ClaimBoard } from './board.js';
import { encodeFailure } from './failure.js';
import { BatchRun } from './batchRun.js';
import { NEWS, RecordStatus, type WorkerBoot } from './messages.js';
import { Outbox } from './outbox.js';

/** A worker that is never idle gives its event loop a turn this often, in milliseconds. */
const TURN_MS = 10;
/** A worker with a limit of memory looks at itself at most this often, in milliseconds: it takes some microseconds. */
const WEIGH_MS = 2;
/** Looks at the ring before going to sleep: a few microseconds, for who sends one task after the other. */
const SPINS = 100;
/**
 * How long an idle worker sleeps deaf to its event loop, in milliseconds: it wakes up in a third of the time. Only for
 * as long as that goes well, since timers and the like of earlier tasks are late by as much.
 */
const NAP_MS = 1;
const MOST_LUCK = 4;
/** A worker without luck tries a nap again after so many waits, and after twice as many each time that it has none. */
const FIRST_TRY = 4;
const LAST_TRY = 64;

export const POOL_WORKER_ENTRY = 'manycore.pool';

registerEntry(POOL_WORKER_ENTRY, async payload => {
  // Also a worker that is no daemon: deep in a task, it would not hear for a long time that its pool is gone.
  dieWithParent();
  const boot = (await decodeAsync(payload)) as WorkerBoot;
  const worker = new Worker(boot);
  onUnguardedDeath(worker.unfit);
  const fit = await worker.initialize(boot.initializer);
  if (fit) await worker.work();
  // What tasks have left behind (timers, servers) must not hold up the pool's join().
  process.exit(fit ? 0 : 1);
});

/** The loop of a pool's worker: take a batch from the ring, claim it on the board, run it, say so, sleep if there is none. */
class Worker {
  readonly #tasks: Ring;
  readonly #results: Ring;
  readonly #board: ClaimBoard;
  readonly #outbox: Outbox;
  readonly #batch: BatchRun;
  readonly #maxTasks: number;
  readonly #owner: OwnerWord;
  readonly #line: AbortLine;
  readonly #memoryLimit: number;
  #taken = 0;
  #luck = 0;
  #waits = 0;
  #nextTry = FIRST_TRY;
  #lastTurn = instant();
  #lastWeighed = 0;

  constructor(boot: WorkerBoot) {
    this.#tasks = Ring.attach(...boot.tasks);
    this.#results = Ring.attach(...boot.results);
    this.#board = ClaimBoard.attach(...boot.board);
    this.#outbox = Outbox.attach(...boot.outbox, () => this.#results.readable.wake(1));
    this.#line = AbortLine.attach(...boot.abortLine);
    this.#memoryLimit = boot.memoryLimit;
    this.#batch = new BatchRun(this.#board, this.#outbox, this.#results, this.#line);
    this.#maxTasks = boot.maxTasks;
    this.#owner = boot.owner;
  }

  /** Runs the pool's initializer; false if it threw, and then the owner has been told. */
  async initialize(initializer: Uint8Array | null): Promise<boolean> {
    this.#tell(RecordStatus.booted);
    try {
      if (initializer !== null) {
        const decoded = await whileImporting(() => decodeAsync(initializer));
        const [f, args] = decoded as [(...args: unknown[]) => unknown, unknown[]];
        await f(...args);
      }
      this.#tell(RecordStatus.ready);
      return true;
    } catch (error) {
      this.unfit(unguardedStart() ?? error);
      return false;
    }
  }

  readonly unfit = (error: unknown): void => this.#tell(RecordStatus.unfit, encodeFailure(error));

  async work(): Promise<void> {
    selfSlot.setState('idle');
    for (;;) {
      if (!this.#take()) {
        const found = await this.#wait();
        if (!found) return;
      }
      if (!this.#batch.claim()) continue;
      selfSlot.setState('busy');
      for (let pending = this.#batch.run(); pending !== undefined; pending = this.#batch.run()) await pending;
      const now = this.#batch.end();
      if (!this.#board.ownerLooks) this.#results.readable.wake(1);
      if (++this.#taken === this.#maxTasks) return this.#tell(RecordStatus.retired);
      if (this.#memoryLimit > 0 && this.#isTooLarge(now)) return this.#tell(RecordStatus.retired);
      if (now - this.#lastTurn > TURN_MS) await this.#turn();
    }
  }

  #take(): boolean {
    return this.#tasks.tryRead(this.#batch.open) ?? false;
  }

  /** True when there is a batch, false when the pool wants its workers to end. */
  async #wait(): Promise<boolean> {
    for (let spin = 0; spin < SPINS; spin++) if (!this.#tasks.isEmpty && this.#take()) return true;
    selfSlot.setState('idle');
    this.#batch.rest();
    const attempt = (): boolean | undefined => {
      if (this.#take()) return true;
      return this.#board.stopping || this.#line.isSentHome ? false : undefined;
    };
    // The process that has the pool may have died before this one asked the system to be killed with it.
    const recover = (): void => void (program().isDead(this.#owner) && process.exit(1));
    const wait = { subject: { kind: 'task', object: 0 } as const, attempt, recover };
    const found = this.#nap(wait) ?? (await this.#tasks.readable.wait(wait));
    this.#lastTurn = instant();
    return found ?? false;
  }

  #nap(wait: Wait<boolean>): boolean | undefined {
    if (this.#luck === 0 && ++this.#waits < this.#nextTry) return undefined;
    const now = instant();
    if (now - this.#lastTurn > TURN_MS) return undefined;
    this.#waits = 0;
    const found = this.#tasks.readable.waitSync(wait, now + NAP_MS);
    if (found !== undefined) {
      this.#luck = Math.min(this.#luck + 2, MOST_LUCK);
      this.#nextTry = FIRST_TRY;
    } else if (this.#luck > 0) {
      this.#luck--;
    } else {
      this.#nextTry = Math.min(this.#nextTry * 2, LAST_TRY);
    }
    return found;
  }

  /** Garbage counts: it is memory that others do not have. */
  #isTooLarge(now: number): boolean {
    if (now - this.#lastWeighed < WEIGH_MS) return false;
    this.#lastWeighed = now;
    return process.memoryUsage.rss() > this.#memoryLimit;
  }

  async #turn(): Promise<void> {
    await new Promise(resolve => setImmediate(resolve));
    this.#lastTurn = instant();
  }

  #tell(status: RecordStatus, payload?: Encoded): void {
    if (payload === undefined) this.#outbox.append(program().me, NEWS, 0, status, 0, 0, NOTHING, 0, 0);
    else this.#batch.send(program().me, NEWS, 0, status, 0, payload);
    this.#results.readable.wake(1);
  }
}

const NOTHING = new Uint8Array(0);
