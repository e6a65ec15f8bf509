import { collectUnderway, keepAlive, type OwnerWord } from '../memory/index.js';
import { encode, type Encoded } from '../pickle/index.js';
import { AbortCause } from './abortLine.js';
import { readAnswer } from './answers.js';
import { Backlog } from './backlog.js';
import { takeBatch } from './batching.js';
import { FunctionBook, type AnyFunction, type TaskFunction } from './functions.js';
import { Journal } from './journal.js';
import { Lookout } from './lookout.js';
import { NEWS, type RecordStatus } from './messages.js';
import type { Outbox, RecordSink } from './outbox.js';
import { Task, type TaskPlan } from './task.js';
import { TaskPages } from './taskPages.js';
import type { Transport } from './transport.js';
import { Unwanted, type RunningTask } from './unwanted.js';

/** How often the owner looks for tasks that wait in a batch behind a long one, in milliseconds. */
const TICK_MS = 10;
/** How soon a full ring is tried again. */
const RETRY_MS = 2;
/** How long a task that heeds its signal may take to end by itself, unless its call says otherwise. */
const GRACE_MS = 1000;
const ARGUMENTS = { root: 'args' };
const encodeArguments = (payload: unknown): Encoded => encode(payload, ARGUMENTS);

/** What the dispatcher asks of the pool it works for. */
export interface Superior {
  readonly size: number;
  readonly outboxes: readonly Outbox[];
  /** A worker speaks of itself: `bytes[start … end)` is a failure if it is unfit. */
  news(owner: OwnerWord, status: RecordStatus, bytes: Buffer, start: number, end: number): void;
  /** Tasks were handed in or answered. */
  changed(): void;
  /** 0 for one that has gone. */
  pidOf(owner: OwnerWord): number;
  /** Ends the task that a worker runs: asks the task first, if it would hear it. */
  stopTask(running: RunningTask): void;
}

/** Takes tasks to the workers and their answers back. Knows nothing of how a pool begins or ends. */
export class Dispatcher {
  /** Calls of functions, for the process table. */
  submitted = 0;
  done = 0;
  failed = 0;
  /** Tasks handed in and not answered; a chunk of a map is one task and many calls. */
  outstanding = 0;
  outstandingCalls = 0;
  readonly journal: Journal;
  readonly #transport: Transport;
  readonly #superior: Superior;
  readonly #batches: boolean;
  readonly #functions = new FunctionBook();
  readonly #pages = new TaskPages();
  readonly #backlog = new Backlog();
  readonly #lookout: Lookout;
  readonly #unwanted: Unwanted;
  #pumpPlanned = false;
  #draining = false;
  #stopped = false;
  #abandoned: (() => Error) | undefined;
  /** Some call has had a priority of its own. */
  #prioritized = false;
  #tick: NodeJS.Timeout | undefined;

