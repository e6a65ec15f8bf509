/**
 * What the language server and its client say to each other beyond the Language Server Protocol. Types and names only:
 * the client imports this file and nothing else of the server.
 */

/** Zero-based, columns in UTF-16 units, as in the Language Server Protocol. */
export interface Position {
  line: number;
  character: number;
}

export interface Range {
  start: Position;
  end: Position;
}

/** Given once, in `initialize`. */
export interface InitializationOptions {
  /** Path of an `index.d.ts` that types `manycore` where a workspace has not installed it. */
  runtimeTypes?: string;
  /** Folder URL of the rule pages, without the trailing slash; `<docsBaseUrl>/<rule>.md` is what a diagnostic links to. */
  docsBaseUrl?: string;
  /** Quiet time after a keystroke before a file is checked, in milliseconds. Default 100. */
  debounce?: number;
}

/** `default` keeps the rule's own severity. */
export type RuleLevel = 'default' | 'off' | 'error' | 'warning' | 'information' | 'hint';

/** The section `manycore` of the editor's settings, as far as the server reads it (asked for per resource). */
export interface Settings {
  check?: {
    /** Default true. */
    enable?: boolean;
    /** By code (`MC003`) or name (`unpicklable-argument`). */
    rules?: Record<string, RuleLevel>;
  };
}

/** Request, client to server: the exported top-level functions of a file that can run in a pool. */
export const runnableFunctionsRequest = 'manycore/runnableFunctions';

export interface RunnableFunctionsParams {
  uri: string;
}

export interface RunnableFunction {
  /** The function's own name; `default` when it has none. */
  name: string;
  /** The name to import it by; `default` for a default export. */
  exportName: string;
  /** Where the name stands (of a nameless default export: the keyword). */
  range: Range;
  /** Names of the parameters, in order; a rest parameter starts with `...`, a pattern is printed as written. */
  params: string[];
  /** Written or inferred types of the parameters, where the analyzer knows them. */
  paramTypes?: string[];
  isAsync: boolean;
}

/** Request, client to server: what the server runs on and what it holds. */
export const statusRequest = 'manycore/status';

export interface EngineStatus {
  /** Path of the tsconfig or jsconfig; undefined for files that belong to none. */
  configFile: string | undefined;
  root: string;
  /** Files of the project, and how many of them matter to the analyzer. */
  files: number;
  closure: number;
  /** Where `manycore` resolves to: a package, the types the client supplied, or those built into the server. */
  runtime: 'package' | 'supplied' | 'built-in' | 'not used';
}

export interface ServerStatus {
  version: string;
  typescript: string;
  node: string;
  engines: EngineStatus[];
}

/** Notification, server to client: a rule or request failed inside; the server goes on. */
export const problemNotification = 'manycore/problem';

export interface Problem {
  message: string;
  uri?: string;
}
