import { inspect } from 'node:util';
import type { Readable } from 'node:stream';
import { AssertionError, PicklingError, ValueError } from '../errors.js';
import { refuseInstances } from '../pickle/index.js';
import type { WaitOptions } from '../sync/waitOptions.js';
import { rememberStarted } from './active.js';
import type { Child } from './children.js';
import { checkAuthKey, checkName, quoted, self, type CurrentProcess } from './current.js';
import { exitText } from './ending/exitCodes.js';
import { checkOptions, type ProcessOptions, type Settings, type Target } from './options.js';
import { Sentinel, waitForEnd } from './sentinel.js';
import type { Callable } from './spares/spare.js';
import { assertMayHaveChildren, spawnChild } from './starting/spawn.js';
import { settleStartMethod, type StartMethod } from './startMethod.js';
import { Life, type LifeState } from './states.js';
import { assertCanTravel, clearerRefusal, ownFields, targetText, type ProcessPayload } from './payload.js';

/** The tag of the bootstrap entry that runs a `Process`. */
export const PROCESS_ENTRY = 'process';

/** Where a class says by which method its processes are started: the classes of contexts do. */
export const START_METHOD = Symbol('startMethod');

/** Given to the constructor by the bootstrap, for the object that stands for the process it runs in. */
export class Incarnation {
  /** No object literal is one by accident. */
  declare protected readonly nominal: true;
  readonly target: Target<unknown[]> | undefined;
  readonly args: unknown[];

  constructor(target?: Target<unknown[]>, args: unknown[] = []) {
    this.target = target;
    this.args = args;
  }
}

/** Given to the constructor for a process that was started in another way: the worker of a pool. */
class Adoption {
  readonly child: Child;
  readonly name: string;
  readonly identity: readonly number[];
  /** No target: what it does is its pool's business. */
  readonly target = undefined;
  readonly args = undefined;

  constructor(child: Child, name: string, identity: readonly number[]) {
    this.child = child;
    this.name = name;
    this.identity = identity;
  }
}

/** Has `activeChildren()` list a child that no `Process` has started. */
export function adopt(child: Child, name: string, identity: readonly number[]): void {
  let process: Process | undefined;
  rememberStarted(child, () => (process ??= new Process(new Adoption(child, name, identity))));
}

/**
 * A process that runs a function, or the `run` method of a subclass (Python: `multiprocessing.Process`).
 *
 * The target is an exported function, found by its module and name; `args` are copied to the process when it starts.
 * Of a subclass, the instance's own fields travel. The constructor throws PicklingError for a target that no other
 * process could find (a closure, a nested function, a bound method, a function that is not exported), TypeError for an
 * option that it does not have.
 */
export class Process<A extends unknown[] = unknown[]> implements AsyncDisposable, Disposable {
  /** @internal Undefined: by the method of the process that starts it. */
  static readonly [START_METHOD]: StartMethod | undefined = undefined;
  readonly #settings: Settings;
  readonly #life: Life;
  readonly #isSelf: boolean;
  readonly #identity: readonly number[];
  readonly #parentPid: number;
  #target: Target<A> | undefined;
  #args: A | undefined;
  #name: string;
  #daemon: boolean;
  #authKey: Uint8Array | undefined;
  #child: Child | undefined;
  #sentinel: Sentinel | undefined;

