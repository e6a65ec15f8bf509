import { instant } from '../clock.js';
import { collectUnderway, keepAlive, layout, program, slotDouble, slotWord } from '../memory/index.js';
import { encodeToBuffer } from '../pickle/index.js';
import { adopt, self, spawnChild, type Child, type ExitStatus, type StartMethod } from '../process/index.js';
import { AbortLine } from './abortLine.js';
import type { WorkerBoot } from './messages.js';
import type { CheckedPoolOptions } from './options.js';
import type { Figures } from './seats.js';
import { Outbox } from './outbox.js';
import type { Transport } from './transport.js';
import { POOL_WORKER_ENTRY } from './worker.js';

/** Where a worker is in its life, as the owner knows it. Whether it is idle or busy is written in its own slot. */
export type WorkerState = 'starting' | 'initializing' | 'ready' | 'retiring' | 'gone';

const NEXT: Readonly<Record<WorkerState, readonly WorkerState[]>> = {
  starting: ['initializing', 'gone'],
  initializing: ['ready', 'gone'],
  ready: ['retiring', 'gone'],
  retiring: ['gone'],
  gone: [],
};

/** The initializer and its arguments as bytes, and the shared objects in them: every worker reads them once more. */
export interface Initializer {
  readonly initializer: Uint8Array | null;
  readonly keeps: readonly object[] | undefined;
}

/** What all workers of a pool have in common. */
export interface WorkerPlan extends Initializer {
  readonly poolId: number;
  readonly daemon: boolean;
  readonly startMethod: StartMethod;
  readonly maxTasks: number;
  readonly memoryLimit: number;
  readonly start: CheckedPoolOptions['start'];
}

/** One worker's life, seen from the owner: from the start of its process until its end has been dealt with. */
export class WorkerHandle {
  readonly outbox: Outbox;
  readonly abortLine: AbortLine;
  readonly child: Child;
  readonly name: string;
  /** On `instant()`'s clock. */
  readonly moments: { readonly spawned: number; booted?: number; ready?: number; ended?: number } = {
    spawned: instant(),
  };
  /** Why the pool itself has killed it, as the middle of a sentence. */
  killedFor: string | undefined;
  #state: WorkerState = 'starting';

  /** Starts it. Throws what starting a process throws: OSError, AssertionError in a daemon, RuntimeError. */
  constructor(plan: WorkerPlan, transport: Transport, onExit: (worker: WorkerHandle, status: ExitStatus) => void) {
    const identity = self().nextIdentity();
    this.name = `PoolWorker-${identity.join(':')}`;
    this.abortLine = AbortLine.create();
    try {
      this.outbox = Outbox.create();
    } catch (error) {
      this.abortLine.destroy();
      throw error;
    }
    const payload: WorkerBoot = {
      owner: program().me,
      board: transport.board.handle,
      tasks: transport.tasks.handle,
      results: transport.results.handle,
      outbox: this.outbox.handle,
      abortLine: this.abortLine.handle,
      initializer: plan.initializer,
      maxTasks: plan.maxTasks,
      memoryLimit: plan.memoryLimit,
    };
    try {
      this.child = spawnChild({
        kind: 'worker',
        name: this.name,
        daemon: plan.daemon,
        startMethod: plan.startMethod,
        identity,
        poolId: plan.poolId,
        ...plan.start,
        boot: { module: POOL_WORKER_ENTRY, payload },
      });
    } catch (error) {
      this.destroy();
      throw error;
    }
    adopt(this.child, this.name, identity);
    void this.child.exited.then(status => {
      onExit(this, status);
    });
  }

  get state(): WorkerState {
    return this.#state;
  }

  moveTo(next: WorkerState): void {
    if (!NEXT[this.#state].includes(next)) throw new Error(`a worker cannot go from ${this.#state} to ${next}`);
    this.#state = next;
    if (next === 'initializing') this.moments.booted = instant();
    if (next === 'ready') this.moments.ready = instant();
    if (next === 'gone') this.moments.ended = instant();
  }

  /** Gives its shared memory back: it has ended. */
  destroy(): void {
    this.outbox.destroy();
    this.abortLine.destroy();
  }

  /** Since when it works on what it works on, in epoch ms; 0 when it does nothing. */
  get busySince(): number {
    return program().table.f64[slotDouble(this.child.slot) + layout.Slot.busySince_D] ?? 0;
  }

  /** How it has spent its life. Its slot may have gone to another process once it has ended and been forgotten. */
  figures(): Figures {
    const { i32 } = program().table;
    const base = slotWord(this.child.slot);
    const own = i32[base + layout.Slot.generation_W] === this.child.generation;
    const since = own ? this.busySince : 0;
    const { spawned, booted = instant(), ready = instant(), ended } = this.moments;
    const now = ended ?? instant();
    const working =
      (own ? this.busyMs : 0) + (since === 0 || ended !== undefined ? 0 : Math.max(Date.now() - since, 0));
    return {
      start: Math.min(booted, now) - spawned,
      init: Math.max(Math.min(ready, now) - Math.min(booted, now), 0),
      waiting: Math.max(now - Math.min(ready, now) - working, 0),
      working,
      done: own ? (i32[base + layout.Slot.tasksDone_W] ?? 0) : 0,
      failed: own ? (i32[base + layout.Slot.tasksFailed_W] ?? 0) : 0,
    };
  }

  /** How long it has worked in all, in milliseconds, without the batch in its hand. */
  get busyMs(): number {
    return program().table.f64[slotDouble(this.child.slot) + layout.Slot.busyMs_D] ?? 0;
  }
}

/** The initializer and its arguments as bytes. Throws TypeError, PicklingError. */
export function encodeInitializer(f: unknown, args: readonly unknown[]): Initializer {
  if (f === undefined || f === null) return { initializer: null, keeps: undefined };
  const encodeIt = (value: unknown): Buffer => encodeToBuffer(value, { root: '[initializer, initArgs]' });
  const { result, references } = collectUnderway('kept', encodeIt, [f, args]);
  return { initializer: result, keeps: keepAlive(references) };
}
