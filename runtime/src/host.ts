/** What the loader gives the library, which it has compiled by hand. */
export interface Host {
  /** The library's code as V8 compiled it, for another process's loader. */
  compiled(): Buffer;
  import(url: string): Promise<unknown>;
  /** Where the program's first process has found the binary of koffi. */
  readonly binary: string | undefined;
  /** Whether this process goes by code that another one has compiled. */
  readonly tookCode: boolean;
}

/** There is none where a bundler has taken the loader away. */
declare const manycoreHost: Host | undefined;
export const host = typeof manycoreHost === 'undefined' ? undefined : manycoreHost;

/** Whether `require` here is Node's own: so it is where the loader has compiled the library. */
export const hasNodesRequire = host !== undefined;

/** The path of koffi's binary, if a process before this one has looked for it. */
export const knownBinary = (): string | undefined => host?.binary;
