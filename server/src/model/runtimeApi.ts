/**
 * The library's API as data: what starts a process, where functions and values cross to another one. The names are the
 * runtime's public ones; a test holds this table against its declarations.
 */

/** How the values of an argument travel: itself, its items, the items of its items, or the elements of its array. */
export type Carries = 'value' | 'items' | 'tuples' | 'elements';

export interface CallApi {
  /** The call itself starts a process. */
  starts?: true;
  /** Index of the argument that is a function run in another process. */
  target?: number;
  /** `onwards`: so do all arguments after it. */
  sends?: { argument: number; carries: Carries; onwards?: true };
  /** The target's result travels back. */
  returns?: true;
}

export interface ConstructApi {
  kind: 'pool' | 'process' | 'other';
  starts: boolean;
  /** Members of the options object. */
  target?: { option: string; args: string };
  daemonic: boolean;
}

const task = { target: 0, returns: true } as const;
const items = { ...task, sends: { argument: 1, carries: 'items' } } as const;
const tuples = { ...task, sends: { argument: 1, carries: 'tuples' } } as const;
const elements = { ...task, sends: { argument: 1, carries: 'elements' } } as const;
const value = { sends: { argument: 0, carries: 'value' } } as const;

export const constructors: Record<string, ConstructApi> = {
  Process: { kind: 'process', starts: false, target: { option: 'target', args: 'args' }, daemonic: false },
  Pool: { kind: 'pool', starts: true, target: { option: 'initializer', args: 'initArgs' }, daemonic: true },
  // It starts nothing by itself, but may not be made where nothing may be started.
  ProcessPoolExecutor: {
    kind: 'pool',
    starts: true,
    target: { option: 'initializer', args: 'initArgs' },
    daemonic: false,
  },
};

export const methods: Record<string, Record<string, CallApi>> = {
  Process: { start: { starts: true } },
  Pool: {
    map: items,
    mapAsync: items,
    imap: items,
    imapUnordered: items,
    starmap: tuples,
    starmapAsync: tuples,
    apply: elements,
    applyAsync: elements,
    close: {},
    terminate: {},
    join: {},
  },
  ProcessPoolExecutor: {
    submit: { ...task, sends: { argument: 1, carries: 'value', onwards: true } },
    map: { ...task, sends: { argument: 1, carries: 'items', onwards: true } },
    shutdown: {},
  },
  Queue: { put: value, putSync: value, putNowait: value },
  SimpleQueue: { put: value, putSync: value },
  Connection: { send: value, sendSync: value },
};

/** Functions that start a process when called. */
export const starters: Record<string, string> = { Manager: 'Manager()' };

/** Functions whose answer tells the main process from its children. */
export const guards: ReadonlySet<string> = new Set(['isMain', 'parentProcess', 'currentProcess']);

export const memberNames: ReadonlySet<string> = new Set(Object.values(methods).flatMap(table => Object.keys(table)));

/** Objects of the runtime that stay in the process that made them. Queues, locks and connections are names: they travel. */
export const grounded: ReadonlySet<string> = new Set([
  'Pool',
  'Process',
  'AsyncResult',
  'ProcessPoolExecutor',
  'Future',
]);

/** A member with this key in a class lets its instances travel in a form of their own. */
export const reduceHook = 'manycore.reduce';