  constructor(transport: Transport, superior: Superior, batches: boolean) {
    this.#transport = transport;
    this.#superior = superior;
    this.journal = new Journal(owner => superior.pidOf(owner));
    this.#batches = batches;
    this.#lookout = new Lookout({
      look: () => this.drain(),
      isPromising: () => transport.flight.size > 0 && !this.#stopped,
      announce: looks => {
        if (!this.#stopped) transport.board.setOwnerLooks(looks);
      },
    });
    this.#unwanted = new Unwanted(transport.flight, {
      drain: () => this.drain(),
      putBack: tasks => this.#backlog.putBack(tasks),
      stopTask: running => superior.stopTask(running),
      isOver: () => this.#stopped,
      done: () => this.#planPump(),
    });
  }

  get waiting(): number {
    return this.#backlog.size;
  }

  /** Throws TypeError or PicklingError for what cannot be a task. */
  functionEntry(f: AnyFunction): TaskFunction {
    return this.#functions.entry(f);
  }

  /** Takes a task in, its payload copied as it is now. Throws PicklingError when that cannot travel. */
  submit(plan: TaskPlan, payload: unknown): Task {
    // It may be sent again, when a worker dies with it, or never: its references are kept here until it is answered.
    const { result, references } = collectUnderway('kept', encodeArguments, payload);
    this.#pages.write(plan.fn, plan.kind, result.bytes, result.start, result.end);
    const task = new Task(plan, this.#pages);
    task.keeps = keepAlive(references);
    this.#backlog.push(task);
    if (plan.priority !== 0) this.#prioritized = true;
    this.submitted += plan.calls;
    this.outstandingCalls += plan.calls;
    if (this.outstanding++ === 0) this.#superior.changed();
    if (!this.#pumpPlanned) this.#planPump();
    return task;
  }

  /**
   * Sees to it that none of these tasks runs any more; their job has been told already. Those that run are asked to end
   * if they would hear it, and killed with their worker if not, or after `grace` milliseconds.
   */
  cancel(tasks: readonly Task[], cause: AbortCause = AbortCause.aborted, grace = GRACE_MS): void {
    for (const task of tasks) {
      if (task.answered) continue;
      if (!task.waiting) this.#unwanted.add(task, cause, grace);
      this.#drop(task);
    }
    this.#superior.changed();
  }

  /**
   * Takes back those of the tasks (of all, without `tasks`) that nobody has started: they never will be, and their job is
   * told nothing. The answer is those; the others go on.
   */
  withdraw(tasks?: readonly Task[]): Task[] {
    if (tasks?.every(task => task.waiting) !== true) {
      this.#backlog.putBack(this.#transport.flight.recallAll(tasks));
      this.#planPump();
    }
    const withdrawn = tasks === undefined ? this.#backlog.clear() : tasks.filter(task => task.waiting);
    for (const task of withdrawn) this.#drop(task);
    if (withdrawn.length > 0) this.#superior.changed();
    return withdrawn;
  }

  /** Whether a worker has begun with the task; it may have ended meanwhile, and nobody have heard of it yet. */
  hasStarted(task: Task): boolean {
    return !task.waiting && (task.answered || this.#transport.flight.hasStarted(task));
  }

  /** What a worker that has ended was running, all it ever said heard. */
  lastTaskOf(owner: OwnerWord): Task | undefined {
    while (this.#drainOnce());
    return this.#transport.flight.taskOf(owner);
  }

  /** A worker has died: answers what it was running with `makeError`, and gives the rest to others. */
  bury(owner: OwnerWord, makeError: (task: Task) => Error): void {
    while (this.#drainOnce());
    const { lost, back } = this.#transport.flight.bury(owner);
    this.#backlog.putBack(back);
    for (const task of lost) this.fail(task, makeError(task));
    // The bell that was meant for it may have been the only one.
    this.#transport.wakeAll();
    this.#planPump();
  }

  /** Fails everything that has no answer yet, and whatever may still come. */
  abandon(makeError: () => Error): void {
    this.#abandoned = makeError;
    for (const batch of this.#transport.flight.all()) for (const task of batch.tasks) this.#fail(task, makeError());
    for (let task = this.#backlog.take(); task !== undefined; task = this.#backlog.take()) {
      this.#fail(task, makeError());
    }
    this.#superior.changed();
  }

  /** No more tasks and answers: the shared memory is about to go. */
  stop(): void {
    this.#stopped = true;
    clearInterval(this.#tick);
    this.#functions.destroy();
  }

  /** Takes in what workers have said; if that is much, the rest a turn of the event loop later. */
  drain(): void {
    if (this.#stopped) return;
    const answered = this.done;
    if (this.#drainOnce()) setImmediate(() => this.drain());
    if (this.done !== answered) this.#superior.changed();
    if (this.#backlog.size > 0) this.#planPump();
  }

  fail(task: Task, error: unknown): void {
    if (task.answered) return;
    this.#fail(task, error);
    this.#superior.changed();
  }

  #fail(task: Task, error: unknown): void {
    if (task.answered) return;
    this.#drop(task);
    this.failed += task.calls;
    task.job.taskFailed(task.index, error);
  }

  #drop(task: Task): void {
    task.answered = true;
    task.keeps = undefined;
    this.#backlog.forget(task);
    this.outstanding--;
    this.outstandingCalls -= task.calls;
  }

  #planPump(): void {
    if (this.#pumpPlanned || this.#stopped) return;
    this.#pumpPlanned = true;
    queueMicrotask(this.#pump);
  }

  readonly #pump = (): void => {
    this.#pumpPlanned = false;
    // What is encoded may run the user's code, which may have ended the pool in the middle of a call.
    if (this.#abandoned !== undefined) return this.abandon(this.#abandoned);
    if (this.#stopped) return;
    const { flight } = this.#transport;
    if (this.#prioritized) this.#overtake();
    while (!flight.isFull) {
      const load = {
        workers: this.#superior.size,
        inFlight: flight.size,
        batches: this.#batches,
        prioritized: this.#prioritized,
      };
      const tasks = takeBatch(this.#backlog, load);
      if (tasks === undefined || !this.#send(tasks)) break;
    }
    if (flight.size > 0 && flight.size <= this.#superior.size) this.#lookout.start();
    if (flight.several > 0) this.#tick ??= setInterval(this.#look, TICK_MS).unref();
    this.#superior.changed();
  };

  /** What was sent ahead and nobody has begun waits behind tasks of a higher priority again. */
  #overtake(): void {
    const next = this.#backlog.peek();
    if (next !== undefined) this.#backlog.putBack(this.#transport.flight.overtakenBy(next.priority));
  }

  /** False when the ring has no room now. */
  #send(tasks: Task[]): boolean {
    try {
      if (!this.#transport.send(tasks)) {
        this.#backlog.putBack(tasks);
        // The messages in it may all be void, and then no answer would ever say that there is room again.
        setTimeout(this.#pump, RETRY_MS).unref();
        return false;
      }
    } catch (error) {
      for (const task of tasks) this.fail(task, error);
      return true;
    }
    for (const task of tasks) task.watch?.launched();
    return true;
  }

  /** Takes back what waits behind a task that turns out to be long, so that it can go to a worker that is free. */
  readonly #look = (): void => {
    if (this.#transport.flight.several === 0) {
      clearInterval(this.#tick);
      this.#tick = undefined;
      return;
    }
    this.drain();
    for (const batch of this.#transport.flight.stuck()) {
      const back = this.#transport.flight.recall(batch);
      for (const task of back) task.alone = true;
      this.#backlog.putBack(back);
    }
    this.#planPump();
  };

  /** True when there may be more. */
  #drainOnce(): boolean {
    if (this.#draining) return false;
    this.#draining = true;
    try {
      return this.#transport.drain(this.#superior.outboxes, this.#receive);
    } finally {
      this.#draining = false;
    }
  }

  readonly #receive: RecordSink = (sequence, cell, index, status, micros, began, bytes, start, end) => {
    if (cell === NEWS) return this.#superior.news(sequence, status, bytes, start, end);
    const task = this.#transport.flight.answer(sequence, cell, index);
    if (task === undefined) return;
    if (micros > 0) {
      const { flight } = this.#transport;
      task.fn.took(micros / 1000 / (index + 1) / task.calls);
      this.journal.add(task, index + 1, flight.workerAt(cell), began, micros, flight.wasCut);
    }
    if (task.answered) return;
    task.watch?.began(began);
    readAnswer(status, bytes, start, end, this.#done, this.#failed, task);
  };

  readonly #done = (task: Task, value: unknown): void => {
    if (task.answered) return;
    task.answered = true;
    task.keeps = undefined;
    this.done += task.calls;
    this.outstandingCalls -= task.calls;
    if (--this.outstanding === 0) this.#superior.changed();
    task.job.taskDone(task.index, value);
  };

  readonly #failed = (task: Task, error: unknown): void => this.fail(task, error);
}