  constructor(options?: ProcessOptions<A>);
  /** @internal */
  constructor(options: Incarnation | Adoption);
  constructor(options: ProcessOptions<A> | Incarnation | Adoption = {} as ProcessOptions<A>) {
    const me = self();
    this.#isSelf = options instanceof Incarnation;
    this.#target = options.target as Target<A> | undefined;
    this.#args = options.args as A | undefined;
    if (options instanceof Incarnation) {
      this.#settings = {};
      this.#life = new Life('started');
      this.#identity = me.identity;
      this.#parentPid = process.ppid;
      this.#name = me.name;
      this.#daemon = me.daemon;
      return;
    }
    if (options instanceof Adoption) {
      this.#settings = {};
      this.#life = new Life('started');
      this.#identity = options.identity;
      this.#parentPid = process.pid;
      this.#name = options.name;
      this.#daemon = options.child.daemon;
      this.#child = options.child;
      return;
    }
    checkOptions(options);
    if (options.target !== undefined) assertCanTravel(options.target);
    // Not the options themselves: they hold the arguments, which are let go at the start.
    const { stdio, execArgv, env } = options;
    this.#settings = { stdio, execArgv, env };
    this.#life = new Life();
    this.#identity = me.nextIdentity();
    this.#parentPid = process.pid;
    this.#name = checkName(options.name ?? `${this.constructor.name || 'Process'}-${this.#identity.join(':')}`);
    this.#daemon = options.daemon ?? me.daemon;
  }

  get name(): string {
    return this.#name;
  }

