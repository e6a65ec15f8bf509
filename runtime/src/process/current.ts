import { inspect } from 'node:util';
import { provideProcessKey } from '../channel/index.js';
import { AssertionError } from '../errors.js';
import { crypto } from '../lazyNode.js';
import { hasProgram, selfSlot } from '../memory/index.js';

/** What the code of a process can ask about the process it runs in. */
export interface CurrentProcess {
  name: string;
  readonly pid: number;
  /** The same as `pid`. */
  readonly ident: number;
  readonly daemon: boolean;
  /** Empty in the main process; `[2, 1]` for the first process that the main's second one made. */
  readonly identity: readonly number[];
  /** Null: it runs. */
  readonly exitCode: number | null;
  authKey: Uint8Array;
  isAlive(): boolean;
}

/** This process, as the layers below and beside `Process` know it. */
export interface Self {
  name: string;
  readonly daemon: boolean;
  /** Empty in the main process; `[2, 1]` for the first process that the main's second one started. */
  readonly identity: readonly number[];
  authKey: Uint8Array;
  /** The identity of the next process made here. */
  nextIdentity(): readonly number[];
}

class ThisProcess implements Self {
  readonly daemon: boolean;
  readonly identity: readonly number[];
  #name: string;
  #authKey: Uint8Array | undefined;
  #made = 0;

  constructor(name: string, daemon: boolean, identity: readonly number[], authKey?: Uint8Array) {
    this.#name = name;
    this.daemon = daemon;
    this.identity = identity;
    this.#authKey = authKey;
  }

  get name(): string {
    return this.#name;
  }

  set name(name: string) {
    this.#name = checkName(name);
    if (hasProgram()) selfSlot.setText('name', name);
  }

  /** Made when first asked for: most programs never prove to anybody who they are. */
  get authKey(): Uint8Array {
    return (this.#authKey ??= crypto().randomBytes(32));
  }

  set authKey(key: Uint8Array) {
    this.#authKey = checkAuthKey(key);
  }

  nextIdentity(): readonly number[] {
    return [...this.identity, ++this.#made];
  }
}

let me: Self = new ThisProcess('MainProcess', false, []);
let isChild = false;

export const self = (): Self => me;

provideProcessKey(() => me.authKey);

/** Whether this process was started by this library. */
export const isChildProcess = (): boolean => isChild;

/** For the child's bootstrap. */
export function becomeChild(name: string, daemon: boolean, identity: readonly number[], authKey: Uint8Array): void {
  me = new ThisProcess(name, daemon, identity, authKey);
  isChild = true;
  for (const act of whenBecome) act();
}

const whenBecome: (() => void)[] = [];

/** Calls back when this process becomes somebody else, as a spare does: what is known of it is wrong then. */
export function whenBecomes(act: () => void): void {
  whenBecome.push(act);
}

export function checkName(name: unknown): string {
  if (typeof name !== 'string') throw new AssertionError(`name must be a string, not ${typeof name}`);
  return name;
}

export function checkAuthKey(key: unknown): Uint8Array {
  if (!(key instanceof Uint8Array)) throw new TypeError('authKey must be a Uint8Array');
  return key;
}

/** The main process as `currentProcess()` shows it there. */
export const mainProcess: CurrentProcess & { toString(): string; [inspect.custom](): string } = {
  get name() {
    return me.name;
  },
  set name(name) {
    me.name = name;
  },
  get authKey() {
    return me.authKey;
  },
  set authKey(key) {
    me.authKey = key;
  },
  get pid() {
    return process.pid;
  },
  get ident() {
    return process.pid;
  },
  daemon: false,
  identity: Object.freeze<number[]>([]),
  exitCode: null,
  isAlive: () => true,
  toString: () => mainText(),
  [inspect.custom]: () => mainText(),
};

/** As Python prints it. */
const mainText = (): string => `<_MainProcess name=${quoted(me.name)} parent=null started>`;

/** A name as it is printed, whatever is in it. */
export const quoted = (name: string): string => inspect(name, { breakLength: Infinity });
