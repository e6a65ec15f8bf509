import { RuntimeError, ValueError } from '../errors.js';
import { checkNames } from '../optionNames.js';
import { isChildProcess } from './current.js';
import { setUnguarded } from './unguarded.js';

/**
 * How a process comes to be: `'spawn'` starts a new Node, which imports what it needs; `'forkserver'` takes one that
 * was started ahead of time and has imported it already, where there is one.
 */
export type StartMethod = 'spawn' | 'forkserver';

const METHODS: readonly StartMethod[] = ['spawn', 'forkserver'];
const DEFAULT: StartMethod = 'spawn';

const MISSING: Readonly<Record<string, string>> = {
  fork: "the engine's threads and memory cannot be copied into another process",
};

let chosen: StartMethod | undefined;

/** A child starts others as it was started itself. */
const current = (): StartMethod | undefined => chosen ?? (isChildProcess() ? DEFAULT : undefined);

/** For the child's bootstrap: from now on this process starts others as it was started. */
export function inheritStartMethod(method: StartMethod): void {
  chosen = method;
}

/** Throws ValueError for a method that is not there; says why for those that Python has. */
export function checkStartMethod(method: unknown): StartMethod {
  const found = METHODS.find(each => each === method);
  if (found !== undefined) return found;
  const reason = typeof method === 'string' && Object.hasOwn(MISSING, method) ? MISSING[method] : undefined;
  const why = reason === undefined ? '' : `: ${reason}`;
  throw new ValueError(`cannot find context for '${String(method)}'${why}. There are 'spawn' and 'forkserver'.`);
}

/** The start methods there are, the default first (Python: `multiprocessing.get_all_start_methods`). */
export const getAllStartMethods = (): StartMethod[] => [...METHODS];

/**
 * The start method of this process, which is settled by asking (Python: `multiprocessing.get_start_method`). With
 * `allowNone` it is not, and null is the answer until somebody has.
 */
export function getStartMethod(options?: { readonly allowNone?: false | undefined }): StartMethod;
export function getStartMethod(options: { readonly allowNone?: boolean | undefined }): StartMethod | null;
export function getStartMethod(options?: { readonly allowNone?: boolean | undefined }): StartMethod | null {
  const { allowNone = false } = checkNames(options, ['allowNone'], 'getStartMethod');
  return allowNone ? (current() ?? null) : settleStartMethod();
}

/**
 * Chooses the start method of this process and of those it starts; once, before anything is started (Python:
 * `multiprocessing.set_start_method`). With `force` as often as you like; `null` then takes the choice back, and
 * without it chooses the default. Throws RuntimeError when it has been chosen before, ValueError for a method that is not there.
 */
export function setStartMethod(method: StartMethod | null, options?: { readonly force?: boolean | undefined }): void {
  const { force = false } = checkNames(options, ['force'], 'setStartMethod');
  if (current() !== undefined && !force) throw new RuntimeError(`context has already been set${setUnguarded()}`);
  if (method === null) chosen = force ? undefined : settleStartMethod();
  else chosen = checkStartMethod(method);
}

/** The choice, which is the default unless made: from now on, it is made. */
export function settleStartMethod(): StartMethod {
  return (chosen ??= current() ?? DEFAULT);
}