  set name(name: string) {
    this.#name = checkName(name);
    if (this.#isSelf) self().name = name;
  }

  get daemon(): boolean {
    return this.#daemon;
  }

  /** Throws AssertionError once the process has been started. */
  set daemon(daemon: boolean) {
    if (this.#life.state !== 'initial') throw new AssertionError('process has already started');
    this.#daemon = daemon;
  }

  /** What counts in default names: `[2, 1]` for the first process that the main's second one made. */
  get identity(): readonly number[] {
    return this.#identity;
  }

  /** The key by which processes of one family prove who they are; that of the process which made this one. */
  get authKey(): Uint8Array {
    return this.#authKey ?? self().authKey;
  }

  set authKey(key: Uint8Array) {
    this.#authKey = checkAuthKey(key);
    if (this.#isSelf) self().authKey = key;
  }

  /** Null before the start. Throws ValueError once closed, as do all the members below. */
  get pid(): number | null {
    this.#assertOpen();
    return this.#isSelf ? process.pid : (this.#child?.pid ?? null);
  }

  /** The same as `pid`. */
  get ident(): number | null {
    return this.pid;
  }

  /** Null until the process has ended; then its exit code, or minus the number of the signal that ended it. */
  get exitCode(): number | null {
    this.#assertOpen();
    return this.#child?.exitCode ?? null;
  }

  /** Becomes ready when the process ends. Throws ValueError before the start. */
  get sentinel(): Sentinel {
    this.#assertOpen();
    if (this.#child === undefined) throw new ValueError('process not started');
    return (this.#sentinel ??= new Sentinel(this.#child));
  }

  /** What the process prints, with `stdio: 'pipe'`; else null. */
  get stdout(): Readable | null {
    return this.#child?.stdout ?? null;
  }

  get stderr(): Readable | null {
    return this.#child?.stderr ?? null;
  }

  /**
   * What the process does. A subclass says it here; without one, the target is called. Called by hand it does that in
   * the process of the caller; the target and its arguments are let go at the start, so AssertionError after it.
   */
  run(): unknown {
    if (!this.#isSelf && this.#life.state !== 'initial')
      throw new AssertionError('what to run has been handed to the process');
    const target = this.#target; // called without a receiver, as any function is
    return target?.(...(this.#args ?? ([] as unknown as A)));
  }

  /**
   * Starts the process; once. It runs, and has a pid, when this returns. Throws before anything is started:
   * PicklingError when an argument cannot travel, AssertionError in a daemonic process or when started before,
   * RuntimeError in a module that a child is still importing (see `isMain`), OSError when the system refuses.
   */
  start(): void {
    this.#assertOpen();
    if (this.#life.state !== 'initial') throw new AssertionError('cannot start a process twice');
    assertMayHaveChildren();
    const payload: ProcessPayload = {
      Class: this.constructor === Process ? undefined : this.constructor,
      fields: ownFields(this),
      target: this.#target as Target<unknown[]> | undefined,
      args: this.#args ?? [],
    };
    this.#child = this.#spawn(payload);
    this.#life.moveTo('started');
    this.#target = this.#args = undefined;
    rememberStarted(this.#child, () => this as unknown as Process);
  }

  /**
   * Waits for the end of the process: true when it has ended, false when `timeout` milliseconds passed first (0 or
   * less: looks once). As often as you like. Rejects with AssertionError before the start.
   */
  async join(options?: Omit<WaitOptions, 'block'>): Promise<boolean> {
    this.#assertOpen();
    if (this.#isSelf) throw new AssertionError('can only join a child process');
    if (this.#child === undefined) throw new AssertionError('can only join a started process');
    return waitForEnd(this.#child, options);
  }

  isAlive(): boolean {
    this.#assertOpen();
    return this.#isSelf || this.#child?.isAlive() === true;
  }

  /** Sends SIGTERM. The process's children are not ended with it. Nothing happens if it has ended. */
  terminate(): void {
    this.#kill('terminate', 'SIGTERM');
  }

  /** Sends SIGKILL, which cannot be caught. */
  kill(): void {
    this.#kill('kill', 'SIGKILL');
  }

  /** Sends SIGINT, as Ctrl-C does. */
  interrupt(): void {
    this.#kill('interrupt', 'SIGINT');
  }

  /** Gives up the object. Throws ValueError while the process runs; name and daemon can still be read afterwards. */
  close(): void {
    if (this.#life.state === 'closed') return;
    if (this.#isSelf || this.#child?.isAlive() === true) {
      throw new ValueError(
        'Cannot close a process while it is still running. You should first call join() or terminate().',
      );
    }
    this.#life.moveTo('closed');
    this.#child = undefined;
    this.#target = this.#args = undefined;
  }

  /** Terminates the process if it runs, and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child === undefined) return;
    this.terminate();
    await waitForEnd(this.#child);
  }

  /** The same as `close`: for a process that has been joined. To end one and wait for that takes `await using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  toString(): string {
    const state = this.#observe();
    const words = [`name=${quoted(this.#name)}`];
    if (state !== 'closed') {
      const pid = this.pid;
      if (pid !== null) words.push(`pid=${pid}`);
      words.push(`parent=${this.#parentPid}`);
    }
    words.push(state);
    const exitCode = this.#child?.exitCode;
    if (exitCode !== undefined) words.push(`exitcode=${exitText(exitCode)}`);
    if (this.#daemon) words.push('daemon');
    return `<${this.constructor.name} ${words.join(' ')}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  /** The state as of now: a process ends without asking its object. */
  #observe(): LifeState {
    if (this.#life.state === 'started' && this.#child?.exitCode !== undefined) this.#life.moveTo('stopped');
    return this.#life.state;
  }

  #spawn(payload: ProcessPayload): Child {
    const { stdio, execArgv, env } = this.#settings;
    const boot = { module: PROCESS_ENTRY, payload };
    const target = targetText(payload);
    const identity = this.#identity;
    const authKey = this.#authKey;
    try {
      const who = { kind: 'process', name: this.#name, daemon: this.#daemon } as const;
      const startMethod = (this.constructor as typeof Process)[START_METHOD] ?? settleStartMethod();
      const like = (payload.target ?? payload.Class) as Callable | undefined;
      return spawnChild({ ...who, startMethod, like, identity, target, boot, authKey, stdio, execArgv, env });
    } catch (error) {
      throw error instanceof PicklingError ? clearerRefusal(payload, error) : error;
    }
  }

  #kill(verb: string, signal: NodeJS.Signals): void {
    this.#assertOpen();
    if (this.#isSelf) process.kill(process.pid, signal);
    else if (this.#child === undefined) throw new AssertionError(`can only ${verb} a started process`);
    else this.#child.kill(signal);
  }

  #assertOpen(): void {
    if (this.#life.state === 'closed') throw new ValueError('process object is closed');
  }
}

refuseInstances(
  Process,
  'a Process',
  'only the process that made it can start it and wait for it',
  'Send its pid or name.',
);

// A process object is what `currentProcess()` gives in its own process.
void ((process: Process): Omit<CurrentProcess, 'pid' | 'ident'> => process);
