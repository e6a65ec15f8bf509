import { BrokenPoolError, ValueError } from '../errors.js';
import type { OwnerWord } from '../memory/index.js';
import { assertGuarded, assertMayHaveChildren, self, type ExitStatus } from '../process/index.js';
import { notReplaced, oneEach, reachMemory, terminated, unfit, unheard } from './breakage.js';
import { Dispatcher } from './dispatcher.js';
import { Hiring } from './hiring.js';
import { Insights } from './insights.js';
import { KeepAlive } from './keepAlive.js';
import { Listener } from './listener.js';
import { abruptEnd, workerLost } from './lost.js';
import { RecordStatus } from './messages.js';
import { MemoryWatch } from './memoryWatch.js';
import type { CheckedPoolOptions } from './options.js';
import { PoolRow } from './poolRow.js';
import { Staff } from './staff.js';
import type { Task } from './task.js';
import { Transport } from './transport.js';
import { encodeInitializer, type WorkerHandle } from './workerHandle.js';

/** How long a worker may take to die of SIGTERM before it gets SIGKILL, in milliseconds. */
const PATIENCE_MS = 300;

/** What a pool can be asked for: tasks while it is running, the answers to those it has while it is closed. */
export type PoolState = 'running' | 'closed' | 'terminated';

/** Somebody who will hand in more tasks for a call made before the pool was closed: an imap with inputs left. */
export interface Source {
  /** The pool is being joined, so nobody may be reading results: do not wait for readers any more. */
  unbound(): void;
  stop(error: Error): void;
}

/** What a layer above wants otherwise than a pool has it. */
export interface Manners {
  /** Workers start when there are tasks for them. */
  readonly onDemand: boolean;
  /** The loss of a worker breaks the pool, also of one that had nothing to do. */
  readonly fragile: boolean;
  /** Told what the initializer threw, once. */
  readonly onUnfit: (cause: unknown) => void;
}

/**
 * The pool's state machine: workers hired, replaced and sent home, and the end in all its forms. README.md draws it.
 * The work itself is the dispatcher's.
 */
export class Runner {
  readonly size: number;
  readonly row: PoolRow;
  readonly dispatcher: Dispatcher;
  readonly #transport: Transport;
  readonly #staff: Staff;
  readonly #sources = new Set<Source>();
  readonly #keepAlive = new KeepAlive();
  readonly #memoryWatch: MemoryWatch;
  readonly #hiring: Hiring;
  readonly #manners: Manners | undefined;
  #state: PoolState = 'running';
  #broken: BrokenPoolError | undefined;
  #joining = 0;
  readonly #listener: Listener;
  /** No workers, no tasks, no memory. */
  readonly #end: Promise<void>;
  #gone = false;

