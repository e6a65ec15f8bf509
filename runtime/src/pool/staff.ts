import { instant, LONGEST_TIMER } from '../clock.js';
import type { BrokenPoolError } from '../errors.js';
import { os } from '../lazyNode.js';
import type { ExitStatus } from '../process/index.js';
import type { OwnerWord } from '../memory/index.js';
import { startFailure } from './breakage.js';
import type { Outbox } from './outbox.js';
import { Seats } from './seats.js';
import type { Transport } from './transport.js';
import type { RunningTask } from './unwanted.js';
import { WorkerHandle, type WorkerPlan } from './workerHandle.js';

/** Workers that end by themselves before they are ready, one after the other, until the pool gives up. */
const FAILED_STARTS = 3;
/** The same for workers that somebody kills meanwhile: that may be bad luck, unless it goes on for so long, in ms. */
const KILLED_STARTS = 30;
const BAD_LUCK_MS = 10_000;
/** Signals that come from outside; of others a process dies by its own fault. */
const FROM_OUTSIDE: readonly (NodeJS.Signals | null)[] = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'];

/** How many may boot at the same time: more would not be ready sooner, and the owner would get no processor. */
const mostBooting = (): number => Math.max(4, 2 * os().availableParallelism());

/** The workers of a pool: starts them, and knows when it is no use. */
export class Staff {
  readonly #plan: WorkerPlan;
  readonly #transport: Transport;
  readonly #onExit: (worker: WorkerHandle, status: ExitStatus) => void;
  readonly #workers = new Set<WorkerHandle>();
  readonly #byOwner = new Map<OwnerWord, WorkerHandle>();
  readonly seats = new Seats();
  #outboxes: readonly Outbox[] = [];
  #failed = 0;
  #killed = 0;
  /** When a worker was ready last, or the pool was made. */
  #lastReady = instant();

  constructor(plan: WorkerPlan, transport: Transport, onExit: (worker: WorkerHandle, status: ExitStatus) => void) {
    this.#plan = plan;
    this.#transport = transport;
    this.#onExit = onExit;
  }

  /** All whose end has not been dealt with. */
  get all(): readonly WorkerHandle[] {
    return [...this.#workers];
  }

  get size(): number {
    return this.#workers.size;
  }

  get outboxes(): readonly Outbox[] {
    return this.#outboxes;
  }

  /**
   * Starts workers until `size` of them take tasks or are about to, a few at a time: call it again when one has booted.
   * Throws what starting a process throws.
   */
  fill(size: number): void {
    let missing = size;
    let booting = 0;
    for (const worker of this.#workers) {
      if (worker.state !== 'retiring') missing--;
      if (worker.state === 'starting') booting++;
    }
    for (const most = mostBooting(); missing > 0 && booting < most; missing--, booting++) {
      const worker = new WorkerHandle(this.#plan, this.#transport, this.#onExit);
      this.#workers.add(worker);
      this.#byOwner.set(worker.child.owner, worker);
      this.seats.take(worker);
      this.#outboxes = this.all.map(worker => worker.outbox);
    }
  }

  ready(worker: WorkerHandle): void {
    this.#failed = this.#killed = 0;
    this.#lastReady = instant();
    worker.moveTo('ready');
  }

  /** Takes a worker that has ended off the list; an error when replacing it is no use. */
  dismiss(worker: WorkerHandle, status: ExitStatus): BrokenPoolError | undefined {
    const early = worker.state === 'starting' || worker.state === 'initializing';
    worker.moveTo('gone');
    this.#workers.delete(worker);
    this.#byOwner.delete(worker.child.owner);
    this.seats.leave(worker);
    this.#outboxes = this.all.map(other => other.outbox);
    worker.destroy();
    if (!early) return undefined;
    if (FROM_OUTSIDE.includes(status.signal)) this.#killed++;
    else this.#failed++;
    const isHunted = this.#killed >= KILLED_STARTS && instant() - this.#lastReady > BAD_LUCK_MS;
    return isHunted || this.#failed >= FAILED_STARTS ? startFailure(worker, status) : undefined;
  }

  /** A task that does not hear it, or does not heed it in time, ends with its worker. */
  stopTask({ owner, word, cause, grace, runs }: RunningTask): void {
    const worker = this.find(owner);
    if (worker === undefined) return;
    const kill = (): void => void (runs() && worker.child.kill('SIGKILL'));
    if (grace > 0 && worker.abortLine.request(word, cause)) {
      if (grace < Infinity) setTimeout(kill, Math.min(grace, LONGEST_TIMER)).unref();
    } else {
      kill();
    }
  }

  killAll(signal: NodeJS.Signals): void {
    for (const worker of this.#workers) worker.child.kill(signal);
  }

  /** The worker that an owner word on the board means. */
  find(owner: OwnerWord): WorkerHandle | undefined {
    return this.#byOwner.get(owner);
  }
}
