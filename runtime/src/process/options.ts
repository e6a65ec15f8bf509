import { checkNames } from '../optionNames.js';
import type { ChildStdio } from './starting/spawn.js';

/** What a process runs: any function that is an export of a module. */
export type Target<A extends unknown[]> = (...args: A) => unknown;

/** How a process is made (Python: the arguments of `Process`). */
export type ProcessOptions<A extends unknown[]> = Settings & Work<A>;

/** `args` may be left out where the target needs none. */
type Work<A extends unknown[]> = { readonly target?: Target<A> | undefined } & ([] extends A
  ? { readonly args?: NoInfer<A> | undefined }
  : { readonly args: NoInfer<A> });

/** What does not depend on the target. */
export interface Settings {
  /** A label for people; `Process-1`, `Process-2:1`, … unless given. */
  readonly name?: string | undefined;
  /** Ended with its parent, and may have no children. Inherited from the process that makes it unless given. */
  readonly daemon?: boolean | undefined;
  /**
   * Where stdout and stderr go. `'inherit'`, the default: to those of this process. `'pipe'`: to `stdout` and `stderr`
   * of the process object. `'prefix'`: to those of this process, each line after `[name] `. A stream: both go there,
   * whole lines at a time; it is not ended. The last two need this process's event loop to turn.
   */
  readonly stdio?: ChildStdio | undefined;
  /** Options for Node; this process's own unless given. */
  readonly execArgv?: readonly string[] | undefined;
  /** The environment; this process's own unless given. */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

const OPTIONS = ['target', 'args', 'name', 'daemon', 'stdio', 'execArgv', 'env'] as const;

/** Throws TypeError for what is no object of options, for unknown names and for values of a wrong type. */
export function checkOptions(options: { readonly [name in (typeof OPTIONS)[number]]?: unknown }): void {
  if (typeof options === 'function')
    throw new TypeError('the options of Process must be an object such as { target, args: [] }, not the target itself');
  checkNames(options, OPTIONS, 'Process');
  if (options.target !== undefined && typeof options.target !== 'function')
    throw new TypeError('target must be a function');
  if (options.args !== undefined && !Array.isArray(options.args))
    throw new TypeError('args must be an array of arguments');
  checkStart(options, ['inherit', 'ignore', 'pipe', 'prefix'], 'stdio');
}

/** How a Node is started, of whatever kind of process. `stdio` is called that in the error; `outputs` are its words. */
export function checkStart(
  { stdio, execArgv, env }: { readonly stdio?: unknown; readonly execArgv?: unknown; readonly env?: unknown },
  outputs: readonly string[],
  stdioName: string,
): void {
  const isWord = outputs.some(word => word === stdio);
  const isStream = typeof stdio === 'object' && stdio !== null && 'write' in stdio && typeof stdio.write === 'function';
  if (stdio !== undefined && !isWord && !isStream) {
    throw new TypeError(`${stdioName} must be ${outputs.map(word => `'${word}'`).join(', ')} or a stream to write to`);
  }
  const areTexts = Array.isArray(execArgv) && execArgv.every(each => typeof each === 'string');
  if (execArgv !== undefined && !areTexts)
    throw new TypeError("execArgv must be an array of strings, such as ['--max-old-space-size=512']");
  if (env !== undefined && (typeof env !== 'object' || env === null))
    throw new TypeError("env must be an object, such as { ...process.env, NAME: 'value' }");
}