  /** Throws as `Pool` does, and then nothing is left of it. */
  constructor(options: CheckedPoolOptions, manners?: Manners) {
    // Before anything is made that would have to be taken back.
    reachMemory();
    assertGuarded(self().name);
    assertMayHaveChildren();
    this.size = options.processes;
    this.#manners = manners;
    const initializer = encodeInitializer(options.initializer, options.initArgs);
    this.row = new PoolRow(options.name, options.processes);
    try {
      this.#transport = new Transport();
    } catch (error) {
      this.row.release();
      throw error;
    }
    const { daemon, startMethod, maxTasks, memoryLimit, idleTimeout, start } = options;
    const plan = { poolId: this.row.id, daemon, startMethod, maxTasks, memoryLimit, start, ...initializer };
    this.#staff = new Staff(plan, this.#transport, this.#workerEnded);
    this.dispatcher = new Dispatcher(this.#transport, this.#superior(), maxTasks === 0);
    const workers = (): readonly WorkerHandle[] => this.#staff.all;
    this.#memoryWatch = new MemoryWatch(memoryLimit, workers);
    const onDemand = manners?.onDemand === true;
    const attendance = { size: this.size, least: options.minProcesses, idleTimeout, onDemand };
    this.#hiring = new Hiring(attendance, this.#staff, this.#transport, {
      mayHire: () => this.#state !== 'terminated' && this.#broken === undefined && !this.#isDone(),
      deserted: cause => this.#break(notReplaced(cause)),
    });
    this.#listener = new Listener(this.#transport.results, {
      hear: () => this.dispatcher.drain(),
      // A fault of this library, or no memory left: nobody shall wait for answers that nobody takes in.
      failed: cause => this.#break(unheard(cause)),
    });
    this.#end = this.#listener.ended.then(() => this.#giveBack());
    try {
      this.#hiring.begin();
    } catch (error) {
      this.terminate();
      throw error;
    }
    this.#publish();
  }

  get state(): PoolState {
    return this.#state;
  }

  /** Why the pool cannot work, if it cannot. */
  get broken(): BrokenPoolError | undefined {
    return this.#broken;
  }

  /** Throws ValueError after close or terminate, BrokenPoolError when the pool cannot work. */
  checkRunning(): void {
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#state !== 'running') throw new ValueError('Pool not running');
  }

  /** For a call that was made while it was running, and whose tasks are handed in now: it may be closed since then. */
  checkWorking(): void {
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#state === 'terminated') throw terminated();
  }

  addSource(source: Source): void {
    this.#sources.add(source);
  }

  removeSource(source: Source): void {
    if (this.#sources.delete(source)) this.#maybeFinish();
  }

  insights(): Insights {
    this.dispatcher.drain();
    const { slowest } = this.dispatcher.journal;
    return new Insights(this.row.name, this.#staff.seats.all(), slowest, this.dispatcher.journal.slices());
  }

  /** Since when a worker works on one of these tasks, in epoch ms; undefined when none does. */
  workingSince(tasks: readonly Task[]): number | undefined {
    const owner = this.#transport.flight.runnerOf(tasks);
    const since = owner === undefined ? 0 : (this.#staff.find(owner)?.busySince ?? 0);
    // 0: it has just ended, and its answer is about to be heard.
    return since === 0 ? undefined : since;
  }

  close(): void {
    if (this.#state !== 'running') return;
    this.#moveTo('closed');
    this.#maybeFinish();
  }

  /** Ends the workers with a signal. */
  terminate(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): void {
    if (this.#state === 'terminated') {
      if (signal === 'SIGKILL') this.#staff.killAll(signal);
      return;
    }
    this.#moveTo('terminated');
    this.#abandon(signal, terminated);
  }

  /** Resolves when all workers have ended. Throws ValueError while the pool is running. */
  async join(): Promise<void> {
    if (this.#state === 'running') throw new ValueError('Pool is still running');
    for (const source of this.#sources) source.unbound();
    this.#joining++;
    this.#changed();
    await this.#end;
    this.#joining--;
    this.#changed();
  }

  #giveBack(): void {
    this.#gone = true;
    this.#transport.destroy();
    this.row.release();
    this.#keepAlive.stop();
  }

  #superior(): ConstructorParameters<typeof Dispatcher>[1] {
    const staff = this.#staff;
    return {
      size: this.size,
      get outboxes() {
        return staff.outboxes;
      },
      news: (owner, status, bytes, start, end) => this.#news(owner, status, bytes, start, end),
      changed: () => this.#changed(),
      pidOf: owner => staff.find(owner)?.child.pid ?? 0,
      stopTask: running => staff.stopTask(running),
    };
  }

  #moveTo(state: PoolState): void {
    this.#state = state;
    this.row.setState(state);
  }

  #news(owner: OwnerWord, status: RecordStatus, bytes: Buffer, start: number, end: number): void {
    const worker = this.#staff.find(owner);
    if (worker === undefined) return;
    switch (status) {
      case RecordStatus.booted:
        worker.moveTo('initializing');
        return this.#hiring.hire();
      case RecordStatus.ready:
        return this.#staff.ready(worker);
      case RecordStatus.retired:
        // It may have been sent home in the very moment.
        if (worker.state !== 'retiring') worker.moveTo('retiring');
        return this.#hiring.hire();
      case RecordStatus.unfit:
        return this.#unfit(worker, unfit(worker, bytes, start, end));
      default:
        return;
    }
  }

  #unfit(worker: WorkerHandle, error: BrokenPoolError): void {
    if (this.#broken === undefined && worker.state === 'initializing') this.#manners?.onUnfit(error.cause);
    this.#break(error);
  }

  readonly #workerEnded = (worker: WorkerHandle, status: ExitStatus): void => {
    if (this.#manners?.fragile === true) this.#mournLoss(worker, status);
    this.dispatcher.bury(worker.child.owner, task => workerLost(task, worker, status));
    const hopeless = this.#staff.dismiss(worker, status);
    if (hopeless !== undefined) this.#break(hopeless);
    this.#hiring.hire();
    this.#maybeFinish();
  };

  /** Breaks the pool, unless the worker was to end. */
  #mournLoss(worker: WorkerHandle, status: ExitStatus): void {
    const task = this.dispatcher.lastTaskOf(worker.child.owner);
    if (worker.state === 'retiring' || this.#transport.board.stopping) return;
    this.#break(
      new BrokenPoolError(
        'A process in the process pool was terminated abruptly while the future was running or pending.',
        { cause: abruptEnd(task, worker, status) },
      ),
    );
  }

  /** The pool can never work: everything it has been asked for fails. */
  #break(error: BrokenPoolError): void {
    if (this.#broken !== undefined || this.#state === 'terminated') return;
    this.#broken = error;
    this.#abandon('SIGTERM', () => new BrokenPoolError(error.message, { cause: error.cause }));
  }

  #abandon(signal: 'SIGTERM' | 'SIGKILL', makeError: () => Error): void {
    // First, since there may be a million tasks to answer.
    this.#staff.killAll(signal);
    for (const source of [...this.#sources]) source.stop(makeError());
    this.#sources.clear();
    this.dispatcher.abandon(oneEach(makeError));
    const escalate = setTimeout(() => this.#staff.killAll('SIGKILL'), PATIENCE_MS).unref();
    void this.#end.then(() => clearTimeout(escalate));
    this.#maybeFinish();
  }

  #isDone(): boolean {
    return this.#state === 'closed' && this.dispatcher.outstanding === 0 && this.#sources.size === 0;
  }

  /** Sends the workers home once there is nothing left to do, and ends when the last has gone. */
  #maybeFinish(): void {
    if (this.#listener.isStopped) return;
    if (this.#isDone() && this.#broken === undefined && !this.#transport.board.stopping) {
      this.#transport.board.stop();
      this.#transport.wakeAll();
    }
    if (this.#staff.size > 0 || (this.#state === 'running' && this.#broken === undefined)) return;
    this.dispatcher.stop();
    this.#hiring.stop();
    this.#memoryWatch.set(false);
    this.#listener.stop();
  }

  #changed(): void {
    if (this.#gone) return;
    const { outstanding } = this.dispatcher;
    this.#keepAlive.set(outstanding > 0 || this.#joining > 0);
    this.#memoryWatch.set(outstanding > 0 && !this.#listener.isStopped);
    this.#hiring.demand(outstanding);
    if (this.#state === 'closed') this.#maybeFinish();
    this.#publish();
  }

  #publish(): void {
    const { outstandingCalls, submitted, done, failed } = this.dispatcher;
    const running = Math.min(this.#staff.size, this.#transport.flight.size);
    const workers = this.#staff.size;
    this.row.write({ workers, running, queued: outstandingCalls - running, submitted, done, failed });
  }
}
