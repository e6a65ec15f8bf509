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
